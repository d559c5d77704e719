"""`datapackage.json` (Data Package 2.0): every exported file, its columns, licences and sources, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.contract import Contract
from orchestration.exports.licences import names
from orchestration.exports.tables import CSV, PARQUET, Column, File, Table

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
RESOURCE_PROFILE = "https://datapackage.org/profiles/2.0/dataresource.json"
SCHEMA_PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"
TITLE = "Beslag: drug seizures and drug-market indicators"
DESCRIPTION = (
    "The published marts and reference tables, as far as the licences of their sources let them be handed on; what "
    "was left out, and why, stands under `omitted`. Rows with is_synthetic = true are evidence of nothing. CSV: an empty "
    "cell is null; one leading ' of a text cell is no part of it (it keeps spreadsheets from computing the cell)."
)
OWN = {"title": "MIT", "path": "https://opensource.org/license/mit", "name": "MIT"}
OWN_SOURCE = {"title": "Beslag, reference tables of its own"}
MEDIA_TYPES = {CSV: "text/csv", PARQUET: "application/vnd.apache.parquet"}
TYPES = {
    "BOOLEAN": "boolean",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "DOUBLE": "number",
    "VARCHAR": "string",
    "DATE": "date",
    "TIMESTAMP": "datetime",
}


def describe(
    build: Mapping[str, Any], written: Sequence[tuple[Table, list[File]]], tables: Sequence[Table],
    contracts: Mapping[str, Contract],
) -> dict[str, Any]:  # fmt: skip
    """The package of one build."""
    return {
        "$schema": PROFILE,
        "name": "beslag",
        "title": TITLE,
        "description": DESCRIPTION,
        "version": build["schema_version"],
        "created": f"{build['built_at'].isoformat(timespec='seconds')}Z",
        "build": build["build_id"],
        "as_of": build["as_of"].isoformat() if build["as_of"] else None,
        "resources": [_resource(t, f, contracts) for t, files in written for f in files],
        "omitted": [
            {"table": o.table, "source": o.source, "rows": o.rows, "reason": o.reason}
            for table in tables
            for o in table.omitted
        ],
    }


def licences(table: Table, contracts: Mapping[str, Contract]) -> list[dict[str, str]]:
    """The licences of its rows, each once; the project's own for its own tables."""
    stated = [licence for name in sources(table) for licence in contracts[name].licenses]
    lets = [lic for lic in stated if lic.redistribution in ("allowed", "synthetic_rows") and lic.path]
    return _once({"title": lic.title, "path": str(lic.path)} for lic in lets) or [OWN]


def producers(table: Table, contracts: Mapping[str, Contract]) -> list[dict[str, str]]:
    """Who made its rows, each once."""
    stated = (producer for name in sources(table) for producer in contracts[name].sources)
    return _once({"title": p.title} | ({"path": p.path} if p.path else {}) for p in stated) or [OWN_SOURCE]


def sources(table: Table) -> list[str]:
    """The sources of the rows that leave, sorted."""
    return sorted({name for source, _ in table.origins for name in names(source)})


def _resource(table: Table, file: File, contracts: Mapping[str, Contract]) -> dict[str, Any]:
    as_table: dict[str, Any] = {"type": "table", "format": CSV, "encoding": "utf-8", "rows": table.rows}
    # Not "parquet": frictionless would read it through pandas, where whole numbers beside nulls become fractions
    # and fail the schema. Named so, it holds the file against its hash and size.
    as_file = {"format": "apache-parquet"}
    return {
        "$schema": RESOURCE_PROFILE,
        "name": f"{table.full_name}.{file.format}",
        "title": table.full_name,
        "description": table.comment,
        "path": file.path,
        "mediatype": MEDIA_TYPES[file.format],
        **(as_table if file.format == CSV else as_file),
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
        "is_synthetic": any(synthetic for _, synthetic in table.origins),
        "licenses": licences(table, contracts),
        "sources": producers(table, contracts),
        "schema": {
            "$schema": SCHEMA_PROFILE,
            "missingValues": [""],
            "fields": [_field(c) for c in table.columns],
        },
    }


def _field(column: Column) -> dict[str, str]:
    kind = "number" if column.type.startswith("DECIMAL") else TYPES[column.type]
    return {"name": column.name, "type": kind, "description": column.comment}


def _once(items: Any) -> list[dict[str, str]]:
    return list({tuple(item.items()): item for item in items}.values())
