"""What of a build stands as dbt would make it again, so that dbt, which spends 25 ms on each node, is not asked to.

Views and reference tables, half of the nodes, no delivery changes: after a whole `dbt build` it is noted what they are and
which code made them. While they are as noted, a table stands too as long as nothing was delivered to a source that it
reads; that is noted as its comment, which is gone with the table once anybody makes it again, by hand say.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from graphlib import TopologicalSorter
from typing import Any

import duckdb

Node = dict[str, Any]
NO_DELIVERY_CHANGES = ("config.materialized:view", "resource_type:seed")
BOOKS = "ops"  # dbt's name for the pipeline's own tables, which any delivery may change
DDL = "create schema if not exists ops; create table if not exists ops.standing (mark varchar);"


def stand(con: duckdb.DuckDBPyConnection, nodes: Sequence[Node], code_version: str) -> list[Node]:
    """The nodes that are as this code would make them again; none of them when a view or a reference table is not."""
    con.execute(DDL)
    noted, mark = con.execute("select mark from ops.standing").fetchall(), _mark(con, nodes, code_version)
    if mark is None or noted != [(mark,)]:
        return []
    found, marks = _comments(con), _table_marks(con, nodes, code_version)
    return _fixed(nodes) + [n for n in _tables(nodes) if found.get(_name(n)) == marks[n["unique_id"]]]


def excluded(standing: Sequence[Node]) -> list[str]:
    """dbt's selection of all but the nodes that stand."""
    names = (node["name"] for node in _tables(standing))
    return ["--exclude", *NO_DELIVERY_CHANGES, *names] if standing else []


def note(con: duckdb.DuckDBPyConnection, nodes: Sequence[Node], code_version: str) -> None:
    """Note that all nodes are as this code makes them of what was delivered."""
    marks, found = _table_marks(con, nodes, code_version), _comments(con)
    con.execute(f"{DDL} delete from ops.standing")
    con.execute("insert into ops.standing values (?)", [_mark(con, nodes, code_version)])
    made = [n for n in _tables(nodes) if _name(n) in found and found[_name(n)] != marks[n["unique_id"]]]
    con.execute(";".join(f"comment on table {'.'.join(_name(n))} is '{marks[n['unique_id']]}'" for n in made))


def _fixed(nodes: Sequence[Node]) -> list[Node]:
    return [n for n in nodes if n["resource_type"] == "seed" or n["config"].get("materialized") == "view"]


def _tables(nodes: Sequence[Node]) -> list[Node]:
    return [
        n for n in nodes if n["resource_type"] == "model" and n["config"].get("materialized") != "view"
    ]  # fmt: skip


def _name(node: Node) -> tuple[str, str]:
    return node["schema"], node["name"]


def _comments(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str | None]:
    rows = con.execute("select schema_name, table_name, comment from duckdb_tables()").fetchall()
    return {(schema, name): comment for schema, name, comment in rows}


def _table_marks(con: duckdb.DuckDBPyConnection, nodes: Sequence[Node], code_version: str) -> dict[str, str]:
    """By table a hash of the code and of what was delivered to the sources behind it, corrections included."""
    delivered = _delivered(con)

    def mark(read: set[str]) -> str:
        told = [(source, rows) for source, rows in delivered.items() if source in read or BOOKS in read]
        return hashlib.sha256(repr((code_version, sorted(told))).encode()).hexdigest()

    return {one: mark(read) for one, read in _sources(nodes).items()}


def _delivered(con: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """By source what it delivered and how that is read, and its corrections: what raw is a function of."""
    found: dict[str, list[str]] = defaultdict(list)
    for source, *rest in (
        con.execute(
            "select source, delivery_id, sha256, known_at, parse_version from ops.deliveries "
            "inner join ops.sources using (source) order by all"
        ).fetchall()
        + con.execute("select * from ops.corrections order by all").fetchall()
    ):
        found[source].append(repr(rest))
    return found


def _sources(nodes: Sequence[Node]) -> dict[str, set[str]]:
    """By node the sources behind it, and BOOKS where it reads those."""
    reads = {node["unique_id"]: node.get("depends_on", {}).get("nodes", []) for node in nodes}
    found: dict[str, set[str]] = {}
    for one in TopologicalSorter(reads).static_order():
        if one.startswith("source."):
            _, _, room, source = one.split(".")
            found[one] = {BOOKS if room == BOOKS else source}
        else:
            found[one] = set().union(*(found[other] for other in reads.get(one, [])))
    return found


def _mark(con: duckdb.DuckDBPyConnection, nodes: Sequence[Node], code_version: str) -> str | None:
    """A hash of the code, the definition of every view and the rows of every reference table; None when one is missing."""
    found = {
        (schema, name): sql
        for schema, name, sql in con.execute(
            "select schema_name, view_name, sql from duckdb_views() union all "
            "select schema_name, table_name, sql from duckdb_tables()"
        ).fetchall()
    }
    fixed = {_name(n): n["resource_type"] == "seed" for n in _fixed(nodes)}
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
