"""No record vanishes and no order matters, whatever a csv file holds."""

from __future__ import annotations

import csv
import io
import random
import tempfile
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from unittest import mock

import making
from hypothesis import given
from hypothesis import strategies as st

from orchestration import parts
from orchestration.contract import Contract
from orchestration.errors import DeliveryRefused
from orchestration.layouts import delimited
from orchestration.parse import Parsed

# Everything at once: a key, limits, a pattern drop, exact duplicates, a personal field, group characters.
STRICT = making.feed(
    fields=[
        making.field("id", constraints={"required": True}),
        making.field("day", type="date", format=["%Y-%m-%d", "%d.%m.%Y", "excel"]),
        making.field("mass_g", type="number", constraints={"minimum": 0, "maximum": 1000}),
        making.field("note", personal="hash", optional=True),
    ],
    primaryKey=["id", "day"],
    missingValues=["", "-"],
    decimalChar=",",
    groupChar=".",
    dialect={"delimiter": ";"},
    drop=[
        {"rule": "totals", "field": "id", "pattern": "^Sum", "reason": "no rows"},
        {"rule": "exact_duplicates", "reason": "exported twice"},
    ],
)
HEADER = "id;day;mass_g;note\n"
CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "-",
            "a",
            "b",
            "Sum",
            "1",
            "1,5",
            "1.000,5",
            "1.23",
            "-3",
            "9e9",
            "2024-01-01",
            "01.01.2024",
            "45000",
        ]
    ),
    st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=6),
)
RECORDS = st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=12)
GOOD = st.tuples(
    st.sampled_from(["a", "b", "c", "d", "Sum"]),
    st.sampled_from(["2024-01-01", "02.01.2024", "-"]),
    st.sampled_from(["1", "2,5", "1.000", "1.001", "x", ""]),
    st.sampled_from(["", "hei", "hi; there", 'say "no"', "two\nlines"]),
)


def parsed(content: str | bytes, contract: Contract = STRICT) -> Parsed | None:
    """What the contract makes of it; None when the whole file is refused."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return making.read(Path(folder), content, contract)
        except DeliveryRefused:
            return None


def accounts_for_everything(found: Parsed) -> None:
    assert found.rows_in_file == found.rows_loaded + found.rows_quarantined + found.rows_dropped
    for in_file, loaded, quarantined, dropped in found.totals.values():
        assert in_file == loaded + quarantined + dropped
    assert not set(found.frame["_line"]) & set(found.rejects["line"])
    assert found.rejects.filter(field="note")["value"].is_null().all()


def as_csv(records: list[tuple[str, ...]], quoting: int = csv.QUOTE_MINIMAL) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";", quoting=quoting, lineterminator="\n").writerows(records)
    return HEADER + out.getvalue()


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_any_text_below_the_header_is_accounted_for_or_refused(body: str) -> None:
    if found := parsed(HEADER + body):
        accounts_for_everything(found)


@given(st.binary(max_size=60))
def test_any_bytes_are_accounted_for_or_refused(body: bytes) -> None:
    for content in (body, HEADER.encode() + body):
        if found := parsed(content):
            accounts_for_everything(found)


@given(RECORDS)
def test_records_of_any_cells_are_accounted_for(records: list[list[str]]) -> None:
    found = parsed(as_csv([tuple(r) for r in records], csv.QUOTE_ALL))
    filled = sum(any(cell.strip() for cell in record) for record in records)
    if found is None:
        assert filled == 0
    else:
        assert found.rows_in_file == filled
        accounts_for_everything(found)


@given(st.lists(GOOD, min_size=1, max_size=14), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing_but_line_numbers(
    records: list[tuple[str, ...]], order: random.Random
) -> None:
    first = parsed(as_csv(records))
    order.shuffle(records)
    second = parsed(as_csv(records))
    assert (first is None) == (second is None)
    if first and second:
        accounts_for_everything(first)
        assert Counter(first.frame.drop("_line").rows()) == Counter(second.frame.drop("_line").rows())
        assert Counter(first.rejects.drop("line").rows()) == Counter(second.rejects.drop("line").rows())
        assert (first.drops, first.totals) == (second.drops, second.totals)


@given(st.lists(GOOD, min_size=1, max_size=8))
def test_quoting_changes_nothing(records: list[tuple[str, ...]]) -> None:
    plain, quoted = parsed(as_csv(records)), parsed(as_csv(records, csv.QUOTE_ALL))
    assert (plain is None) == (quoted is None)
    if plain and quoted:
        assert plain.frame.equals(quoted.frame) and plain.rejects.equals(quoted.rejects)


@given(st.lists(GOOD, min_size=1, max_size=14), st.text("a;\n\r 1", max_size=9), st.integers(1, 60))
def test_where_a_file_is_cut_and_how_its_quotes_are_read_changes_nothing(
    records: list[tuple[str, ...]], tail: str, size: int
) -> None:
    content = as_csv(records) + tail
    with mock.patch.object(delimited, "FEW", 0):
        whole = parsed(content)
    with (
        mock.patch.object(delimited, "FEW", 1),
        mock.patch.object(delimited, "BLOCK", size),
        mock.patch.object(delimited, "QUOTED_ROWS", 2),
        mock.patch.object(parts, "IN_MEMORY", 100),
    ):
        cut = parsed(content)
        assert (whole is None) == (cut is None)
        if whole and cut:
            accounts_for_everything(cut)
            assert whole.frame.equals(cut.frame)
            assert whole.rejects.equals(cut.rejects) and whole.reject_counts.equals(cut.reject_counts)
            assert (whole.drops, whole.totals) == (cut.drops, cut.totals)


def nordic(number: Decimal, grouped: bool) -> str:
    """A number as Nordic registers print it."""
    english = f"{number:,f}" if grouped else f"{number:f}"
    return english.translate(str.maketrans(",.", ".,"))


@given(
    st.decimals(Decimal(-10) ** 11, Decimal(10) ** 11, places=6),
    st.booleans(),
)
def test_a_number_is_read_as_it_was_written(number: Decimal, grouped: bool) -> None:
    contract = making.feed(
        fields=[making.field("x", type="number"), making.field("id")],
        decimalChar=",",
        groupChar=".",
        dialect={"delimiter": ";"},
    )
    found = parsed(f"x;id\n{nordic(number, grouped)};1\n", contract)
    assert found is not None and found.frame["x"].to_list() == [number]


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)))
def test_a_date_is_read_as_it_was_written(day: date) -> None:
    contract = making.feed(fields=[making.field("x", type="date", format=["%d.%m.%Y"]), making.field("id")])
    found = parsed(f"x,id\n{day:%d.%m.%Y},1\n", contract)
    assert found is not None and found.frame["x"].to_list() == [day]
