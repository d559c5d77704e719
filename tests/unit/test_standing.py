"""Views, reference tables and tables of what was not delivered anew stand while they are as they were noted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration import standing, tables
from orchestration.database import connect


def node(schema: str, name: str, kind: str, *reads: str) -> dict[str, Any]:
    resource = "seed" if kind == "seed" else "model"
    return {
        "unique_id": f"{resource}.beslag.{name}", "schema": schema, "name": name, "resource_type": resource,
        "config": {"materialized": kind}, "depends_on": {"nodes": list(reads)},
    }  # fmt: skip


NODES = [
    node("marts", "both", "table", "model.beslag.made", "model.beslag.seen", "seed.beslag.units"),
    node("reference", "units", "seed"),
    node("marts", "seen", "view", "model.beslag.other"),
    node("marts", "made", "table", "source.beslag.raw.one"),
    node("marts", "other", "table", "source.beslag.history.two"),
    node("marts", "books", "table", "source.beslag.ops.vintages"),
    {
        "unique_id": "test.beslag.t",
        "resource_type": "test",
        "config": {},
        "depends_on": {"nodes": ["model.beslag.made"]},
    },
]
ALL = {"both", "units", "seen", "made", "other", "books"}


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A build that was noted; the sources `one` and `two` have delivered once each."""
    with connect(tmp_path / "build.duckdb") as con:
        con.execute(tables.OPS_DDL)
        for source in ("one", "two"):
            con.execute("insert into ops.sources values (?, 'read so')", [source])
            deliver(con, source)
        con.execute("create schema reference; create schema marts")
        con.execute("create table reference.units as select 'g' as unit, 1 as grams")
        for table in ("made", "other", "books", "both"):
            con.execute(f"create table marts.{table} as select 1 as a")
        con.execute("create view marts.seen as select * from marts.other")
        standing.note(con, NODES, "code")
        yield con


def deliver(con: duckdb.DuckDBPyConnection, source: str) -> None:
    con.execute(
        "insert into ops.deliveries (delivery_id, source, sha256, known_at) "
        "values (nextval('ops.delivery_ids'), ?, 'sha', '2024-01-01')",
        [source],
    )


def stands(con: duckdb.DuckDBPyConnection, code: str = "code") -> set[str]:
    return {node["name"] for node in standing.stand(con, NODES, code)}


def test_all_stands_while_nothing_is_delivered(con: duckdb.DuckDBPyConnection) -> None:
    assert stands(con) == ALL


@pytest.mark.parametrize(
    ("change", "gone"),
    [
        ("update ops.deliveries set sha256 = 'other' where source = 'one'", {"made", "both", "books"}),
        ("delete from ops.deliveries where source = 'one'", {"made", "both", "books"}),
        (
            "update ops.sources set parse_version = 'read otherwise' where source = 'one'",
            {"made", "both", "books"},
        ),
        ("insert into ops.corrections (source, line) values ('two', 4)", {"other", "both", "books"}),
        ("insert into ops.sources values ('three', 'read so')", set()),
        ("create or replace table marts.made as select 1 as a", {"made"}),
        ("drop table marts.both", {"both"}),
    ],
)
def test_what_reads_a_source_stands_until_that_delivers(
    con: duckdb.DuckDBPyConnection, change: str, gone: set[str]
) -> None:
    con.execute(change)
    assert stands(con) == ALL - gone


def test_a_delivery_is_noted_with_what_was_made_of_it(con: duckdb.DuckDBPyConnection) -> None:
    deliver(con, "two")
    assert stands(con) == ALL - {"other", "both", "books"}
    for _ in range(2):  # nothing is left to be noted the second time
        standing.note(con, NODES, "code")
        assert stands(con) == ALL


def test_dbt_is_told_what_to_leave_alone(con: duckdb.DuckDBPyConnection) -> None:
    deliver(con, "one")
    assert standing.excluded(standing.stand(con, NODES, "code")) == [
        "--exclude", "config.materialized:view", "resource_type:seed", "other"
    ]  # fmt: skip
    assert standing.excluded(standing.stand(con, NODES, "other code")) == []


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
def test_nothing_stands_beside_a_view_or_reference_table_that_was_changed(
    con: duckdb.DuckDBPyConnection, change: str
) -> None:
    con.execute(change)
    assert stands(con) == set()


def test_other_code_would_make_others(con: duckdb.DuckDBPyConnection) -> None:
    assert stands(con, "other code") == set()
    standing.note(con, NODES, "other code")
    assert stands(con, "other code") == ALL


def test_what_is_missing_when_it_is_noted_never_stands(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("drop view marts.seen")
    standing.note(con, NODES, "code")
    assert stands(con) == set()
