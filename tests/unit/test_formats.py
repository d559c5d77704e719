"""Every format gives the same records of text as its contract declares, whatever the program that wrote it."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import making
import polars as pl
import pytest
import xlsxwriter
import yaml
from hypothesis import given
from hypothesis import strategies as st

from orchestration.contract import Contract, load_contract
from orchestration.errors import ContractError, DeliveryRefused
from orchestration.layouts import read_records

ODS = "application/vnd.oasis.opendocument.spreadsheet"
PAIR = [making.field("id"), making.field("note")]
TABLE = "<table><tr><th>id</th><th>note</th></tr><tr><td>a</td><td>1</td></tr></table>"


def contract(kind: str, **keys: Any) -> Contract:
    return making.feed(**{"fields": PAIR, "format": kind, **keys})


def records(folder: Path, content: str | bytes, by: Contract, name: str = "file") -> list[tuple[Any, ...]]:
    """(line, field …) of every record that has as many cells as the header."""
    found = read_records(making.written(folder / name, content), by)
    return found.frame.filter(found.frame["cells"] == found.width).drop("cells").rows()


def refusal(folder: Path, content: str | bytes, by: Contract) -> str:
    with pytest.raises(DeliveryRefused) as error:
        records(folder, content, by)
    return str(error.value)


def ods(rows: Iterable[Sequence[str | float]], content: str | None = None, sheet: str = "Data") -> bytes:
    """An OpenDocument spreadsheet of one sheet."""
    space = "urn:oasis:names:tc:opendocument:xmlns"
    kinds = {str: 'office:value-type="string"', float: 'office:value-type="float" office:value="{}"'}
    cells = (
        "".join(
            f"<table:table-cell {kinds[type(cell)].format(cell)}><text:p>{cell}</text:p></table:table-cell>"
            for cell in row
        )
        for row in rows
    )
    body = content or "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)
    text = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{space}:office:1.0" '
        f'xmlns:table="{space}:table:1.0" xmlns:text="{space}:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="{sheet}">{body}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    manifest = (
        f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{space}:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS}"/></manifest:manifest>'
    )
    return packed(
        {
            "mimetype": ODS,
            "content.xml": text,
            "META-INF/manifest.xml": manifest,
        }
    )


def packed(members: dict[str, str | bytes]) -> bytes:
    """A zip file."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            how = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, how)
    return memory.getvalue()


def sheets(**pages: Sequence[Sequence[Any]]) -> bytes:
    """A workbook of several sheets."""
    memory = io.BytesIO()
    with xlsxwriter.Workbook(memory, {"in_memory": True}) as book:
        for name, rows in pages.items():
            page = book.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    return memory.getvalue()


def parquet(frame: pl.DataFrame) -> bytes:
    memory = io.BytesIO()
    frame.write_parquet(memory)
    return memory.getvalue()


ROWS = [["id", "note"], ["a", "1"], ["b", "2.5"]]
SAME = {
    "csv": "id,note\na,1\nb,2.5\n",
    "xlsx": making.workbook(ROWS),
    "ods": ods(ROWS),
    "json": '[{"id": "a", "note": 1}, {"id": "b", "note": 2.5}]',
    "html": "<table>" + "".join(f"<tr><td>{a}<td>{b}" for a, b in ROWS) + "</table>",
    "parquet": parquet(pl.DataFrame({"id": ["a", "b"], "note": [1.0, 2.5]})),
}


@pytest.mark.parametrize("kind", SAME)
def test_every_format_gives_the_same_records(tmp_path: Path, kind: str) -> None:
    found = [(key, note.removesuffix(".0")) for _, key, note in records(tmp_path, SAME[kind], contract(kind))]
    assert found == [("a", "1"), ("b", "2.5")]


@pytest.mark.parametrize("kind", SAME)
def test_every_format_compressed_gives_the_same_records(tmp_path: Path, kind: str) -> None:
    content = SAME[kind].encode() if isinstance(SAME[kind], str) else SAME[kind]
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


@pytest.mark.parametrize("kind", [*SAME, "xls", "json_stat"])
@pytest.mark.parametrize("other", [*SAME, "page"])
def test_one_format_is_not_taken_for_another(tmp_path: Path, kind: str, other: str) -> None:
    if kind == other or {kind, other} == {"html", "page"}:
        return
    content = SAME.get(other, "<!DOCTYPE html><html><body>Please log in</body></html>")
    assert refusal(tmp_path, content, contract(kind))


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


# --- sheets


def test_every_sheet_whose_name_matches_is_read_and_lines_count_on(tmp_path: Path) -> None:
    book = sheets(
        Notes=[["about"]],
        Y2021=[["id", "note"], ["a", 1], [], ["b", 2]],
        Y2023=[["Title"], ["note", "id"], [3, "c"]],
    )
    year = making.field("year", type="year", virtual={"from": "sheet", "pattern": r"^Y(\d{4})$"})
    by = contract("xlsx", fields=[*PAIR, year], dialect={"sheets": r"^Y\d{4}$", "headerSearchRows": 2})
    assert records(tmp_path, book, by) == [
        (2, "a", "1", "2021"), (4, "b", "2", "2021"), (7, "c", "3", "2023"),
    ]  # fmt: skip


def test_a_sheet_that_is_not_as_declared_is_named(tmp_path: Path) -> None:
    book = sheets(A=[["id", "note"], ["a", 1]], B=[["id", "remark"], ["b", 2]])
    assert "sheet 'B': the header lacks the column 'note'" in refusal(
        tmp_path, book, contract("xlsx", dialect={"sheets": "."})
    )
    missing = contract("xlsx", dialect={"sheets": "^Tab"})
    assert "no sheet '^Tab' but A, B; correct 'dialect.sheets'" in refusal(tmp_path, book, missing)
    unnamed = making.field("year", virtual={"from": "sheet", "pattern": r"(\d{4})"})
    assert "the sheet's name, 'A', does not match" in refusal(
        tmp_path, book, contract("xlsx", fields=[*PAIR, unnamed])
    )


def test_sheets_of_unequal_width_keep_their_ragged_rows_apart(tmp_path: Path) -> None:
    book = sheets(A=[["id"], ["a"], ["b", "stray"]], B=[["id", "note"], ["c", 1], ["d", 2, "stray"]])
    by = contract("xlsx", fields=[PAIR[0], making.field("note", optional=True)], dialect={"sheets": "."})
    assert records(tmp_path, book, by) == [(2, "a", None), (5, "c", "1")]


def test_a_value_from_the_file_name(tmp_path: Path) -> None:
    country = making.field("country", virtual={"from": "file_name", "pattern": r"^([A-Z]{2})_"})
    by = contract("csv", fields=[*PAIR, country])
    assert records(tmp_path, "id,note\na,1\n", by, "NO_2024.csv") == [(2, "a", "1", "NO")]
    assert "the file's name, 'file', does not match" in refusal(tmp_path, "id,note\na,1\n", by)
    archived = making.written(tmp_path / "0a" / "0a1b", "id,note\na,1\n")
    assert read_records(archived, by, "SE_2024.csv").frame["country"].to_list() == ["SE"]


def test_merged_cells_are_filled_from_above_within_their_sheet_only(tmp_path: Path) -> None:
    rows = [["id", "note"], ["a", 1], ["", 2], [" ", 3], ["b", ""], ["", 5]]
    by = contract("xlsx", dialect={"fillDown": ["id"], "sheets": "."})
    found = records(tmp_path, sheets(A=rows, B=[["id", "note"], ["", 6]]), by)
    assert [row[1:] for row in found] == [
        ("a", "1"), ("a", "2"), ("a", "3"), ("b", None), ("b", "5"), (None, "6"),
    ]  # fmt: skip


def test_typed_cells_come_as_text_that_contracts_can_read(tmp_path: Path) -> None:
    memory = io.BytesIO()
    with xlsxwriter.Workbook(memory, {"in_memory": True}) as book:
        page, dated = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        page.write_row(0, 0, ["id", "day", "mass_g"])
        page.write(1, 0, "typed")
        page.write_datetime(1, 1, datetime(2024, 1, 2), dated)
        page.write_number(1, 2, 0.1 + 0.2)
        page.write_row(2, 0, ["serial", 45293, 7])
        page.write_row(3, 0, [2024, "2024-01-02", "1e3"])
        page.write_formula(4, 0, '="form"&"ula"', None, "formula")
        page.write_formula(4, 2, "=NA()", None, "#N/A")
    fields = [
        making.field("id"),
        making.field("day", type="date", format=["%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "excel"]),
        making.field("mass_g", type="number"),
    ]
    found = making.read(tmp_path, memory.getvalue(), contract("xlsx", fields=fields))
    day = date(2024, 1, 2)
    assert making.rows(found) == [
        ("2024", day, Decimal(1000)), ("formula", None, None), ("serial", day, Decimal(7)), ("typed", day, Decimal("0.3")),
    ]  # fmt: skip


@pytest.mark.parametrize("declared", ["A1", "A1:B2", "A1:XFD1048576", "B7:C9"])
def test_a_workbook_whose_declared_dimension_is_wrong_is_read_whole(tmp_path: Path, declared: str) -> None:
    book = making.workbook([["id", "note"], *([f"a{i}", i] for i in range(50))])
    members = {}
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        for name in archive.namelist():
            text = archive.read(name)
            members[name] = re.sub(rb'<dimension ref="[^"]*"', f'<dimension ref="{declared}"'.encode(), text)
    assert packed(members) != book and len(records(tmp_path, packed(members), contract("xlsx"))) == 50


# --- JSON

PRICES = '{"meta": {"unit": "USD"}, "data": [{"records": [%s]}]}'


def test_json_records_stand_at_a_dotted_path_and_keys_nest(tmp_path: Path) -> None:
    fields = [
        making.field("id"),
        making.field("price", title="price.value"),
        making.field("tags", optional=True),
    ]
    by = contract("json", fields=fields, dialect={"records": "data.0.records"})
    text = (
        PRICES
        % '{"id": "å", "price": {"value": 0.10}}, {"id": true, "tags": ["x", "ø"], "price": {"value": null}}'
    )
    assert records(tmp_path, text, by) == [(1, "å", "0.10", None), (2, "true", None, '["x", "ø"]')]


@given(number=st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True))
def test_json_numbers_are_the_text_that_stands_there(
    tmp_path_factory: pytest.TempPathFactory, number: str
) -> None:
    text = f'[{{"id": {number}, "note": null}}]'
    assert records(tmp_path_factory.getbasetemp(), text, contract("json")) == [(1, number, None)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[{"id": 1, "note": 2}', "line 1, column 22 is not JSON"),
        ("{}", "no list of records at ''"),
        ("[]", "no list of records"),
        ("null", "no list of records"),
        ('[{"id": 1, "id": 2, "note": 3}]', "names the key 'id' twice"),
        ('[{"id": 1, "ID": 2, "note": 3}]', "'ID' stands in the header twice"),
        ("[" * 200_000, "nest too deeply"),
        ('[{"id": "a\\u0000b", "note": 1}]', "line 1 holds a NUL character"),
        (b'[{"id": "\xe5", "note": 1}]', "line 1 is not utf-8"),
    ],
)
def test_json_that_cannot_be_read_is_refused(tmp_path: Path, text: str | bytes, says: str) -> None:
    assert says in refusal(tmp_path, text, contract("json"))


def test_a_json_record_that_is_no_object_has_no_cells(tmp_path: Path) -> None:
    text = '[{"id": "a", "note": 1}, 7, ["b", 2], {"id": "c"}]'
    found = making.read(tmp_path, text, contract("json"))
    assert making.rows(found) == [("a", "1"), ("c", None)] and found.rows_quarantined == 2
    assert making.rejected(found)[0] == (2, "", "0 cells instead of 2", "wrong_number_of_cells")


# --- JSON-stat: the same cube in both versions, as PxWeb writes it

DRUG = {
    "label": "drug",
    "category": {"index": {"COC": 0, "HER": 1}, "label": {"COC": "Cocaine", "HER": "Heroin"}},
}
YEAR = {"label": "year", "category": {"index": ["2022", "2023"]}}
UNIT = {"label": "unit", "category": {"label": {"KG": "Kilograms"}}}
CUBE = {"value": [1.50, None, 3, 4], "status": {"1": ".."}}
V2 = {
    "version": "2.0", "class": "dataset", "label": "Seizures", "id": ["drug", "unit", "year"], "size": [2, 1, 2],
    "dimension": {"drug": DRUG, "unit": UNIT, "year": YEAR}, "role": {"time": ["year"]},
}  # fmt: skip
V1 = {"dimension": {**V2["dimension"], "id": V2["id"], "size": V2["size"], "role": V2["role"]}}  # type: ignore[dict-item]
CELLS = [
    making.field(name) for name in ("drug", "drug_label", "unit", "unit_label", "year", "value", "status")
]
EXPECTED = [
    (1, "COC", "Cocaine", "KG", "Kilograms", "2022", "1.5", None),
    (2, "COC", "Cocaine", "KG", "Kilograms", "2023", None, ".."),
    (3, "HER", "Heroin", "KG", "Kilograms", "2022", "3", None),
    (4, "HER", "Heroin", "KG", "Kilograms", "2023", "4", None),
]


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(
    "cube",
    [
        CUBE,
        {"value": {"0": 1.5, "2": 3, "3": 4}, "status": {"1": ".."}},
        {"value": [1.5, None, 3, 4], "status": [None, "..", None, None]},
    ],
    ids=["full", "sparse", "status-list"],
)
def test_json_stat_of_both_versions_gives_one_record_per_cell(
    tmp_path: Path, version: int, cube: dict[str, Any]
) -> None:
    data = {"dataset": {**V1, **cube}} if version == 1 else {**V2, **cube}
    assert records(tmp_path, json.dumps(data), contract("json_stat", fields=CELLS)) == EXPECTED


def test_one_status_for_all_cells(tmp_path: Path) -> None:
    fields = [making.field(name) for name in ("drug", "unit", "year", "value", "status")]
    found = records(tmp_path, json.dumps({**V2, **CUBE, "status": "e"}), contract("json_stat", fields=fields))
    assert [row[-1] for row in found] == ["e"] * 4


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({**V2, **CUBE, "class": "collection"}, "a JSON-stat collection, not a dataset"),
        ({"a": {**V1, **CUBE}, "b": {**V1, **CUBE}}, "holds 2 JSON-stat datasets"),
        ({"error": "too many cells"}, "holds 0 JSON-stat datasets"),
        ({**V2, **CUBE, "value": [1, 2, 3]}, "3 values for 4 cells"),
        ({**V2, **CUBE, "value": {"4": 1}}, "there is no cell 4 among 4"),
        ({**V2, **CUBE, "size": [2, 1, 3]}, "the dimension year has 2 categories and says 3"),
        ({**V2, **CUBE, "size": [2, 2]}, "the 3 dimensions have sizes"),
        ({**V2, **CUBE, "size": [100_000, 100_000, 100_000]}, "more than the 200000000 cells"),
        ({**V2, **CUBE, "id": ["drug", "drug", "year"]}, "the name drug stands for two columns"),
        ({**V2, "status": {}}, "is not JSON-stat (KeyError: 'value')"),
        ({**V2, **CUBE, "value": [[1], 2, 3, 4]}, "is not JSON-stat"),
        ([1, 2], "is not JSON-stat"),
        ("text", "is not JSON-stat"),
    ],
)
def test_json_stat_that_does_not_add_up_is_refused(tmp_path: Path, data: Any, says: str) -> None:
    assert says in refusal(tmp_path, json.dumps(data), contract("json_stat", fields=CELLS))


# --- HTML


@pytest.mark.parametrize(
    ("page", "dialect"),
    [
        (f"<!DOCTYPE html><html><body>{TABLE}</body></html>", {}),
        (f"<table><tr><td>menu</table><div hidden>{TABLE}</div>", {"table": 2}),
        (TABLE.replace("<table>", "<table><caption>Beslag</caption><thead>"), {}),
        (f"<table><tr><td>x</table>{TABLE.replace('<table>', '<table id=t1>')}", {"table": "t1"}),
        (TABLE.replace("<td>1</td>", "<td><b>1</b><script>var x = 2;</script><!-- footnote --></td>"), {}),
        (TABLE.replace("<td>1</td>", "<td>1<sup>a</sup></td>"), {"tags": {"skip": ["sup"]}}),
        (TABLE.replace("</td>", "").replace("</tr>", "").replace("</th>", ""), {}),
        (TABLE.replace("<td>a", "<td>\n a &nbsp;<table><tr><td>inner</table>"), {}),
        (
            "<x-head><line><column>id</column><column>note</column></line></x-head>"
            "<x-body><line><column>a</column><column>1</column></line></x-body>"
            "<foot><line><!--[CDATA[(1) a note]]--></line></foot>",
            {"tags": {"table": ["x-head", "x-body"], "row": ["line"], "cell": ["column"]}},
        ),
    ],
    ids=["page", "second", "sections", "id", "markup", "footnotes", "unclosed", "nested", "own-elements"],
)
def test_the_declared_table_of_a_page_is_read(tmp_path: Path, page: str, dialect: dict[str, Any]) -> None:
    assert records(tmp_path, page, contract("html", dialect=dialect)) == [(2, "a", "1")]


def test_cells_that_span_rows_and_columns_are_repeated(tmp_path: Path) -> None:
    page = (
        "<table><tr><td>id<td>note</tr><tr><td rowspan=3>a<td>1</tr><tr><td rowspan='2'>2</tr><tr></tr>"
        "<tr><td colspan=2>b</tr><tr><td>c<td rowspan=9>3</tr></table>"
    )
    found = [row[1:] for row in records(tmp_path, page, contract("html"))]
    assert found == [("a", "1"), ("a", "2"), ("a", "2"), ("b", "b"), ("c", "3")]


@pytest.mark.parametrize(
    ("page", "dialect", "says"),
    [
        ("<p>Please log in</p>", {}, "0 of its 0 tables are '1'"),
        (TABLE, {"table": "tall"}, "0 of its 1 tables are 'tall' (none with an id)"),
        ("<table></table>", {}, "holds no text"),
        ("<table><tr><td>id<td colspan=99999>note", {}, "2001 columns, more than the 2000"),
        (TABLE.replace(">a<", f">{'a' * (1 << 21)}<"), {}, "more than 1048576 characters"),
    ],
)
def test_a_page_without_the_declared_table_is_refused(
    tmp_path: Path, page: str, dialect: dict[str, Any], says: str
) -> None:
    assert says in refusal(tmp_path, page, contract("html", dialect=dialect))


# --- Parquet


def test_parquet_values_are_the_text_that_stands_for_them_exactly(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "id": pl.Series(["ø"], dtype=pl.Categorical),
            "i": pl.Series([-(2**62)], dtype=pl.Int64),
            "d": pl.Series([Decimal("0.100000")], dtype=pl.Decimal(18, 6)),
            "f": [0.1],
            "b": [True],
            "day": [date(2024, 1, 2)],
            "at": [datetime(2024, 1, 2, 3, 4, 5, 600)],
            "midnight": [datetime(2024, 1, 2)],
            "none": pl.Series([None], dtype=pl.Float64),
        }
    )
    by = contract("parquet", fields=[making.field(name) for name in frame.columns])
    assert records(tmp_path, parquet(frame), by) == [
        (1, "ø", "-4611686018427387904", "0.100000", "0.1", "true", "2024-01-02", "2024-01-02 03:04:05.000600",
         "2024-01-02 00:00:00", None)
    ]  # fmt: skip


@given(values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_parquet_numbers_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, values: list[float]
) -> None:
    frame = pl.DataFrame({"id": values, "note": values}, schema={"id": pl.Float64, "note": pl.Float64})
    found = records(tmp_path_factory.getbasetemp(), parquet(frame), contract("parquet"))
    assert [float(row[1]) for row in found] == values


@pytest.mark.parametrize("cut", [4, 20, -20, -1])
def test_parquet_cut_anywhere_is_refused(tmp_path: Path, cut: int) -> None:
    assert "damaged or cut short" in refusal(tmp_path, SAME["parquet"][:cut], contract("parquet"))  # type: ignore[arg-type]


def test_parquet_lists_are_no_cells(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": [[1, 2]], "note": [1]})
    assert "the column 'id' holds List" in refusal(tmp_path, parquet(frame), contract("parquet"))


# --- what can be declared

SENSELESS = {
    "dialect.sheet means nothing for the format csv": {"dialect": {"sheet": "A"}},
    "dialect.delimiter means nothing for the format json": {"format": "json", "dialect": {"delimiter": ";"}},
    "dialect.table means nothing for the format xlsx": {"format": "xlsx", "dialect": {"table": 1}},
    "give one of them": {"format": "xlsx", "dialect": {"sheet": "A", "sheets": "B"}},
    "'(' is not a regular expression": {"format": "xlsx", "dialect": {"sheets": "("}},
    "dialect.fillDown names region": {"dialect": {"fillDown": ["region"]}},
    "member needs the compression zip": {"compression": "gzip", "member": "a.csv"},
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
