"""What of a build stands as dbt would make it again: views and reference tables, which no delivery changes.

dbt spends 25 ms on each of them, and they are half of its nodes. After a whole `dbt build` it is noted what they are and
which code made them. While both are as noted, they are left alone; after a `dbt build` by hand, say, they are made again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import duckdb

Node = dict[str, Any]
# What dbt leaves out of a build while they stand.
LEFT_ALONE = ("--exclude", "config.materialized:view", "resource_type:seed")
DDL = "create schema if not exists ops; create table if not exists ops.standing (mark varchar);"


def of(nodes: Sequence[Node]) -> list[Node]:
    """The nodes that no delivery changes."""
    return [n for n in nodes if n["resource_type"] == "seed" or n["config"].get("materialized") == "view"]


def stand(con: duckdb.DuckDBPyConnection, nodes: Sequence[Node], code_version: str) -> bool:
    """Whether views and reference tables are as they were noted, made by this code."""
    con.execute(DDL)
    noted, mark = con.execute("select mark from ops.standing").fetchall(), _mark(con, nodes, code_version)
    return mark is not None and noted == [(mark,)]


def note(con: duckdb.DuckDBPyConnection, nodes: Sequence[Node], code_version: str) -> None:
    """Note that all of them were made by this code just now."""
    con.execute(f"{DDL} delete from ops.standing")
    con.execute("insert into ops.standing values (?)", [_mark(con, nodes, code_version)])


def _mark(con: duckdb.DuckDBPyConnection, nodes: Sequence[Node], code_version: str) -> str | None:
    """A hash of the code, the definition of every view and the rows of every reference table; None when one is missing."""
    found = {
        (schema, name): sql
        for schema, name, sql in con.execute(
            "select schema_name, view_name, sql from duckdb_views() union all "
            "select schema_name, table_name, sql from duckdb_tables()"
        ).fetchall()
    }
    fixed = {(n["schema"], n["name"]): n["resource_type"] == "seed" for n in of(nodes)}
    if not fixed.keys() <= found.keys():
        return None
    rows = " union all ".join(
        f"select '{schema}.{name}' as made, count(*) as n, sum(cast(hash(t) as hugeint)) as content from {schema}.{name} as t"
        for (schema, name), is_seed in fixed.items()
        if is_seed
    )
    definitions = sorted((key, found[key]) for key in fixed)
    contents = con.execute(f"{rows} order by made").fetchall() if rows else []
    return hashlib.sha256(repr((code_version, definitions, contents)).encode()).hexdigest()
