"""A file is read as its contract declares it, record by record, or refused with a sentence before it is merged."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import making
import pytest

from orchestration.contract import Contract
from orchestration.errors import DeliveryRefused

ROWS = "a,2024-01-02,1.5\nb,2024-01-03,2\n"
PAIR = [making.field("id"), making.field("note")]
SEMICOLONS = {"dialect": {"delimiter": ";"}, "encoding": "windows-1252"}


def records(folder: Path, content: str | bytes, contract: Contract | None = None) -> list[tuple[object, ...]]:
    """(line, field …) of every record that has as many cells as the header."""
    contract = contract or making.feed(fields=PAIR)
    found = making.records(making.written(folder / f"file.{contract.format}", content), contract)
    whole = found.frame.filter(found.frame["cells"] == found.width)
    return whole.drop("cells").rows()


def refusal(folder: Path, content: str | bytes, contract: Contract | None = None) -> str:
    contract = contract or making.feed()
    with pytest.raises(DeliveryRefused) as error:
        making.records(making.written(folder / f"file.{contract.format}", content), contract)
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("id,note\na,1\nb,2\n", {}),
        ("id,note\na,1\nb,2", {}),
        ("id,note\r\na,1\r\nb,2\r\n", {}),
        ("id,note\ra,1\rb,2\r", {"lineTerminator": "\r"}),
        ("id;note\na;1\nb;2\n", {"delimiter": ";"}),
        ("id\tnote\na\t1\nb\t2\n", {"delimiter": "\t"}),
        ("id,note,\na,1,\nb,2,\n", {"trailingDelimiter": True}),
        ('"id","note"\n"a","1"\n"b","2"\n', {}),
        ("'id','note'\n'a','1'\n'b','2'\n", {"quoteChar": "'"}),
        (" ID , Note \na,1\nb,2\n", {}),
    ],
    ids=[
        "lf",
        "no-last-end",
        "crlf",
        "cr",
        "semicolon",
        "tab",
        "trailing",
        "quoted",
        "single-quotes",
        "spaces",
    ],
)
def test_every_declared_layout_gives_the_same_records(tmp_path: Path, text: str, dialect: dict) -> None:
    contract = making.feed(fields=PAIR, dialect=dialect)
    assert [row[1:] for row in records(tmp_path, text, contract)] == [("a", "1"), ("b", "2")]
    assert [row[0] for row in records(tmp_path, text, contract)] == [2, 3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "windows-1252", "latin-1"])
def test_declared_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    contract = making.feed(fields=PAIR, encoding=encoding)
    assert records(tmp_path, "id,note\nTromsø,ål\n".encode(encoding), contract) == [(2, "Tromsø", "ål")]


def test_a_byte_order_mark_is_no_part_of_the_first_header(tmp_path: Path) -> None:
    assert records(tmp_path, "id,note\na,1\n".encode("utf-8-sig")) == [(2, "a", "1")]


@pytest.mark.parametrize(
    ("delivered", "declared", "says"),
    [
        ("windows-1252", "utf-8", "line 3 is not utf-8"),
        ("utf-16", "utf-8", "line 1 is not utf-8"),
        ("utf-16-le", "utf-8", "line 3 is not utf-8"),
        ("utf-16", "windows-1252", "NUL"),
        ("utf-8", "windows-1252", "line 3 is UTF-8, not windows-1252"),
        ("utf-8-sig", "windows-1252", "line 1 is UTF-8, not windows-1252"),
        ("utf-8", "latin-1", "UTF-8, not latin-1"),
        ("utf-8", "utf-16", "lacks the column"),
    ],
)
def test_another_encoding_than_declared_is_refused(
    tmp_path: Path, delivered: str, declared: str, says: str
) -> None:
    content = "id,note\na,b\nTromsø,ål\n".encode(delivered)
    assert says in refusal(tmp_path, content, making.feed(fields=PAIR, encoding=declared))


def test_a_byte_that_windows_1252_does_not_define_is_refused_with_its_line(tmp_path: Path) -> None:
    contract = making.feed(fields=PAIR, **SEMICOLONS)
    assert "line 3 is not windows-1252 (byte 0x81)" in refusal(tmp_path, b"id;note\na;1\nb;\x81\n", contract)


def test_lines_are_counted_by_the_declared_line_end(tmp_path: Path) -> None:
    contract = making.feed(fields=PAIR, dialect={"lineTerminator": "\r"})
    assert "line 3" in refusal(tmp_path, b"id,note\ra,1\rb,\xff\r", contract)
    assert "line 3" in refusal(tmp_path, b"id,note\ra,1\rb,\x00\r", contract)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\n \n\n", "holds no text"),
        ("\ufeff".encode(), "holds no text"),
        (making.HEADER, "not one record below it"),
        (making.HEADER + "\n,,\n", "not one record below it"),
        ("<!DOCTYPE html><html><body>404</body></html>", "web page saved as .csv"),
        ("\ufeff\n  <html lang='nb'>", "web page"),
        ("<table><tr><td>id</td></tr></table>", "web page"),
        (making.workbook([["id", "day", "mass_g"]]), "Excel workbook, not csv"),
        ("id,day\na,2024-01-02\n", "lacks the column 'mass_g'"),
        ("ident,day,mass_g\na,2024-01-02,1\n", "lacks the column 'id'"),
        ("id,day,mass_g,colour\na,2024-01-02,1,red\n", "column 'colour' is not declared"),
        ("id,day,mass_g,day\na,2024-01-02,1,2024-01-02\n", "'day' stands in the header twice"),
        ("id,,day,mass_g\na,,2024-01-02,1\n", "column '' is not declared"),
        (ROWS, "lacks the column"),
        (making.HEADER + 'a,"2024-01-02,1\nb,2024-01-03,2\n', "record at line 2"),
        (making.HEADER + 'a,"2024"-01-02,1\n', "record at line 2"),
        (making.HEADER + 'a,2024-01-02,"' + "1" * (1 << 21) + '"\n', "record at line 2"),
        (making.HEADER + "a,2024-01-02,\x001\n", "line 2 holds a NUL byte"),
    ],
)  # fmt: skip
def test_what_is_not_the_declared_csv_is_refused(tmp_path: Path, content: str | bytes, says: str) -> None:
    assert says in refusal(tmp_path, content)


def test_a_zip_of_csv_files_is_not_csv(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("file.csv", making.HEADER + ROWS)
    assert "zip archive" in refusal(tmp_path, packed.getvalue())


def test_line_numbers_are_right_after_cells_that_hold_line_ends(tmp_path: Path) -> None:
    text = 'id,note\n"a","one\ntwo\n\nthree"\nb,"say ""hei"""\n\n"c","x,y"\n'
    expected = [(2, "a", "one\ntwo\n\nthree"), (6, "b", 'say "hei"'), (8, "c", "x,y")]
    assert records(tmp_path, text) == expected
    assert records(tmp_path, text.replace("\n", "\r\n")) == expected


@pytest.mark.parametrize("quote", ["", '"'], ids=["plain", "quoted"])
def test_blank_lines_are_no_records_and_keep_the_numbers_of_the_others(tmp_path: Path, quote: str) -> None:
    text = f"\nid,note\n\n{quote}a{quote},1\n   \n,\nb,2\n,,,,\n"
    assert records(tmp_path, text, making.feed(fields=PAIR, dialect={"headerSearchRows": 1})) == [
        (4, "a", "1"), (7, "b", "2"),
    ]  # fmt: skip


def test_ragged_records_are_told_by_their_number_of_cells(tmp_path: Path) -> None:
    path = making.written(tmp_path / "file.csv", "id,note\na\nb,2\nc,3,4\n")
    found = making.records(path, making.feed(fields=PAIR))
    assert (found.width, found.frame["cells"].to_list()) == (2, [1, 2, 3])


def test_text_where_the_trailing_delimiter_leaves_nothing_makes_a_record_ragged(tmp_path: Path) -> None:
    contract = making.feed(fields=PAIR, dialect={"trailingDelimiter": True})
    assert records(tmp_path, "id,note,\na,1,\nb,2,3\nc,4\n", contract) == [(2, "a", "1")]


def test_a_quote_is_text_where_no_quote_character_is_declared(tmp_path: Path) -> None:
    contract = making.feed(fields=PAIR, dialect={"quoteChar": None})
    assert records(tmp_path, 'id,note\n"a,5" pipe\n', contract) == [(2, '"a', '5" pipe')]


@pytest.mark.parametrize("quote", ["", '"'], ids=["plain", "quoted"])
def test_a_lone_carriage_return_is_refused_outside_quotes_and_text_inside(tmp_path: Path, quote: str) -> None:
    assert "line 2" in refusal(tmp_path, f"id,note\na,1\rb,{quote}2{quote}\n", making.feed(fields=PAIR))
    assert "line 1" in refusal(tmp_path, f"id,note\ra,{quote}1{quote}\r", making.feed(fields=PAIR))
    assert records(tmp_path, 'id,note\na,"1\r2"\n') == [(2, "a", "1\r2")]


def test_line_ends_translated_twice_are_read(tmp_path: Path) -> None:
    assert records(tmp_path, "id,note\r\r\na,1\r\r\nb,2\r\r\n") == [(2, "a", "1"), (3, "b", "2")]


def test_the_header_is_looked_for_in_the_declared_rows_only(tmp_path: Path) -> None:
    text = "Beslag 2024,\nUttrekk,\nid,note\na,1\n"
    assert records(tmp_path, text, making.feed(fields=PAIR, dialect={"headerSearchRows": 3})) == [
        (4, "a", "1")
    ]
    assert "lacks" in refusal(tmp_path, text, making.feed(fields=PAIR, dialect={"headerSearchRows": 2}))


def test_titles_and_aliases_name_a_column_in_any_case_and_order(tmp_path: Path) -> None:
    fields = [making.field("id", title="Sak nr", aliases=["Saksnummer"]), making.field("note")]
    for header in ("note,SAK NR", "note,saksnummer"):
        assert records(tmp_path, f"{header}\n1,a\n", making.feed(fields=fields)) == [(2, "a", "1")]
    assert "lacks the column 'Sak nr'" in refusal(tmp_path, "id,note\na,1\n", making.feed(fields=fields))


def test_an_absent_optional_column_is_null_and_a_present_one_is_read(tmp_path: Path) -> None:
    contract = making.feed(fields=[PAIR[0], making.field("note", optional=True)])
    assert records(tmp_path, "id\na\n", contract) == [(2, "a", None)]
    assert records(tmp_path, "note,id\n1,a\n", contract) == [(2, "a", "1")]


SHEET = making.feed(fields=PAIR, format="xlsx", dialect={"headerSearchRows": 5})


def test_a_sheet_is_read_by_rows_wherever_the_table_stands(tmp_path: Path) -> None:
    for row, column in ((0, 0), (3, 2)):
        book = making.workbook([["id", "note"], ["a", 1], [], ["b", 2.5]], first_row=row, first_column=column)
        assert records(tmp_path, book, SHEET) == [(2 + row, "a", "1"), (4 + row, "b", "2.5")]


def test_text_right_of_the_last_header_of_a_sheet_is_not_lost_unseen(tmp_path: Path) -> None:
    book = making.workbook([["id", "note"], ["a", 1, "", "see below"], ["b", 2]])
    assert records(tmp_path, book, SHEET) == [(3, "b", "2")]


def test_the_declared_sheet_is_read_and_a_missing_one_refused(tmp_path: Path) -> None:
    book = making.workbook([["id", "note"], ["a", 1]], sheet="Tall")
    declared = making.feed(fields=PAIR, format="xlsx", dialect={"sheet": "Tall"})
    assert records(tmp_path, book, declared) == [(2, "a", "1")]
    missing = making.feed(fields=PAIR, format="xlsx", dialect={"sheet": "Data"})
    assert "no sheet 'Data' but Tall" in refusal(tmp_path, book, missing)


def test_a_workbook_cut_anywhere_is_refused(tmp_path: Path) -> None:
    book = making.workbook([["id", "note"], *([f"a{i}", i] for i in range(200))])
    for length in (4, 100, len(book) // 2, len(book) - 30, len(book) - 1):
        assert "damaged or cut short" in refusal(tmp_path, book[:length], SHEET)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        ("id,note\na,1\n", "not an Excel workbook"),
        ("<html><body>Log in</body></html>", "web page saved as .xlsx"),
        (making.workbook([]), "holds no text"),
        (making.workbook([["id", "note"]]), "not one record below it"),
        (making.workbook([["id", "remark"], ["a", 1]]), "lacks the column 'note'"),
    ],
)
def test_what_is_not_the_declared_workbook_is_refused(
    tmp_path: Path, content: str | bytes, says: str
) -> None:
    assert says in refusal(tmp_path, content, SHEET)


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.txt", "not a workbook")
    assert "damaged" in refusal(tmp_path, packed.getvalue(), SHEET)
