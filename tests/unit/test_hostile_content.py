"""Hostile contents are refused or quarantined with a sentence, and take nothing with them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import making
import polars as pl
import pytest
from formats import SAME, contract, parquet, records, refusal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.errors import DeliveryRefused
from orchestration.intake import take_in
from orchestration.settings import PROJECT

GOOD = "id,note\na,1\n"


# --- wide and long


def wide(kind: str, columns: int) -> str | bytes:
    names = [f"c{i}" for i in range(columns)]
    cells = ["x"] * columns
    return {
        "csv": f"{','.join(names)}\n{','.join(cells)}\n",
        "json": json.dumps([dict(zip(names, cells, strict=True))]),
        "html": f"<table><tr><td>{'<td>'.join(names)}<tr><td>{'<td>'.join(cells)}</table>",
        "xlsx": making.workbook([names, cells]),
        "parquet": parquet(pl.DataFrame([cells], schema=names, orient="row")),
    }[kind]


@pytest.mark.parametrize("kind", ["csv", "json", "html", "xlsx", "parquet"])
def test_ten_thousand_columns_are_refused(tmp_path: Path, kind: str) -> None:
    assert "more than the 2000 that are read" in refusal(tmp_path, wide(kind, 10_000), contract(kind))


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_record_of_ten_thousand_cells_is_quarantined_and_the_others_are_read(
    tmp_path: Path, quote: str
) -> None:
    text = f"id,note\n{quote}a{quote},1\n{'x,' * 10_000}\nb,2\n"
    found = making.read(tmp_path, text, contract("csv"))
    assert making.rows(found) == [("a", "1"), ("b", "2")]
    assert making.rejected(found) == [(3, "", "10001 cells instead of 2", "wrong_number_of_cells")]


@pytest.mark.parametrize(
    "content",
    [
        ("csv", "id,note\na,%s\nb,2\n"),
        ("csv", '"id","note"\na,%s\nb,2\n'),
        ("json", '[{"id": "a", "note": "%s"}]'),
        ("html", "<table><tr><td>id<td>note<tr><td>a<td>%s</table>"),
    ],
    ids=["plain", "quoted", "json", "html"],
)
def test_a_cell_of_fifty_megabytes_is_refused(tmp_path: Path, content: tuple[str, str]) -> None:
    kind, text = content
    assert "line" in refusal(tmp_path, text % ("x" * (50 << 20)), contract(kind))


def test_a_page_of_a_million_open_elements_is_read_in_time(tmp_path: Path) -> None:
    page = "<table>" * 100_000 + "<tr><td>id<td>note<tr><td>a<td>1" + "<div>" * 100_000
    assert records(tmp_path, page, contract("html", dialect={"table": 100_000})) == [(2, "a", "1")]


# --- text


@pytest.mark.parametrize("declared", ["utf-8", "windows-1252"])
def test_encodings_mixed_in_one_file_are_refused_or_all_one_byte_letters(
    tmp_path: Path, declared: str
) -> None:
    content = "id,note\na,Tromsø\n".encode() + "b,Bodø\n".encode("windows-1252")
    if declared == "utf-8":
        assert "line 3 is not utf-8" in refusal(tmp_path, content, contract("csv"))
    else:  # nothing in the bytes tells; the letters are wrong, the records whole
        found = records(tmp_path, content, contract("csv", encoding=declared))
        assert found == [(2, "a", "TromsÃ¸"), (3, "b", "Bodø")]


def test_nul_bytes_are_refused_by_line(tmp_path: Path) -> None:
    for at, line in ((3, 1), (9, 2), (11, 2)):
        content = bytearray(GOOD.encode())
        content[at] = 0
        assert f"line {line} holds a NUL" in refusal(tmp_path, bytes(content), contract("csv"))


FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", '=HYPERLINK("http://x";"y")', "=cmd|' /C calc'!A0", "\t=1"]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_formulas_are_text_like_any_other(tmp_path: Path, kind: str) -> None:
    texts = [text for text in FORMULAS if kind != "csv" or '"' not in text]
    content = {
        "csv": "id,note\n" + "".join(f"{text},1\n" for text in texts),
        "json": json.dumps([{"id": text, "note": 1} for text in texts]),
        "xlsx": making.workbook([]),
    }[kind]
    if kind == "xlsx":
        memory = io.BytesIO()
        import xlsxwriter

        with xlsxwriter.Workbook(memory, {"in_memory": True, "strings_to_formulas": False}) as book:
            page = book.add_worksheet()
            for number, row in enumerate([["id", "note"], *([text, "1"] for text in texts)]):
                page.write_row(number, 0, row)
        content = memory.getvalue()
    found = making.read(tmp_path, content, contract(kind))
    assert sorted(found.frame["id"]) == sorted(text.strip() for text in texts)


def test_a_sign_does_not_make_a_number_a_formula(tmp_path: Path) -> None:
    found = making.read(tmp_path, making.HEADER + "a,2024-01-02,-1.5\nb,2024-01-02,+2\nc,2024-01-02,=3\n")
    assert [row[2] and float(row[2]) for row in making.rows(found)] == [-1.5, 2.0]
    assert making.rejected(found) == [(4, "mass_g", "=3", "not_a_number")]


# --- names and neighbours

NAMES = [
    "Robert'); drop table raw.feed;--.csv", 'a"b".csv', "it''s.csv", "per%cent $1 ? {x}.csv", "ål 2024.csv", "-rf.csv",
    "line\nbreak.csv", "emoji💊.csv", "$(touch x);`y`.csv",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_file_may_be_called_anything(tmp_path: Path, name: str) -> None:
    by = contract("csv", known_at={"from": "constant", "constant": "2024-05-01"})
    home = making.home(tmp_path)
    making.written(home.inbox / "feed" / name, GOOD)  # type: ignore[operator]
    taken = take_in(by, home)
    assert [d.file_name.rpartition("/")[2] for d in taken.new] == [name] and not taken.refused
    history = making.History(tmp_path / "history", by)
    history.deliver("2024-05-01", GOOD, name)
    assert not history.fold().refused and history.now() == [("a", "1")]
    assert history.sql("select file_name from ops.deliveries") == [(name,)]
    assert history.sql("select count(*) from raw.feed") == [(1,)]


@pytest.mark.parametrize(
    "text",
    [
        "'); drop table raw.feed;--",
        "$1",
        "{x}",
        "\\",
        "''",
        "%s",
        "null",
        "NaN",
        "\u202eabc",
        "\ufeff",
        "\x1e",
    ],
)
def test_a_cell_may_hold_anything(tmp_path: Path, text: str) -> None:
    history = making.History(tmp_path, contract("csv", missingValues=[]))
    assert not history.told("2024-05-01", f"id,note\na,{text}\nb,2\n").refused
    assert history.now() == [("a", text), ("b", "2")]


def test_a_refused_file_takes_nothing_with_it(tmp_path: Path) -> None:
    history = making.History(tmp_path, contract("csv"))
    history.deliver("2024-05-01", GOOD)
    history.deliver("2024-05-02", "id,note\nb," + "x" * (2 << 20) + "\n", "hostile.csv")
    history.deliver("2024-05-03", "id,note\nc,3\n")
    report = history.fold()
    assert (
        len(report.refused) == 1 and "feed/hostile.csv: line 2 holds more than 1048576" in report.refused[0]
    )
    assert history.at("2024-05-02") == [("a", "1")] and history.now() == [("c", "3")]


@pytest.mark.parametrize("kind", SAME)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    content = bytearray(SAME[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = making.written(tmp_path_factory.getbasetemp() / f"damaged.{kind}", bytes(content))
    try:
        making.records(path, contract(kind))
    except DeliveryRefused as error:
        assert str(error).endswith((".", "'", ")"))


# --- a million rows that cannot be read

MILLION = """
    import re, sys
    sys.path[:0] = ["tests"]
    from pathlib import Path
    import making
    fields = [making.field("id"), *(making.field(f"n{i}", type="number") for i in range(10))]
    by = making.feed(fields=fields, tolerance={"quarantined": 1.0, "reason": "a test"})
    folder = Path(sys.argv[1])
    line = ",".join(["bad"] * 10)
    text = "id," + ",".join(f"n{i}" for i in range(10)) + "\\n" + f"a,{line}\\n" * 1_000_000 + "b" + ",1" * 10 + "\\n"
    history = making.History(folder, by)
    report = history.told("2024-05-01", text)
    # getrusage would also count what the test's own process held when it started this one
    print(int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
    print(report.rows_quarantined, report.refused, history.sql("select count(*), count(distinct line) from ops.rejects"))
    print(history.sql("select field, rows from ops.reject_counts where field is null or field = 'n9'"))
    print(history.now()[0][:2])
"""


def test_a_million_quarantined_rows_are_counted_and_do_not_fill_the_memory(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(MILLION), str(tmp_path)],
        cwd=PROJECT, capture_output=True, text=True, check=True, timeout=300,
        # With several threads the peak depends on which of them gets ahead.
        env={**os.environ, "POLARS_MAX_THREADS": "1", "BESLAG_THREADS": "1"},
    )  # fmt: skip
    megabytes, *said = done.stdout.splitlines()
    assert said == [
        "1000000 [] [(10000, 1000)]",
        "[(None, 1000000), ('n9', 1000000)]",
        "('b', Decimal('1.000000'))",
    ]
    assert int(megabytes) < 1200  # 770; with a sentence for each of the ten million cells, 1970
