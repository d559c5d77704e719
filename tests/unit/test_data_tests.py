"""dbt's data tests asked as SQL: every compiled one, each under its own name, an error in one a failure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration import data_tests

MODEL = "model.beslag.m"


def a_test(name: str, sql: str | None, severity: str = "ERROR", **config: Any) -> dict[str, Any]:
    return {
        "resource_type": "test", "name": name, "compiled_code": sql, "attached_node": MODEL, "column_name": None,
        "original_file_path": "models/m.yml", "depends_on": {"nodes": [MODEL]},
        "config": data_tests.AS_ANY | {"severity": severity} | config,
    }  # fmt: skip


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("create table m as select * from (values (1), (2), (2)) as v (n)")
    return con


def test_each_test_is_judged_under_its_name(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    nodes = [
        a_test("b_refuses", "\nselect * from m where n = 2\n"),
        a_test("a_passes", "select * from m where n = 3"),
        a_test("c_warns", "with w as (select n from m) select * from w where n = 1 -- said", "warn"),
        a_test("d_breaks", "select * from m where nowhere = 1", "warn"),
    ]
    found = data_tests.run(con, data_tests.asked(nodes), {MODEL}, tmp_path)
    assert [(r.check_name, r.success, r.severity, r.failing_rows) for r in found] == [
        ("a_passes", True, "error", 0), ("b_refuses", False, "error", 2), ("c_warns", False, "warn", 1),
        ("d_breaks", False, "error", None),
    ]  # fmt: skip
    assert [r.observed for r in found[:3]] == ["passed", "fail: 2 rows", "warn: 1 rows"]
    assert "nowhere" in found[3].observed and found[3].refuses


def test_what_was_not_built_is_not_asked(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert data_tests.run(con, [a_test("a", "select 1")], {"model.beslag.other"}, tmp_path) == []


def test_a_project_without_compiled_tests_is_refused() -> None:
    with pytest.raises(ValueError, match="lets everything pass"):
        data_tests.asked([a_test("a", None), {"resource_type": "model"}])


def test_a_test_that_counts_in_its_own_way_is_refused() -> None:
    with pytest.raises(ValueError, match="warn_if"):
        data_tests.asked([a_test("a", "select 1", warn_if="> 10")])
