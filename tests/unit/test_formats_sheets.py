"""Workbooks are read by sheets, whole, and every cell as text."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import making
import pytest
import xlsxwriter
from formats import PAIR, contract, packed, records, refusal, sheets

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
    assert making.records(archived, by, "SE_2024.csv").frame["country"].to_list() == ["SE"]


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
