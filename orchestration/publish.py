"""Candidate → verify → swap: the only code that makes the readers' file.

Here: copying the gated marts into a fresh file, checking it as a reader would, keeping it with its page. Not here: meta
tables (meta.py), the page (site/), the swap itself and rollback (builds.py).
"""

from __future__ import annotations

import json
import logging
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from orchestration import builds, internal, meta, retention, site, trace
from orchestration.archive import Archive, file_sha256
from orchestration.code_version import code_version
from orchestration.contract import Contract
from orchestration.database import connect, transaction
from orchestration.errors import BuildRefused
from orchestration.exports import write_exports
from orchestration.settings import Settings
from orchestration.stages import require_whole_chain
from orchestration.transform import manifest_nodes

log = logging.getLogger("beslag")
STORAGE_VERSION = "v1.2.0"  # the default of DuckDB 2.0 cannot be read by any 1.x client
JOIN_ORDER = "join_order,build_side_probe_side"  # what of DuckDB's optimizers turns joins round
READERS_SCHEMAS = ("marts", "reference")
ALLOWED_TYPES = {"BOOLEAN", "INTEGER", "BIGINT", "DOUBLE", "VARCHAR", "DATE", "TIMESTAMP"}  # and DECIMAL(p,s)


def publish(settings: Settings, contracts: dict[str, Contract]) -> tuple[str, bool]:
    """Make a build from the gated marts, keep it, and make it the readers' file unless a rollback holds.

    Returns:
        (build id, whether readers see it now).

    Raises:
        BuildRefused: when the gates have not passed on the marts as they stand, or the candidate does not verify.
    """
    require_whole_chain(settings.build)
    now = datetime.now(UTC).replace(tzinfo=None)
    started = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as precise as the build's id
    version = code_version(settings)
    if (newest := builds.newest_made_at(settings)) and started <= newest:
        # The clock was set back: builds sort by their time, and the newest must stay the newest.
        started = newest + timedelta(milliseconds=1)
        log.warning(
            "  clock      stands before the build that was made last; this one is dated just after it"
        )
    build_id = f"{started:{builds.TIME}}"[:-3] + f"-{version[:6]}"
    folder = settings.builds / (build_id + builds.PART)
    shutil.rmtree(folder, ignore_errors=True)
    settings.builds.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(mode=0o700)
    candidate = folder / builds.WAREHOUSE
    nodes = readers_nodes(settings)
    with connect() as con:
        con.execute(f"attach '{_quoted(candidate)}' as candidate (storage_version '{STORAGE_VERSION}')")
        con.execute(f"attach '{_quoted(settings.build)}' as build (read_only)")
        _copy_tables(con, nodes)
        # Of an as-of build: what readers were given then and can no longer be made.
        gone = Archive(settings.archive).missing(settings.known_before) if settings.known_before else []
        facts = meta.Facts(build_id, started, settings.as_of, version, not gone)
        controls_synthetic = settings.synthetic_is_real
        with transaction(con):  # else each of 800 comments is written to the disk for itself
            meta.write(con, facts, contracts, nodes, _previous(settings), controls_synthetic)
            _comment(con, nodes)
        _keep_rows(con, folder, nodes)
        if settings.internal:
            internal.write(con, folder / builds.INTERNAL, contracts, STORAGE_VERSION)
        con.execute("checkpoint candidate")
    verify(candidate, nodes)
    candidate.chmod(0o444)
    site.write(candidate, folder / builds.SITE)
    write_exports(candidate, folder / builds.EXPORTS, contracts)
    record = builds.Build(
        build_id=build_id,
        built_at=f"{started.isoformat(timespec='seconds')}Z",
        as_of=settings.as_of.isoformat() if settings.as_of else None,
        code_version=version,
        inputs=builds.inputs(contracts, settings),
        sha256=file_sha256(candidate),
        forgotten=gone,
    )
    builds.write_record(folder, record)
    folder.rename(settings.builds / build_id)
    seen = builds.held_by_rollback(settings) is None
    if seen:
        builds.swap_in(settings, build_id)
    retention.clear_builds(settings)
    return build_id, seen


def readers_nodes(settings: Settings) -> list[dict[str, Any]]:
    """The dbt models and seeds that readers get, sorted by schema and name."""
    nodes = [
        node for node in manifest_nodes(settings).values()
        if node["resource_type"] in ("model", "seed") and node["schema"] in READERS_SCHEMAS
    ]  # fmt: skip
    return sorted(nodes, key=lambda n: (n["schema"], n["name"]))


def _copy_tables(con: duckdb.DuckDBPyConnection, nodes: list[dict[str, Any]]) -> None:
    for schema in READERS_SCHEMAS:
        con.execute(f"create schema candidate.{schema}")
    for node in nodes:
        name, said = f"{node['schema']}.{node['name']}", node["config"].get("meta", {})
        copy = f"create table candidate.{name} as select * from build.{name}"
        if said.get("in_order"):
            # Sorting lines and their texts once more would take a third of writing them. Each group of rows is handed on
            # whole as long as DuckDB takes the joins in the order they are written in; groups may change places.
            con.execute(f"set disabled_optimizers = '{JOIN_ORDER}'")
            con.execute(copy)
            con.execute("reset disabled_optimizers")
        else:
            # Sorted by its grain: the same rows give the same file, and filters on the leading columns read less.
            con.execute(f"{copy} order by {', '.join(said.get('grain', [])) or 'all'}")


def _comment(con: duckdb.DuckDBPyConnection, nodes: list[dict[str, Any]]) -> None:
    con.execute("use candidate")
    for node in nodes:
        columns = {column["name"]: column["description"] for column in node["columns"].values()}
        con.execute(meta.comments(f"{node['schema']}.{node['name']}", node["description"], columns))
    con.execute("use memory")


def _keep_rows(con: duckdb.DuckDBPyConnection, folder: Path, nodes: list[dict[str, Any]]) -> None:
    """Keep, for `beslag trace`, which delivery and line stand behind each row of the row-level models, and no more."""
    lineage = {n["name"]: n["config"]["meta"] for n in nodes if n["config"].get("meta", {}).get("row_model")}
    rows = folder / "rows"
    rows.mkdir(mode=0o700)
    for model in sorted({traced["row_model"] for traced in lineage.values()}):
        asked = trace.columns([traced for traced in lineage.values() if traced["row_model"] == model])
        described = con.execute(f"describe build.intermediate.{model}").fetchall()
        kept = ", ".join(name for name, *_ in described if name in asked)
        con.execute(
            f"copy (select {kept} from build.intermediate.{model}) to '{_quoted(rows / model)}.parquet' (compression zstd)"
        )
    con.execute(
        "copy (select delivery_id, source, sha256, file_name, known_at from build.ops.deliveries) "
        f"to '{_quoted(rows / 'deliveries.parquet')}'"
    )
    (rows / "lineage.json").write_text(json.dumps(lineage, indent=1) + "\n", "utf-8")


def verify(candidate: Path, nodes: list[dict[str, Any]]) -> None:
    """Open the candidate as a reader would and look.

    Raises:
        BuildRefused: a table or comment is missing, a type is one BI drivers dislike, or `meta.build` is not one row.
    """
    with connect(candidate, read_only=True) as con:
        tables = {
            tuple(row)
            for row in con.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        }
        wanted = {(n["schema"], n["name"]) for n in nodes} | {("meta", name) for name in meta.TABLES}
        bad_types = con.execute(
            "select table_name || '.' || column_name || ' is ' || data_type from duckdb_columns() "
            f"where not internal and data_type not in {tuple(sorted(ALLOWED_TYPES))} and data_type not like 'DECIMAL%'"
        ).fetchall()
        silent = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where not internal and comment is null union all "
            "select schema_name || '.' || table_name || '.' || column_name from duckdb_columns() where not internal and comment is null"
        ).fetchall()
        builds_stated = con.execute("select count(*) from meta.build").fetchone()
    problems = [f"{s}.{t} is missing" for s, t in sorted(wanted - tables)]
    problems += [row[0] for row in bad_types] + [f"{row[0]} has no comment" for row in silent]
    if builds_stated != (1,):
        problems.append("meta.build does not hold exactly one row")
    if problems:
        raise BuildRefused(
            f"The candidate file does not verify: {'; '.join(problems[:5])}. Nothing was published."
        )


def _previous(settings: Settings) -> Path | None:
    newest = builds.kept_builds(settings)
    return settings.builds / newest[-1].build_id / builds.WAREHOUSE if newest else None


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
