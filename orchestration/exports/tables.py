"""Tables of a published file as Parquet and CSV. Not here: which rows may leave (licences.py), metadata (datapackage.py).

CSV: UTF-8, commas, `.` as decimal sign, UTC with `Z`, an empty cell is null. A text cell that a spreadsheet would
compute (it begins with = + - @, their full-width forms, tab or carriage return), or that begins with ', gets
one ' before it; whoever takes one leading ' off every text cell has the value back. Numbers stay as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import duckdb

from orchestration.exports.licences import Omitted, Origin, Rule

SCHEMAS = ("marts", "reference")
COMPUTED = "^[=+@＝＋－＠\\t\\r''-]"  # noqa: RUF001 - the full-width forms are meant; '' is one ' in SQL
CSV, PARQUET = "csv", "parquet"


@dataclass(frozen=True)
class Column:
    """A column as the file describes it."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True)
class Table:
    """A table of the published file and the part of it that may leave."""

    schema: str
    name: str
    comment: str
    columns: tuple[Column, ...]
    rows: int
    origins: tuple[Origin, ...]  # of the rows that may leave; empty for the project's own tables
    omitted: tuple[Omitted, ...]

    @property
    def full_name(self) -> str:
        """`schema.table`."""
        return f"{self.schema}.{self.name}"

    @property
    def leaves(self) -> bool:
        """Whether anything of it may be exported; a table that is empty but not for its licences is."""
        return bool(self.rows) or not self.omitted


@dataclass(frozen=True)
class File:
    """A written file, by its path below the export."""

    path: str
    format: str
    bytes: int
    sha256: str


def read_tables(con: duckdb.DuckDBPyConnection, rule: Rule) -> list[Table]:
    """Every table that readers have, with what may leave, by schema and name."""
    found = con.execute(
        "select schema_name, table_name, comment from duckdb_tables() "
        f"where not internal and schema_name in {SCHEMAS} order by all"
    ).fetchall()
    its_columns = columns(con)
    return [
        _table(con, rule, its_columns[f"{schema}.{name}"], schema, name, says) for schema, name, says in found
    ]


def origins(con: duckdb.DuckDBPyConnection) -> set[Origin]:
    """Every (source, is_synthetic) among the published rows."""
    return {
        (source, bool(synthetic))
        for table, its_columns in columns(con).items()
        if table.partition(".")[0] in SCHEMAS and _has(its_columns, "source")
        for source, synthetic, _ in _counted(con, table, its_columns)
    }


def columns(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[Column, ...]]:
    """The columns of each `schema.table`, in their order."""
    rows = con.execute(
        "select schema_name || '.' || table_name, column_name, data_type, comment from duckdb_columns() "
        "where not internal order by 1, column_index"
    ).fetchall()
    return {
        table: tuple(Column(*row[1:]) for row in of_table)
        for table, of_table in groupby(rows, key=itemgetter(0))
    }


def write(con: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> list[File]:
    """Write what may leave of a table, as CSV and Parquet, in the order of the published file.

    The connection must have one thread: the same table then gives the same bytes.
    """
    con.execute("create or replace temp table leaving (source varchar, is_synthetic boolean)")
    for origin in table.origins:
        con.execute("insert into leaving values (?, ?)", origin)
    where = ""
    if table.origins:
        synthetic = "is_synthetic" if _has(table.columns, "is_synthetic") else "false"
        where = f" where (source, {synthetic}) in (select (source, is_synthetic) from leaving)"
    plain = ", ".join(f'"{c.name}"' for c in table.columns)
    cells = ", ".join(f'{_cell(c)} as "{c.name}"' for c in table.columns)
    files = []
    for kind, select, options in (
        (CSV, cells, "format csv, header, delimiter ',', quote '\"', escape '\"', nullstr ''"),
        (PARQUET, plain, "format parquet, compression zstd"),
    ):
        path = folder / kind / f"{table.full_name}.{kind}"
        path.parent.mkdir(exist_ok=True)
        target = str(path).replace("'", "''")
        con.execute(f"copy (select {select} from {table.full_name}{where}) to '{target}' ({options})")
        with path.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
        files.append(File(f"{kind}/{path.name}", kind, path.stat().st_size, digest))
    return files


def _table(
    con: duckdb.DuckDBPyConnection,
    rule: Rule,
    its_columns: tuple[Column, ...],
    schema: str,
    name: str,
    comment: str,
) -> Table:
    full = f"{schema}.{name}"
    if schema == "reference" and not _has(its_columns, "source"):
        return Table(schema, name, comment, its_columns, _count(con, full), (), ())
    rows, leaving, omitted = 0, [], []
    for source, synthetic, count in _counted(con, full, its_columns):
        if why := rule.refuses((source, synthetic)):
            omitted.append(Omitted(full, source, count, why))
        else:
            leaving.append((source, synthetic))
            rows += count
    return Table(schema, name, comment, its_columns, rows, tuple(leaving), tuple(omitted))


def _counted(
    con: duckdb.DuckDBPyConnection, table: str, its_columns: Sequence[Column]
) -> list[tuple[str | None, bool, int]]:
    """(source, is_synthetic, rows) of a table; a table without `source` counts as of none, and as real."""
    source = "source" if _has(its_columns, "source") else "null::varchar"
    synthetic = "coalesce(is_synthetic, false)" if _has(its_columns, "is_synthetic") else "false"
    query = f"select {source}, {synthetic}, count(*) from {table} group by all order by all"
    return con.execute(query).fetchall()


def _cell(column: Column) -> str:
    if column.type == "VARCHAR":
        return f"case when regexp_matches({column.name}, '{COMPUTED}') then '''' || {column.name} else {column.name} end"
    if column.type == "TIMESTAMP":
        return f"strftime({column.name}, '%Y-%m-%dT%H:%M:%S.%fZ')"
    return column.name


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    row = con.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0


def _has(its_columns: Sequence[Column], name: str) -> bool:
    return any(c.name == name for c in its_columns)
