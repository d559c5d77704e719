"""Open data: what of a build may be handed on, as Parquet and CSV with a Data Package and a DCAT-AP catalogue.

A function of the build's own file and of the contracts' licences, with the same bytes for the same input.
Not here: PostgreSQL (postgres/), which is for the operator's own readers and leaves nothing out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from orchestration.contract import Contract
from orchestration.database import connect
from orchestration.exports import datapackage, dcat, tables
from orchestration.exports.licences import Rule


def write_exports(warehouse: Path, folder: Path, contracts: Mapping[str, Contract]) -> None:
    """Write the export of a published file into a folder that does not exist yet."""
    folder.mkdir()
    with connect(warehouse, read_only=True, one_thread=True) as con:
        found = tables.read_tables(con, Rule(contracts, tables.origins(con)))
        written = [(table, tables.write(con, table, folder)) for table in found if table.leaves]
        build = _build(con)
    _json(folder / "datapackage.json", datapackage.describe(build, written, found, contracts))
    _json(folder / dcat.FILE_NAME, dcat.describe(build, written, contracts))


def _build(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    cursor = con.execute("select build_id, built_at, as_of, schema_version from meta.build")
    names = [column[0] for column in cursor.description or ()]
    return dict(zip(names, cursor.fetchall()[0], strict=True))


def _json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
