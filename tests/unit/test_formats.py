"""Every format gives the same records of text as its contract declares, whatever the program that wrote it."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import making
import pytest
import yaml
from formats import PAIR, SAME, contract, packed, records, refusal

from orchestration.contract import load_contract
from orchestration.errors import ContractError


@pytest.mark.parametrize("kind", SAME)
def test_every_format_gives_the_same_records(tmp_path: Path, kind: str) -> None:
    found = [(key, note.removesuffix(".0")) for _, key, note in records(tmp_path, SAME[kind], contract(kind))]
    assert found == [("a", "1"), ("b", "2.5")]


@pytest.mark.parametrize("kind", SAME)
def test_every_format_compressed_gives_the_same_records(tmp_path: Path, kind: str) -> None:
    content = SAME[kind]
    plain = records(tmp_path, content, contract(kind))
    assert records(tmp_path, gzip.compress(content), contract(kind, compression="gzip")) == plain
    in_zip = packed({"readme.txt": "see page", f"2024/data.{kind}": content})
    declared = contract(kind, compression="zip", member=f"data.{kind}")
    assert records(tmp_path, in_zip, declared) == plain


@pytest.mark.parametrize("kind", SAME)
def test_every_format_names_what_the_header_lacks(tmp_path: Path, kind: str) -> None:
    fields = [*PAIR, making.field("mass_g")]
    assert "lacks the column 'mass_g'" in refusal(tmp_path, SAME[kind], contract(kind, fields=fields))
    assert "column 'note' is not declared" in refusal(tmp_path, SAME[kind], contract(kind, fields=PAIR[:1]))


@pytest.mark.parametrize("kind", [*SAME, "json_stat"])
@pytest.mark.parametrize("other", [*SAME, "page"])
def test_one_format_is_not_taken_for_another(tmp_path: Path, kind: str, other: str) -> None:
    if kind == other or {kind, other} == {"html", "page"}:
        return
    content = SAME.get(other, b"<!DOCTYPE html><html><body>Please log in</body></html>")
    assert refusal(tmp_path, content, contract(kind))


def test_a_table_cut_into_members_is_read_as_one(tmp_path: Path) -> None:
    cut = packed({"x/2.csv": "b,2\n\nc,3\n", "x/1.csv": "a,1\n", "notes.csv": "z,z,z\n"})
    by = contract("csv", compression="zip", members="[0-9].csv", dialect={"header": False})
    assert records(tmp_path, cut, by) == [(1, "a", "1"), (2, "b", "2"), (4, "c", "3")]
    assert "none of its members match '*.txt'; it holds x/2.csv, x/1.csv, notes.csv" in refusal(
        tmp_path, cut, contract("csv", compression="zip", members="*.txt")
    )
    wrong = contract("csv", compression="zip", members="*.csv")
    assert "member '1.csv': there is a header" in refusal(
        tmp_path, packed({"1.csv": "id,note\n", "2.csv": "id,note\na,1\n"}), wrong
    )


# --- encodings

EDITIONS = {"encoding": "utf-8", "otherEncodings": ["utf-16", "windows-1252"]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_edition_may_come_in_any_encoding_declared(tmp_path: Path, encoding: str, end: str) -> None:
    text = "id,note\na,Tromsø\nb,–\n".replace("\n", end)
    found = records(tmp_path, text.encode(encoding), contract("csv", **EDITIONS))
    assert found == [(2, "a", "Tromsø"), (3, "b", "–")]


@pytest.mark.parametrize(
    "content",
    [
        "id,note\na,Tromsø\n".encode() + "b,Bodø\n".encode("windows-1252"),  # both in one file
        "id,note\na,Tromsø\n".encode("utf-16-le"),  # no mark says so
        b"id,note\na,Troms\x81\n",  # a letter in none of them
    ],
)
def test_what_is_in_no_declared_encoding_is_refused_by_the_first(tmp_path: Path, content: bytes) -> None:
    assert re.search(
        r"line \d (is not utf-8|holds a NUL)", refusal(tmp_path, content, contract("csv", **EDITIONS))
    )


# --- delimited text


@pytest.mark.parametrize(
    ("text", "dialect", "expected"),
    [
        ("# 2024\nid,note\n# half\na,1\n", {"commentChar": "#"}, [("a", "1")]),
        ('# 2024\nid,note\n"a",1\n', {"commentChar": "#"}, [("a", "1")]),
        ('id, "note"\na, "1, 2"\n', {"skipInitialSpace": True}, [("a", "1, 2")]),
        ("id,note\na,1\\, 2\n", {"escapeChar": "\\", "quoteChar": None}, [("a", "1, 2")]),
        ('id,note\na,"say \\"hei\\""\n', {"escapeChar": "\\"}, [("a", 'say "hei"')]),
        ("a,1\nb,2\n", {"header": False}, [("a", "1"), ("b", "2")]),
        ("id\tnote\na\t1\n", {"delimiter": "\t"}, [("a", "1")]),
        ("id|note\na|1\n", {"delimiter": "|"}, [("a", "1")]),
    ],
)
def test_any_dialect_is_read(tmp_path: Path, text: str, dialect: dict[str, Any], expected: list[Any]) -> None:
    assert [row[1:] for row in records(tmp_path, text, contract("csv", dialect=dialect))] == expected


def test_without_a_header_every_record_needs_as_many_cells_as_there_are_fields(tmp_path: Path) -> None:
    bare = contract("csv", dialect={"header": False})
    assert records(tmp_path, "a,1\nb,2,3\nc\n", bare) == [(1, "a", "1")]
    assert records(tmp_path, "a\nb\n", bare) == []


# --- what can be declared

SENSELESS = {
    "dialect.sheet means nothing for the format csv": {"dialect": {"sheet": "A"}},
    "dialect.delimiter means nothing for the format json": {"format": "json", "dialect": {"delimiter": ";"}},
    "dialect.table means nothing for the format xlsx": {"format": "xlsx", "dialect": {"table": 1}},
    "give one of them": {"format": "xlsx", "dialect": {"sheet": "A", "sheets": "B"}},
    "'(' is not a regular expression": {"format": "xlsx", "dialect": {"sheets": "("}},
    "dialect.fillDown names region": {"dialect": {"fillDown": ["region"]}},
    "member needs the compression zip": {"compression": "gzip", "member": "a.csv"},
    "members needs the compression zip": {"members": "a.csv"},
    "must hold one group, the value": {
        "fields": [making.field("y", virtual={"from": "sheet", "pattern": "x"})]
    },
    "csv has no sheets": {"fields": [making.field("y", virtual={"from": "sheet", "pattern": "(x)"})]},
    "so it takes no title": {
        "fields": [making.field("y", title="Y", virtual={"from": "file_name", "pattern": "(x)"})]
    },
    "y, which is virtual": {
        "fields": [*PAIR, making.field("y", virtual={"from": "file_name", "pattern": "(x)"})],
        "dialect": {"fillDown": ["y"]},
    },
}


@pytest.mark.parametrize("says", SENSELESS)
def test_what_a_format_cannot_do_is_refused_in_the_contract(tmp_path: Path, says: str) -> None:
    path = making.written(tmp_path / "feed.yml", yaml.safe_dump(making.changed(**SENSELESS[says])))
    with pytest.raises(ContractError, match=re.escape(says)):
        load_contract(path)


def test_a_source_may_bring_its_own_reader(tmp_path: Path) -> None:
    path = making.written(tmp_path / "feed.yml", yaml.safe_dump(making.changed(fields=PAIR)))
    making.written(
        tmp_path / "feed.py",
        "import polars as pl\n"
        "def grid(path, contract):\n"
        "    cells = path.read_text().split()\n"
        "    rows = {'line': [1, 2], 'cells': [2, 2], 'c0': ['id', cells[0]], 'c1': ['note', cells[1]]}\n"
        "    return pl.DataFrame(rows, schema_overrides={'line': pl.Int32, 'cells': pl.Int32})\n",
    )
    assert records(tmp_path, "a 1", load_contract(path)) == [(2, "a", "1")]
