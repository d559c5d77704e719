"""Archives and workbooks made to do harm are refused with a sentence, before they can."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
import zlib
from pathlib import Path
from typing import Any

import making
import pytest
from formats import contract, ods, packed, refusal, remade

from orchestration.layouts import limits

GOOD = "id,note\na,1\n"
IN_ZIP = contract("csv", compression="zip", member="*.csv")
ENTITIES = '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


# --- archives


def test_a_zip_bomb_is_refused_before_it_is_inflated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = packed({"data.csv": b"id,note\n" + b"\0" * (64 << 20)})

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("it was inflated")

    monkeypatch.setattr(zlib, "decompressobj", never)
    assert len(bomb) < 1 << 17 and "more than 250 times its size" in refusal(tmp_path, bomb, IN_ZIP)


def test_a_gzip_bomb_is_refused_while_it_is_inflated(tmp_path: Path) -> None:
    bomb = gzip.compress(b"\0" * (64 << 20))
    assert "more than 250 times its size" in refusal(tmp_path, bomb, contract("csv", compression="gzip"))
    many = gzip.compress(b"id,note\n") * 3 + bomb
    assert "250 times" in refusal(tmp_path, many, contract("csv", compression="gzip"))


def test_the_size_of_what_inflates_is_capped_at_any_ratio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "INFLATED_BYTES", 1000)
    noise = random.Random(1).randbytes(2000)
    assert "more than 1000 bytes" in refusal(tmp_path, packed({"data.csv": noise}), IN_ZIP)
    assert "more than 1000 bytes" in refusal(
        tmp_path, gzip.compress(noise), contract("csv", compression="gzip")
    )
    monkeypatch.setattr(limits, "FILE_BYTES", 1000)
    utf_16 = contract("csv", encoding="utf-16")  # which is read at once
    assert "it holds 2000 bytes, more than the 1000" in refusal(tmp_path, noise, contract("json"))
    assert "it holds 2000 bytes, more than the 1000" in refusal(tmp_path, noise, utf_16)
    monkeypatch.setattr(limits, "FILE_BYTES_IN_BLOCKS", 1500)
    assert "it holds 2000 bytes, more than the 1500" in refusal(tmp_path, noise, contract("csv"))


@pytest.mark.parametrize("stored", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
@pytest.mark.parametrize("said", [0, 5, 1 << 20])
def test_a_directory_that_lies_about_a_size_is_refused(tmp_path: Path, stored: int, said: int) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", stored) as archive:
        archive.writestr("data.csv", GOOD * 1000)
        archive.infolist()[0].file_size = said  # written to the directory when the archive is closed
    assert "does not hold what its directory says" in refusal(tmp_path, memory.getvalue(), IN_ZIP)


def test_a_member_with_other_bytes_than_its_checksum_is_refused(tmp_path: Path) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("data.csv", GOOD)
    damaged = memory.getvalue().replace(b"a,1", b"a,7")
    assert "damaged" in refusal(tmp_path, damaged, IN_ZIP)


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.csv", random.Random(1).randbytes(4000))
        for number in range(1, 50):
            again = zipfile.ZipInfo(f"{number}.csv")
            first = archive.infolist()[0]
            for name in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
                setattr(again, name, getattr(first, name))
            archive.filelist.append(again)
    assert refusal(tmp_path, memory.getvalue(), IN_ZIP)


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"../../etc/data.csv": GOOD}, "points outside the archive"),
        ({"/etc/data.csv": GOOD}, "points outside the archive"),
        ({"a\\..\\..\\data.csv": GOOD}, "points outside the archive"),
        ({"C:/data.csv": GOOD}, "points outside the archive"),
        ({"data.csv": GOOD, "../note.txt": ""}, "points outside the archive"),
        ({"a.csv": GOOD, "b.csv": GOOD}, "2 of its members match '*.csv'"),
        ({"a.txt": GOOD}, "0 of its members match '*.csv' where exactly one must; it holds a.txt"),
        ({}, "it is not a zip file"),
        ({"data.csv": packed({"data.csv": GOOD})}, "is a zip archive or an Excel workbook, not csv"),
        ({"data.csv": gzip.compress(GOOD.encode())}, "it is gzip, not csv"),
        ({"data.csv": ""}, "empty"),
        ({f"{n}.csv": "" for n in range(limits.MEMBERS + 1)}, "2001 members"),
    ],
    ids=[
        "dots", "absolute", "backslashes", "drive", "dots-beside", "two", "none", "empty", "nested", "gzip-in-zip",
        "nothing-in-it", "members",
    ],
)  # fmt: skip
def test_an_archive_that_is_not_one_plain_file_is_refused(
    tmp_path: Path, members: dict[str, Any], says: str
) -> None:
    assert says in refusal(tmp_path, packed(members), IN_ZIP)
    assert not [p for p in tmp_path.rglob("*") if p.name != "file"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"external_attr": 0o120777 << 16}, "is a link"),
        ({"flag_bits": 1}, "has a password"),
        ({"compress_type": zipfile.ZIP_BZIP2}, "compressed in an unusual way"),
    ],
)
def test_unusual_members_are_refused(tmp_path: Path, change: dict[str, int], says: str) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("data.csv", GOOD)
        for name, value in change.items():
            setattr(archive.infolist()[0], name, value)
    assert says in refusal(tmp_path, memory.getvalue(), IN_ZIP)


def test_a_member_named_twice_is_refused(tmp_path: Path) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive, pytest.warns(UserWarning):
        archive.writestr("data.csv", GOOD)
        archive.writestr("data.csv", "id,note\nb,2\n")
    assert "names its member data.csv twice" in refusal(tmp_path, memory.getvalue(), IN_ZIP)


def test_compressed_files_cut_anywhere_are_refused(tmp_path: Path) -> None:
    content = (GOOD + "b,2\n" * 5000).encode()
    for whole, by in (
        (gzip.compress(content), contract("csv", compression="gzip")),
        (packed({"data.csv": content}), IN_ZIP),
    ):
        for length in (1, 4, 20, len(whole) // 2, len(whole) - 9, len(whole) - 1):
            assert refusal(tmp_path, whole[:length], by)


# --- workbooks


SHEET = "xl/worksheets/sheet1.xml"
BOOK = making.workbook([["id", "note"], ["a", 1]])


def test_a_workbook_that_is_a_bomb_is_refused(tmp_path: Path) -> None:
    bomb = remade(BOOK, SHEET, b"<sheetData>", b"<sheetData>" + b" " * (64 << 20))
    assert "more than 250 times its size" in refusal(tmp_path, bomb, contract("xlsx"))


@pytest.mark.parametrize(
    "part", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "_rels/.rels", "docProps/app.xml"]
)
def test_entities_in_any_part_of_a_workbook_are_refused(tmp_path: Path, part: str) -> None:
    book = remade(BOOK, part, b"?>\n<", b"?>\n" + ENTITIES.encode() + b"<")
    assert f"its part {part} declares a document type" in refusal(tmp_path, book, contract("xlsx"))


def test_entities_are_found_in_any_encoding_and_across_blocks(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(BOOK)) as archive:
        text = archive.read(SHEET).decode()
    for shift in range(12):
        long = text.replace("?>\n<", f"?>{' ' * ((1 << 20) - 61 + shift)}{ENTITIES}<")
        book = remade(BOOK, SHEET, text.encode(), long.encode())
        assert "document type" in refusal(tmp_path, book, contract("xlsx"))
    wide = text.replace("UTF-8", "UTF-16").replace("?>\n<", f"?>{ENTITIES}<").encode("utf-16")
    assert "document type" in refusal(tmp_path, remade(BOOK, SHEET, text.encode(), wide), contract("xlsx"))


def test_entities_in_an_opendocument_sheet_are_refused(tmp_path: Path) -> None:
    book = remade(
        ods([["id", "note"], ["a", "1"]]), "content.xml", b"<office:doc", ENTITIES.encode() + b"<office:doc"
    )
    assert "its part content.xml declares" in refusal(tmp_path, book, contract("ods"))


def test_a_cell_in_the_far_corner_ends_the_reader_and_not_this_process(tmp_path: Path) -> None:
    book = remade(BOOK, SHEET, b'r="B2"', b'r="XFD1048576"')
    assert "cells far outside its table" in refusal(tmp_path, book, contract("xlsx"))


def test_a_sheet_of_repeated_cells_is_refused(tmp_path: Path) -> None:
    cell = '<table:table-cell table:number-columns-repeated="16384" office:value-type="string"><text:p>x</text:p></table:table-cell>'
    rows = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    assert refusal(tmp_path, ods([], rows), contract("ods"))
