"""`catalog.jsonld`: the export as a DCAT-AP 3.0 catalogue, one dataset per table, one distribution per file.

Addresses are relative to the file, so that they hold wherever the folder is served from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.contract import Contract
from orchestration.exports import datapackage
from orchestration.exports.tables import CSV, PARQUET, File, Table

FILE_NAME = "catalog.jsonld"
AUTHORITY = "http://publications.europa.eu/resource/authority"
FORMATS = {CSV: f"{AUTHORITY}/file-type/CSV", PARQUET: f"{AUTHORITY}/file-type/PARQUET"}
THEMES = (f"{AUTHORITY}/data-theme/JUST", f"{AUTHORITY}/data-theme/HEAL")
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def describe(
    build: Mapping[str, Any], written: Sequence[tuple[Table, list[File]]], contracts: Mapping[str, Contract]
) -> dict[str, Any]:
    """The catalogue of one build."""
    issued = {"@type": "xsd:dateTime", "@value": f"{build['built_at'].isoformat(timespec='seconds')}Z"}
    return {
        "@context": CONTEXT,
        "@id": "#catalog",
        "@type": "dcat:Catalog",
        "dct:title": _text(datapackage.TITLE),
        "dct:description": _text(datapackage.DESCRIPTION),
        "dct:publisher": {"@id": "#publisher", "@type": "foaf:Agent", "foaf:name": _text("Beslag")},
        "dct:language": {"@id": f"{AUTHORITY}/language/ENG"},
        "dct:issued": issued,
        "dcat:dataset": [_dataset(table, files, issued, contracts) for table, files in written],
    }


def _dataset(
    table: Table, files: Sequence[File], issued: dict[str, str], contracts: Mapping[str, Contract]
) -> dict[str, Any]:
    return {
        "@id": f"#{table.full_name}",
        "@type": "dcat:Dataset",
        "dct:identifier": table.full_name,
        "dct:title": _text(table.full_name),
        "dct:description": _text(table.comment),
        "dct:publisher": {"@id": "#publisher"},
        "dct:issued": issued,
        "dct:provenance": [
            {"@type": "dct:ProvenanceStatement", "rdfs:label": _text(producer["title"])}
            for producer in datapackage.producers(table, contracts)
        ],
        "dcat:theme": [{"@id": theme} for theme in THEMES],
        "dcat:distribution": [_distribution(table, file, contracts) for file in files],
    }


def _distribution(table: Table, file: File, contracts: Mapping[str, Contract]) -> dict[str, Any]:
    licences = datapackage.licences(table, contracts)
    # DCAT-AP knows one licence of a distribution; rows under several are a matter of rights.
    terms: dict[str, Any] = {
        "dct:rights": {
            "@type": "dct:RightsStatement",
            "rdfs:label": _text("Rows are under the licence of their source: " + _named(licences)),
        }
    }
    if len(licences) == 1:
        terms = {"dct:license": {"@id": licences[0]["path"], "@type": "dct:LicenseDocument"}}
    return {
        "@id": f"#{table.full_name}.{file.format}",
        "@type": "dcat:Distribution",
        "dct:title": _text(file.path),
        "dcat:accessURL": {"@id": file.path},
        "dcat:downloadURL": {"@id": file.path},
        "dct:format": {"@id": FORMATS[file.format], "@type": "dct:MediaTypeOrExtent"},
        "dcat:mediaType": {
            "@id": f"https://www.iana.org/assignments/media-types/{datapackage.MEDIA_TYPES[file.format]}"
        },
        "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(file.bytes)},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": file.sha256},
        },
        **terms,
    }


def _named(licences: Sequence[Mapping[str, str]]) -> str:
    return "; ".join(f"{licence['title']} ({licence['path']})" for licence in licences)


def _text(value: str) -> dict[str, str]:
    return {"@value": value, "@language": "en"}
