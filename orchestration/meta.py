"""`meta.*`: what readers may know about a build: its inputs, checks, changes, rejects and the data dictionary.

No row content of a source stands in any of these tables.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from orchestration.contract import Contract
from orchestration.database import append

SCHEMA_VERSION = "1.1"  # raised in CHANGELOG.md whenever a published column changes its meaning, name or type
MEASURE_TYPES = ("BIGINT", "INTEGER", "DOUBLE", "DECIMAL")
Columns = dict[tuple[str, str], dict[str, str]]  # (database, mart) → column → type

# table -> (what one row is, {column: (type, what it says)})
TABLES: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
    "build": ("One row: the build this file is.", {
        "build_id": ("varchar", "Identifier of the build; sorts by time"),
        "built_at": ("timestamp", "When the build was made, UTC"),
        "as_of": ("date", "Only deliveries known by the end of this day were used; null for the latest"),
        "code_version": ("varchar", "Hash of contracts, models, suites and code"),
        "schema_version": ("varchar", "Version of the published schemas"),
        "is_reproducible": ("boolean", "False where a delivery known by the day of as_of has been forgotten since, so that "
                            "these are not the figures of that day"),
    }),
    "snapshots": ("One row per delivery behind the build; rows_in_file = rows_loaded + rows_quarantined + rows_dropped.", {
        "source": ("varchar", "Source"),
        "sha256": ("varchar", "SHA-256 of the delivered bytes, hexadecimal"),
        "file_name": ("varchar", "Name the file was delivered under"),
        "size_bytes": ("bigint", "Size of the file in bytes"),
        "known_at": ("timestamp", "When its contents were known, UTC"),
        "loaded_at": ("timestamp", "When it was read into the build, UTC"),
        "rows_in_file": ("bigint", "Records in the file's own layout"),
        "rows_loaded": ("bigint", "Records accepted, known before or not"),
        "rows_quarantined": ("bigint", "Records set aside with a reason"),
        "rows_dropped": ("bigint", "Records left out by a named rule of the contract"),
        "licence": ("varchar", "Licence of the source"),
    }),
    "drops": ("One row per delivery and drop rule.", {
        "source": ("varchar", "Source"),
        "sha256": ("varchar", "SHA-256 of the delivered bytes"),
        "rule": ("varchar", "Name of the rule in the contract"),
        "reason": ("varchar", "Why the rule exists"),
        "rows": ("bigint", "Records left out"),
    }),
    "control_totals": ("One row per delivery of an open source and number field: its sum before and after judging.", {
        "source": ("varchar", "Source"),
        "sha256": ("varchar", "SHA-256 of the delivered bytes"),
        "field": ("varchar", "Field of the contract"),
        "unit": ("varchar", "Unit of the sums"),
        "in_file": ("decimal(38,6)", "Sum over every readable cell of the file, in `unit`"),
        "loaded": ("decimal(38,6)", "Sum over accepted records, in `unit`"),
        "quarantined": ("decimal(38,6)", "Sum over quarantined records, in `unit`"),
        "dropped": ("decimal(38,6)", "Sum over records dropped as exact duplicates, in `unit`"),
    }),
    "sources": ("One row per source, delivered or not.", {
        "source": ("varchar", "Source"),
        "title": ("varchar", "What it is"),
        "producer": ("varchar", "Who made it"),
        "licence": ("varchar", "Under which licence"),
        "grain": ("varchar", "What one row is"),
        "row_unit": ("varchar", "seizure, exhibit, aggregate or observation"),
        "cadence": ("varchar", "How often it is delivered"),
        "freshness_days": ("bigint", "Days after which it counts as stale"),
        "disclosure": ("varchar", "open or restricted"),
    }),
    "corrections": ("One row per correction of a delivered value that this build made.", {
        "source": ("varchar", "Source"),
        "field": ("varchar", "Field of the contract that is corrected"),
        "reason": ("varchar", "Why"),
        "reported_to": ("varchar", "Who can repair the source"),
        "until": ("date", "Until when the correction may stand"),
        "rows": ("bigint", "Rows corrected"),
    }),
    "check_results": ("One row per check of the gates and dbt tests that let this build through.", {
        "suite": ("varchar", "Suite the check belongs to"),
        "check_name": ("varchar", "Name of the check"),
        "table_name": ("varchar", "Table it judged"),
        "column_name": ("varchar", "Column it judged; null when the whole table"),
        "severity": ("varchar", "error blocks the build, warn does not"),
        "success": ("boolean", "Whether it held"),
        "observed": ("varchar", "What was observed, without row content"),
        "failing_rows": ("bigint", "Rows that failed; null when it does not count rows"),
    }),
    "accepted": ("One row per difference from the build before that the baseline suite refused and an operator accepted.", {
        "mart": ("varchar", "Mart"),
        "source": ("varchar", "Source"),
        "period": ("varchar", "Year; empty when over all closed years"),
        "measure": ("varchar", "What moved: row count, a total, a category or the spread over categories"),
        "reason": ("varchar", "Why it is right"),
        "baseline_build": ("varchar", "The build it was compared with"),
    }),
    "rejects": ("One row per source and reason: rows in quarantine.", {
        "source": ("varchar", "Source"),
        "reason": ("varchar", "Why the rows were set aside"),
        "rows": ("bigint", "How many records, over all deliveries of the build"),
    }),
    "changes": ("One row per figure that moved since the build before; of restricted sources only figures that both builds show.", {
        "mart": ("varchar", "Mart"),
        "row_key": ("varchar", "The row, as column=value of its grain"),
        "column_name": ("varchar", "The figure"),
        "value_before": ("double", "Its value in the build before; null when the row is new"),
        "value_now": ("double", "Its value now; null when the row is gone"),
        "deliveries": ("varchar", "Files of its source that are new since the build before; empty when the code changed it"),
    }),
    "columns": ("One row per column: the data dictionary, source fields (schema raw, not published) included.", {
        "table_schema": ("varchar", "Schema"),
        "table_name": ("varchar", "Table"),
        "column_name": ("varchar", "Column"),
        "data_type": ("varchar", "Type"),
        "unit": ("varchar", "Unit, where the contract of a source states one"),
        "description": ("varchar", "What it says, with its unit"),
    }),
}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What `meta.build` states."""

    build_id: str
    built_at: datetime
    as_of: date | None
    code_version: str
    is_reproducible: bool = True


def write(
    con: duckdb.DuckDBPyConnection,
    facts: Facts,
    contracts: dict[str, Contract],
    nodes: list[dict[str, Any]],
    previous: Path | None,
    controls_synthetic: bool = False,
) -> None:
    """Fill `candidate.meta` on a connection that has `candidate` and `build` attached.

    Of controlled rows `meta.changes` tells a figure only where both builds show it; synthetic rows are exempt unless
    `controls_synthetic`.
    """
    con.execute("create schema candidate.meta")
    for table, (sentence, columns) in TABLES.items():
        name = f"candidate.meta.{table}"
        con.execute(f"create table {name} ({', '.join(f'{c} {kind}' for c, (kind, _) in columns.items())})")
        con.execute(comments(name, sentence, {column: says for column, (_, says) in columns.items()}))
    con.execute(
        "insert into candidate.meta.build values (?, ?, ?, ?, ?, ?)",
        [facts.build_id, facts.built_at, facts.as_of, facts.code_version, SCHEMA_VERSION, facts.is_reproducible],
    )  # fmt: skip
    _from_ops(con)
    _from_contracts(con, contracts)
    _dictionary(con, contracts, nodes)
    if previous is not None:
        con.execute(f"attach '{_path(previous)}' as previous (read_only)")
        restricted = [c.name for c in contracts.values() if c.disclosure == "restricted"]
        controlled = f"list_has_any(string_split(source, '+'), [{', '.join(_text(r) for r in restricted)}])"
        if not controls_synthetic:
            controlled += " and not is_synthetic"
        of_marts = _columns_of_marts(con)
        for node in nodes:
            if node["schema"] == "marts" and node["name"] != "seizures":
                _changes(con, node, of_marts, controlled)


def comments(table: str, sentence: str, columns: Mapping[str, str]) -> str:
    """SQL, to be run at once, that says of a table and its columns what they are, each in one line."""
    said = {f"table {table}": sentence} | {f"column {table}.{name}": says for name, says in columns.items()}
    return "; ".join(f"comment on {what} is {_text(' '.join(says.split()))}" for what, says in said.items())


def _from_ops(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("""
        insert into candidate.meta.snapshots
        select source, sha256, file_name, size_bytes, known_at, loaded_at, rows_in_file, rows_loaded,
            rows_quarantined, rows_dropped, licence
        from build.ops.deliveries order by source, known_at, sha256""")
    con.execute("""
        insert into candidate.meta.check_results
        select suite, check_name, table_name, column_name, severity, success, observed, failing_rows
        from build.ops.check_results order by all""")
    con.execute("""
        insert into candidate.meta.corrections
        select source, field, reason, reported_to, until, rows from build.ops.corrections where rows > 0 order by all""")
    con.execute("""
        insert into candidate.meta.accepted
        select mart, source, period, measure, accepted, baseline_build from build.ops.baseline where accepted is not null order by all""")
    con.execute("""
        insert into candidate.meta.rejects
        select source, reason, cast(sum(rows) as bigint) from build.ops.reject_counts where field is null group by all order by all""")


def _from_contracts(con: duckdb.DuckDBPyConnection, contracts: dict[str, Contract]) -> None:
    every = contracts.values()
    append(con, "candidate.meta.sources", [
        (c.name, c.title, "; ".join(p.title for p in c.sources), c.licence, c.grain, c.row_unit, c.cadence,
         c.freshness_days, c.disclosure) for c in every
    ])  # fmt: skip
    con.execute("create temp table said (source varchar, name varchar, words varchar)")
    append(con, "said", [(c.name, rule.rule, rule.reason) for c in every for rule in c.drop])
    con.execute("""
        insert into candidate.meta.drops
        select d.source, s.sha256, d.rule, w.words, d.rows
        from build.ops.drops as d inner join build.ops.deliveries as s using (delivery_id)
        inner join said as w on d.source = w.source and d.rule = w.name order by all""")
    con.execute("delete from said")
    append(
        con,
        "said",
        [(c.name, f.name, f.unit) for c in every if c.disclosure == "open" for f in c.kept_fields],
    )
    con.execute("""
        insert into candidate.meta.control_totals
        select t.source, s.sha256, t.field, w.words, t.in_file, t.loaded, t.quarantined, t.dropped
        from build.ops.control_totals as t inner join build.ops.deliveries as s using (delivery_id)
        inner join said as w on t.source = w.source and t.field = w.name order by all""")
    con.execute("drop table said")


def _dictionary(
    con: duckdb.DuckDBPyConnection, contracts: dict[str, Contract], nodes: list[dict[str, Any]]
) -> None:
    rows: list[tuple[str, str, str, str, str | None, str]] = [
        ("raw", c.name, f.name, kind, f.unit, f.description)
        for c in contracts.values()
        for f, (_, kind) in zip(c.kept_fields, c.raw_columns(), strict=True)
    ]
    said = {
        (n["schema"], n["name"], column["name"]): column["description"]
        for n in nodes
        for column in n["columns"].values()
    } | {
        ("meta", table, column): says
        for table, (_, columns) in TABLES.items()
        for column, (_, says) in columns.items()
    }
    types = con.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() where database_name = 'candidate'"
    ).fetchall()
    rows += [(s, t, c, kind, None, said.get((s, t, c), "")) for s, t, c, kind in types]
    rows.sort(key=lambda r: r[:3])
    append(con, "candidate.meta.columns", rows)


def _changes(con: duckdb.DuckDBPyConnection, node: dict[str, Any], columns: Columns, controlled: str) -> None:
    """Figures of one mart that differ between the build before and this one, unpivoted to one row a figure."""
    mart, grain = node["name"], list(node["config"].get("meta", {}).get("grain", []))
    before, now = columns["previous", mart], columns["candidate", mart]
    measures = [
        c
        for c, kind in now.items()
        if c not in grain and kind.startswith(MEASURE_TYPES) and before.get(c, "").startswith(MEASURE_TYPES)
    ]
    if not measures or not set(grain) <= set(before):
        return
    key = " || ' ' || ".join(f"'{c}=' || coalesce(cast({c} as varchar), '')" for c in grain)
    source = "source" if "source" in now else "''"
    figures = ", ".join(f"cast({c} as double) as {c}" for c in measures)

    def long(side: str) -> str:
        wide = f"select {key} as row_key, {source} as source, {controlled} as is_controlled, {figures} from {side}.marts.{mart}"
        return f"(unpivot ({wide}) on {', '.join(measures)} into name column_name value figure)"

    con.execute(f"""
        insert into candidate.meta.changes
        with new_files as (
            select source, string_agg(file_name || ' (' || sha256[:12] || ')', ', ' order by known_at, sha256) as files
            from candidate.meta.snapshots as s
            where not exists (
                select 1 from previous.meta.snapshots as p
                where p.source = s.source and p.sha256 = s.sha256 and p.known_at = s.known_at)
            group by source),
        moved as (
            select coalesce(b.row_key, n.row_key) as row_key, coalesce(b.column_name, n.column_name) as column_name,
                b.figure as value_before, n.figure as value_now, coalesce(n.source, b.source) as source
            from {long("previous")} as b
            full join {long("candidate")} as n on b.row_key = n.row_key and b.column_name = n.column_name
            where b.figure is distinct from n.figure
                and ((b.figure is not null and n.figure is not null)
                    or not (coalesce(b.is_controlled, false) or coalesce(n.is_controlled, false))))
        select '{mart}', m.row_key, m.column_name, m.value_before, m.value_now,
            coalesce(string_agg(f.files, ', ' order by f.source), '')
        from moved as m left join new_files as f on list_contains(string_split(m.source, '+'), f.source)
        group by all order by all""")


def _columns_of_marts(con: duckdb.DuckDBPyConnection) -> Columns:
    """Asked once: DuckDB makes the list of all columns of all attached files for it."""
    found: Columns = defaultdict(dict)
    for database, mart, column, kind in con.execute(
        "select database_name, table_name, column_name, data_type from duckdb_columns() "
        "where database_name in ('previous', 'candidate') and schema_name = 'marts' order by column_index"
    ).fetchall():
        found[database, mart][column] = kind
    return found


def _path(path: Path) -> str:
    return str(path).replace("'", "''")


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
