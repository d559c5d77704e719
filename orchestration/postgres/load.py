"""Filling new schemas, `<schema>__next`, beside those that readers use. Not here: showing them (swap.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
from adbc_driver_postgresql import dbapi

from orchestration.errors import BeslagError
from orchestration.exports.tables import Column, columns
from orchestration.postgres.address import PostgresError, literal, name, query, run

SCHEMAS = ("marts", "reference", "meta")
NEXT = "__next"
MARK = "Beslag: "  # begins the comment of every schema of ours
SAYS = {
    "marts": "what analysts use",
    "reference": "substances, units, places, breaks",
    "meta": "the build, its deliveries, checks and data dictionary",
}
BATCH_ROWS = 50_000
TYPES = {"VARCHAR": "text", "DOUBLE": "double precision"}  # the others are called the same


@dataclass(frozen=True)
class Table:
    """A table of the published file."""

    schema: str
    name: str
    comment: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Loaded:
    """What was filled, and by which transaction."""

    rows: int
    transaction: str


def tables(file: duckdb.DuckDBPyConnection) -> list[Table]:
    """Every table that readers have, by schema and name."""
    found = file.execute(
        "select schema_name, table_name, comment from duckdb_tables() "
        f"where not internal and schema_name in {SCHEMAS} order by all"
    ).fetchall()
    its_columns = columns(file)
    return [Table(s, t, comment or "", its_columns[f"{s}.{t}"]) for s, t, comment in found]


def ensure_reader(pg: dbapi.Connection, reader: str) -> None:
    """Make the role that may read, without login; roles that log in are made its members.

    Raises:
        PostgresError: it does not exist and the account may not make it.
    """
    if query(pg, "select 1 from pg_roles where rolname = $1", reader):
        return
    if query(pg, "select 1 from pg_roles where rolname = current_user and (rolcreaterole or rolsuper)"):
        run(pg, f"create role {name(reader)} nologin")
        pg.commit()
        return
    raise PostgresError(
        f"The role {reader} does not exist and this account may not make it; have an administrator run "
        f"`create role {name(reader)} nologin`, or name another with --reader. Readers see what they saw."
    )


def fill(
    pg: dbapi.Connection, file: duckdb.DuckDBPyConnection, found: Sequence[Table], build_id: str
) -> Loaded:
    """Make and fill the next schemas in one transaction. Nobody else may read them yet.

    Raises:
        BeslagError: a table arrived with another number of rows than the file has.
    """
    for schema in SCHEMAS:
        _drop_left_over(pg, schema + NEXT)
        run(pg, f"create schema {name(schema + NEXT)}")
        says = f"{MARK}{SAYS[schema]}. Build {build_id}; replaced whole by the next export."
        run(pg, f"comment on schema {name(schema + NEXT)} is {literal(says)}")
    rows = sum(_copy(pg, file, table) for table in found)
    transaction = query(pg, "select pg_current_xact_id()::text")[0][0]
    pg.commit()
    return Loaded(rows, str(transaction))


def _drop_left_over(pg: dbapi.Connection, schema: str) -> None:
    """Of an export that was killed; swap.py has made sure that it is ours."""
    run(pg, f"drop schema if exists {name(schema)} cascade")


def _copy(pg: dbapi.Connection, file: duckdb.DuckDBPyConnection, table: Table) -> int:
    target = name(table.schema + NEXT, table.name)
    cells = ", ".join(f"{name(c.name)} {TYPES.get(c.type, c.type.lower())}" for c in table.columns)
    run(pg, f"create table {target} ({cells})", f"comment on table {target} is {literal(table.comment)}")
    for column in table.columns:
        run(pg, f"comment on column {target}.{name(column.name)} is {literal(column.comment or '')}")
    relation = file.table(f"{table.schema}.{table.name}")
    with pg.cursor() as cursor:
        cursor.adbc_ingest(
            table.name,
            relation.to_arrow_reader(BATCH_ROWS),
            mode="append",
            db_schema_name=table.schema + NEXT,
        )
    run(pg, f"analyze {target}")
    counted = file.execute(f"select count(*) from {table.schema}.{table.name}").fetchall()[0][0]
    arrived = query(pg, f"select count(*) from {target}")[0][0]
    if arrived != counted:
        raise BeslagError(
            f"{table.schema}.{table.name} arrived with {arrived} rows instead of {counted}; nothing was shown to readers."
        )
    return int(arrived)
