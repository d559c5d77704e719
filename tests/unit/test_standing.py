"""Views and reference tables stand while they are as they were noted, made by the same code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration import standing
from orchestration.database import connect

NODES: list[dict[str, Any]] = [
    {"schema": "reference", "name": "units", "resource_type": "seed", "config": {"materialized": "seed"}},
    {"schema": "marts", "name": "seen", "resource_type": "model", "config": {"materialized": "view"}},
    {"schema": "marts", "name": "made", "resource_type": "model", "config": {"materialized": "table"}},
]


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A build whose views and reference tables were noted."""
    with connect(tmp_path / "build.duckdb") as con:
        con.execute("create schema reference; create schema marts")
        con.execute("create table reference.units as select 'g' as unit, 1 as grams")
        con.execute("create table marts.made as select 1 as a")
        con.execute("create view marts.seen as select * from marts.made")
        standing.note(con, NODES, "code")
        yield con


def test_what_no_delivery_changes_stands_whatever_the_tables_hold(con: duckdb.DuckDBPyConnection) -> None:
    assert [node["name"] for node in standing.of(NODES)] == ["units", "seen"]
    assert standing.stand(con, NODES, "code")
    con.execute("create or replace table marts.made as select 2 as a")
    assert standing.stand(con, NODES, "code")


@pytest.mark.parametrize(
    "change",
    [
        "create or replace view marts.seen as select a + 1 as a from marts.made",
        "drop view marts.seen",
        "update reference.units set grams = 1000",
        "insert into reference.units values ('g', 1)",
        "alter table reference.units rename grams to kilograms",
        "drop table reference.units",
        "drop table ops.standing",
    ],
)
def test_what_was_changed_does_not_stand(con: duckdb.DuckDBPyConnection, change: str) -> None:
    con.execute(change)
    assert not standing.stand(con, NODES, "code")


def test_other_code_would_make_others(con: duckdb.DuckDBPyConnection) -> None:
    assert not standing.stand(con, NODES, "other code")
    standing.note(con, NODES, "other code")
    assert standing.stand(con, NODES, "other code")


def test_what_is_missing_when_it_is_noted_never_stands(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("drop view marts.seen")
    standing.note(con, NODES, "code")
    assert not standing.stand(con, NODES, "code")
