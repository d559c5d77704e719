"""Files that cannot be merged: named, refused whole, and nobody else's night is spoilt."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from running import ENCODING, Home, edited
from scenes import LATEST, SECOND, colombia, editions

HTML = b"<!DOCTYPE html>\n<html><head><title>503</title></head><body>Service unavailable</body></html>\n"
Bad = tuple[str, str, bytes, str]  # source, file name, content, words of the sentence


def bad_files(home: Home) -> list[Bad]:
    """One bad file for each of six sources, each bad in its own way."""
    quotes = (home.inbox / "price_quotes" / "NO_2023_known_2024-03-01.csv").read_bytes()
    post = (home.inbox / "postal_interceptions" / "NO_2023_known_2024-03-01.csv").read_bytes()
    return [
        ("seizures", "NO_2024_known_2025-02-01.csv", HTML, "web page"),
        ("ecb_fx", "eurofxref-hist.csv", b"", "empty"),
        ("colombia_ponal", "estupefacientes_2018.xlsx", colombia(2018)[:-2000], "xlsx"),
        (
            "price_quotes",
            "NO_2024_known_2025-03-01.csv",
            quotes.replace(b"currency", b"valuta", 1),
            "currency",
        ),
        ("postal_interceptions", "NO_2024_known_2025-03-01.csv", "\ufeff".encode() + post, "utf-8"),
        ("darknet_turnover", "budget 2025.docx", _document(), "name does not match"),
    ]


def _document() -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    return memory.getvalue()


def raw(home: Home) -> dict[str, list[tuple[object, ...]]]:
    """Every row version of the sources with bad files."""
    return {
        source: home.sql(
            f"select * exclude (_delivery_id, _ended_by) from raw.{source} order by all", home.build
        )
        for source in ("seizures", "price_quotes", "postal_interceptions", "darknet_turnover", "ecb_fx")
    }


@pytest.fixture
def visited(small: Home, copy_of: Callable[[Home], Home]) -> Home:
    """The small inbox, in which six bad files and one good one have come to lie."""
    home = copy_of(small)
    for source, name, content, _ in bad_files(home):
        home.deliver(source, name, content)
    home.deliver("colombia_ponal", "estupefacientes_2014.xlsx", colombia(2014))
    return home


def test_bad_deliveries_are_named_and_the_rest_is_published(small: Home, visited: Home) -> None:
    home, before = visited, small.hash()
    night = home.beslag("refresh")
    assert night.code == 4, night.text
    for source, name, _, words in bad_files(small):
        sentence = next(line for line in night.text.splitlines() if f"{source}/{name}" in line)
        assert "refused" in sentence
        assert words.lower() in sentence.lower()
    assert "Traceback" not in night.text
    assert home.hash() != before
    assert home.value("select count(*) from marts.seizures where source = 'colombia_ponal'") == 24
    assert raw(home) == raw(small)
    assert (
        home.value(
            "select count(*) from meta.snapshots where known_at > '2024-12-31' and source = 'seizures'"
        )
        == 0
    )

    published = home.hash()
    again = home.beslag("refresh")
    assert again.code == 4, again.text
    assert "Nothing new" in again.text
    for source, name, _, _ in bad_files(small):
        assert f"{source}/{name}" in again.text
    assert home.hash() == published

    for source, name, _, _ in bad_files(small):
        (home.inbox / source / name).unlink()
    clean = home.beslag("refresh")
    assert (clean.code, home.hash()) == (0, published), clean.text


@pytest.mark.parametrize("number", range(6))
def test_check_says_beforehand_what_is_wrong(
    small: Home, copy_of: Callable[[Home], Home], number: int
) -> None:
    home = copy_of(small)
    source, name, content, words = bad_files(home)[number]
    path = home.deliver(source, name, content)
    said = home.beslag("check", str(path), "--source", source)
    assert said.code == 1, said.text
    assert "would be refused" in said.out
    assert words.lower() in said.out.lower()
    assert "Traceback" not in said.text


def test_a_file_full_of_unreadable_rows_is_refused_and_says_where(
    small: Home, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(small)
    path = home.deliver(
        "seizures",
        SECOND,
        edited(
            (home.inbox / "seizures" / LATEST).read_bytes(),
            lambda rows: [row | {"quantity": "nesten et kilo"} for row in rows],
        ),
    )
    said = home.beslag("check", str(path))
    assert said.code == 1
    assert "would be refused" in said.out
    assert "line 2, column 'quantity'" in said.out


def test_check_tells_quarantined_rows_and_changes_nothing(
    small: Home, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(small)
    state = {p: p.stat().st_mtime_ns for p in home.home.rglob("*") if p.is_file()}
    night = editions(home).second
    content = edited(
        night.files["seizures"][SECOND], lambda rows: [rows[0] | {"seized_on": "31.02.2023"}, *rows[1:]]
    )
    path = home.deliver("seizures", SECOND, content)
    said = home.beslag("check", str(path))
    assert said.code == 0, said.text
    assert re.search(r"cells of seized_on: not_a_date, first on line 2\b", said.out)
    assert f"of {len(content.decode(ENCODING).splitlines()) - 1} rows" in said.out.lower()
    assert {p: p.stat().st_mtime_ns for p in home.home.rglob("*") if p.is_file()} == state
