"""Tables of web pages and Parquet files are read as records."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import making
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from formats import SAME, contract, parquet, records, refusal
from hypothesis import given
from hypothesis import strategies as st

TABLE = "<table><tr><th>id</th><th>note</th></tr><tr><td>a</td><td>1</td></tr></table>"


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


@pytest.mark.parametrize("place", [b"note", b"TEXT"], ids=["name", "value"])
def test_parquet_text_that_is_not_utf_8_is_refused(tmp_path: Path, place: bytes) -> None:
    memory = io.BytesIO()
    pl.DataFrame({"id": ["a"], "note": ["TEXT"]}).write_parquet(
        memory, compression="uncompressed", statistics=False
    )
    damaged = memory.getvalue().replace(place, b"\xff" * 4)
    assert "damaged or cut short" in refusal(tmp_path, damaged, contract("parquet"))


def test_parquet_that_holds_nothing_or_a_column_twice_is_refused(tmp_path: Path) -> None:
    for names, says in (
        ([], "holds no text"),
        (["id", "note", "id"], "the column 'id' stands in it twice"),
    ):
        memory = io.BytesIO()
        pq.write_table(pa.Table.from_arrays([pa.array(["x"])] * len(names), names=names), memory)
        assert says in refusal(tmp_path, memory.getvalue(), contract("parquet"))
    nothing = parquet(pl.DataFrame(schema={"id": pl.String, "note": pl.String}))
    assert "not one record below it" in refusal(tmp_path, nothing, contract("parquet"))
