"""For every key that declares a format or layout: a file that reads differently with it and without it."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any, NamedTuple

import making
from formats import PAIR, contract, packed, sheets

from orchestration.errors import DeliveryRefused

CSV = "id,note\na,1\n"
TABLE = "<table><tr><th>id</th><th>note</th></tr><tr><td>a</td><td>1</td></tr></table>"
TAGGED = (
    TABLE.replace("table", "x-table")
    .replace("tr>", "line>")
    .replace("td>", "column>")
    .replace("th>", "column>")
)
YEAR = making.field("year", optional=True)


class Shown(NamedTuple):
    """A file of one format, and the keys of two contracts that read it differently."""

    kind: str
    content: str | bytes
    without: dict[str, Any]
    with_it: dict[str, Any]


def tagged(**changed: list[str]) -> Shown:
    """The nonstandard table, read with all its tags declared and with one of them wrong."""
    tags = {"table": ["x-table"], "row": ["line"], "cell": ["column"]}
    return Shown("html", TAGGED, {"dialect": {"tags": tags | changed}}, {"dialect": {"tags": tags}})


def virtual(origin: str, pattern: str) -> dict[str, Any]:
    """A field whose value comes from a name."""
    return {"fields": [*PAIR, making.field("year", virtual={"from": origin, "pattern": pattern})]}


FORMAT_KEYS: dict[str, Shown] = {
    "compression": Shown("csv", gzip.compress(CSV.encode()), {}, {"compression": "gzip"}),
    "member": Shown(
        "csv",
        packed({"a.csv": CSV, "b.csv": "id,note\nb,2\n"}),
        {"compression": "zip", "member": "a.csv"},
        {"compression": "zip", "member": "b.csv"},
    ),
    "members": Shown(
        "csv",
        packed({"a1.csv": CSV, "a2.csv": "id,note\nb,2\n", "b.csv": "id,note\nc,3\n"}),
        {"compression": "zip", "member": "a1.csv"},
        {"compression": "zip", "members": "a*.csv"},
    ),
    "dialect.commentChar": Shown("csv", "# 2024\n" + CSV, {}, {"dialect": {"commentChar": "#"}}),
    "dialect.skipInitialSpace": Shown(
        "csv", 'id,note\na, "1, 2"\n', {}, {"dialect": {"skipInitialSpace": True}}
    ),
    "dialect.escapeChar": Shown("csv", 'id,note\na,"say \\"hei\\""\n', {}, {"dialect": {"escapeChar": "\\"}}),
    "dialect.header": Shown("csv", "a,1\n", {}, {"dialect": {"header": False}}),
    "dialect.fillDown": Shown("csv", CSV + ",2\n", {}, {"dialect": {"fillDown": ["id"]}}),
    "dialect.records": Shown(
        "json",
        '{"a": [{"id": "a", "note": "1"}], "b": [{"id": "b", "note": "2"}]}',
        {"dialect": {"records": "a"}},
        {"dialect": {"records": "b"}},
    ),
    "dialect.sheets": Shown(
        "xlsx",
        sheets(A=[["id", "note"], ["a", 1]], B=[["id", "note"], ["b", 2]]),
        {},
        {"dialect": {"sheets": "[AB]"}},
    ),
    "dialect.table": Shown("html", TABLE + TABLE.replace(">a<", ">b<"), {}, {"dialect": {"table": 2}}),
    "dialect.tags.table": tagged(table=["table"]),
    "dialect.tags.row": tagged(row=["tr"]),
    "dialect.tags.cell": tagged(cell=["td"]),
    "dialect.tags.skip": Shown(
        "html", TABLE.replace(">1<", ">1<sup>a</sup><"), {}, {"dialect": {"tags": {"skip": ["sup"]}}}
    ),
    "schema.fields.virtual.from": Shown(
        "xlsx",
        sheets(A2024=[["id", "note"], ["a", 1]]),
        virtual("file_name", "^(.)"),
        virtual("sheet", "^(.)"),
    ),
    "schema.fields.virtual.pattern": Shown(
        "xlsx", sheets(A2024=[["id", "note"], ["a", 1]]), virtual("sheet", "^(.)"), virtual("sheet", r"(\d+)")
    ),
}


def seen(folder: Path, shown: Shown, keys: dict[str, Any]) -> Any:
    """The records by a contract with these keys, or the refusal."""
    path = making.written(folder / f"file.{shown.kind}", shown.content)
    try:
        return making.records(path, contract(shown.kind, **keys), path.name).frame.rows()
    except DeliveryRefused as error:
        return str(error)
