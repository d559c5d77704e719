"""Every record is loaded as its contract types it, quarantined with a reason, or dropped by a named rule."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import making
import pytest

from orchestration.contract import Contract
from orchestration.errors import DeliveryRefused
from orchestration.parse import Parsed
from orchestration.personal import HASHED


def one(folder: Path, cell: str, **keys: Any) -> Any:
    """What the first field makes of a cell: its value, or the reason it is quarantined for."""
    top = {k: keys.pop(k) for k in ("decimalChar", "groupChar", "missingValues") if k in keys}
    contract = making.feed(
        fields=[making.field("x", **keys), making.field("id")], dialect={"delimiter": ";"}, **top
    )
    parsed = making.read(folder, f"x;id\n{cell};1\n", contract)
    if parsed.rows_loaded:
        return parsed.frame["x"][0]
    return parsed.rejects["reason"].to_list()[0]


NORDIC = {"type": "number", "decimalChar": ",", "groupChar": "."}
ENGLISH = {"type": "number", "decimalChar": ".", "groupChar": ","}
NUMBERS = [
    ("1234,5", NORDIC, "1234.5"),
    ("1.234,5", NORDIC, "1234.5"),
    ("1.234.567", NORDIC, "1234567"),
    ("-1.234,5", NORDIC, "-1234.5"),
    ("+7", NORDIC, "7"),
    (",5", NORDIC, "0.5"),
    ("0", NORDIC, "0"),
    (" 12 ", NORDIC, "12"),
    ("1,5e3", NORDIC, "1500"),
    ("1.23", NORDIC, None),  # two digits after a group character: an English decimal, and not 123
    ("1.2345", NORDIC, None),
    ("12.34.567", NORDIC, None),
    ("1234.567", NORDIC, None),
    (".123", NORDIC, None),
    ("1,234,567", NORDIC, None),
    ("1,", NORDIC, None),
    ("1,000", ENGLISH, "1000"),
    ("1,000.25", ENGLISH, "1000.25"),
    ("10,00", ENGLISH, None),
    ("3e+05", ENGLISH, "300000"),
    ("1E-3", ENGLISH, "0.001"),
    ("1.5", {"type": "number"}, "1.5"),
    ("1,5", {"type": "number"}, None),
    ("1 000", {"type": "number"}, None),
    ("1 000", {"type": "number", "groupChar": " "}, "1000"),
    ("12 g", {"type": "number"}, None),
    ("--5", {"type": "number"}, None),
    ("nan", {"type": "number"}, None),
    ("inf", {"type": "number"}, None),
    ("0x10", {"type": "number"}, None),
    ("²", {"type": "number"}, None),
    ("٣", {"type": "number"}, None),
    ("2.3456789", {"type": "number"}, "2.345679"),
    ("999999999999.999999", {"type": "number"}, "999999999999.999999"),
    ("1000000000000", {"type": "number"}, None),  # would not fit DECIMAL(18,6)
    ("1e30", {"type": "number"}, None),
]


@pytest.mark.parametrize(("cell", "keys", "value"), NUMBERS)
def test_a_number_is_read_only_as_declared(tmp_path: Path, cell: str, keys: dict, value: str | None) -> None:
    expected = "not_a_number" if value is None else Decimal(value)
    assert one(tmp_path, cell, **keys) == expected


@pytest.mark.parametrize(
    ("cell", "kind", "value"),
    [
        ("12", "integer", 12),
        ("-3", "integer", -3),
        ("12.0", "integer", 12),
        ("12.5", "integer", "not_an_integer"),
        ("1e3", "integer", "not_an_integer"),
        ("9223372036854775808", "integer", "not_an_integer"),
        ("2023", "year", 2023),
        ("2023.0", "year", 2023),
        ("23", "year", "not_a_year"),
        ("2022/23", "year", "not_a_year"),
        ("3023", "year", "not_a_year"),
        ("TRUE", "boolean", True),
        ("false", "boolean", False),
        ("1", "boolean", "not_true_or_false"),
        ("ja", "boolean", "not_true_or_false"),
        ("  kokain  ", "string", "kokain"),
    ],
)
def test_a_cell_is_typed_or_quarantined(tmp_path: Path, cell: str, kind: str, value: Any) -> None:
    found = one(tmp_path, cell, type=kind)
    assert found == value and type(found) is type(value)


FORMATS = ["%Y-%m-%d", "%d.%m.%Y", "%d. %B %Y", "%d %B %Y", "excel"]
AMERICAN = ["%m/%d/%Y %I:%M:%S %p", "%Y-%m-%d %H:%M:%S"]
DATES = [
    ("2023-06-01", FORMATS, date(2023, 6, 1)),
    ("01.06.2023", FORMATS, date(2023, 6, 1)),
    ("1.6.2023", FORMATS, date(2023, 6, 1)),
    ("1. juni 2023", FORMATS, date(2023, 6, 1)),
    ("17 MAI 2023", FORMATS, date(2023, 5, 17)),
    ("6 maj 2023", FORMATS, date(2023, 5, 6)),
    ("1. januari 2023", FORMATS, date(2023, 1, 1)),
    ("24. desember 2023", FORMATS, date(2023, 12, 24)),
    ("24 december 2023", FORMATS, date(2023, 12, 24)),
    ("45078", FORMATS, date(2023, 6, 1)),
    ("45078.0", FORMATS, date(2023, 6, 1)),
    ("29.02.2024", FORMATS, date(2024, 2, 29)),
    ("05/31/2014 12:00:00 AM", AMERICAN, date(2014, 5, 31)),
    ("2017-05-31 00:00:00", AMERICAN, date(2017, 5, 31)),
    ("29.02.2023", FORMATS, None),
    ("31.06.2023", FORMATS, None),
    ("01.06.23", FORMATS, None),
    ("2023-6", FORMATS, None),
    ("06/01/2023", FORMATS, None),
    ("1. juny 2023", FORMATS, None),
    ("45078.5", FORMATS, None),
    ("450780", FORMATS, None),
    ("0023-06-01", FORMATS, None),
    ("2023-06-01 10:00", FORMATS, None),
    ("i går", FORMATS, None),
    ("45078", ["%Y-%m-%d"], None),
    ("1.6.2023", [], None),  # without formats a date is ISO
]
MONTHS = {
    "no": "januar februar mars april mai juni juli august september oktober november desember",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "da": "januar februar marts april maj juni juli august september oktober november december",
    "en": "January February March April May June July August September October November December",
}  # fmt: skip


@pytest.mark.parametrize(("cell", "formats", "value"), DATES)
def test_a_date_is_read_only_as_declared(
    tmp_path: Path, cell: str, formats: list, value: date | None
) -> None:
    assert one(tmp_path, cell, type="date", format=formats) == (value or "not_a_date")


@pytest.mark.parametrize("language", MONTHS)
def test_every_month_is_known_by_its_name(tmp_path: Path, language: str) -> None:
    names = MONTHS[language].split()
    contract = making.feed(fields=[making.field("x", type="date", format=["%d. %B %Y"]), making.field("id")])
    parsed = making.read(tmp_path, "x,id\n" + "".join(f"3. {name} 2024,1\n" for name in names), contract)
    assert parsed.frame["x"].to_list() == [date(2024, month, 3) for month in range(1, 13)]


@pytest.mark.parametrize(
    ("cell", "keys", "value"),
    [
        ("", {}, None),
        ("-", {"missingValues": ["", "-"]}, None),
        (" - ", {"missingValues": ["", "-"]}, None),
        ("-", {}, "-"),
        ("-", {"type": "number"}, "not_a_number"),
        ("", {"constraints": {"required": True}}, "missing_required"),
        (":", {"constraints": {"required": True}, "missingValues": ["", ":"]}, "missing_required"),
        ("-3", {"type": "number", "constraints": {"minimum": 0}}, "below_minimum"),
        ("0", {"type": "number", "constraints": {"minimum": 0}}, 0),
        ("100.000001", {"type": "number", "constraints": {"maximum": 100}}, "above_maximum"),
        ("100", {"type": "number", "constraints": {"maximum": 100}}, 100),
        ("13", {"type": "integer", "constraints": {"maximum": 12}}, "above_maximum"),
        ("", {"type": "number", "constraints": {"minimum": 0}}, None),
        ("no", {"constraints": {"pattern": "^[A-Z]{2}$"}}, "pattern_mismatch"),
        ("NO", {"constraints": {"pattern": "^[A-Z]{2}$"}}, "NO"),
        ("", {"constraints": {"pattern": "^[A-Z]{2}$"}}, None),
        ("toll", {"constraints": {"enum": ["police", "customs"]}}, "not_in_list"),
        ("police", {"constraints": {"enum": ["police", "customs"]}}, "police"),
        ("2 millioner", {"type": "number", "constraints": {"minimum": 0}}, "not_a_number"),
    ],
)
def test_a_cell_outside_its_constraints_is_quarantined(
    tmp_path: Path, cell: str, keys: dict, value: Any
) -> None:
    assert one(tmp_path, cell, **keys) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [("2024", 2024), ("2024 (FYTD)", 2024), ("FY 2024", "not_a_year"), ("2024 (est)", "not_a_year")],
)
def test_the_declared_part_of_a_cell_is_its_value(tmp_path: Path, cell: str, value: Any) -> None:
    assert one(tmp_path, cell, type="year", extract=r"^(\d{4}) \(FYTD\)$") == value


def test_a_reject_says_line_field_value_and_every_reason(tmp_path: Path) -> None:
    parsed = making.read(tmp_path, making.HEADER + ",2024-13-01,x\nb,2024-01-01,1\n")
    assert making.rejected(parsed) == [
        (2, "day", "2024-13-01", "not_a_date"), (2, "id", None, "missing_required"), (2, "mass_g", "x", "not_a_number"),
    ]  # fmt: skip
    assert (parsed.rows_in_file, parsed.rows_loaded, parsed.rows_quarantined) == (2, 1, 1)


def test_a_long_value_is_shown_shortened(tmp_path: Path) -> None:
    parsed = making.read(tmp_path, making.HEADER + f"a,{'x' * 5000},1\n")
    assert making.rejected(parsed) == [(2, "day", "x" * 200, "not_a_date")]


def test_a_record_of_another_width_is_quarantined_and_says_only_its_width(tmp_path: Path) -> None:
    parsed = making.read(tmp_path, making.HEADER + "a,2024-01-01\nb,2024-01-01,1\nc,2024-01-01,1,2\n")
    assert making.rejected(parsed) == [
        (2, "", "2 cells instead of 3", "wrong_number_of_cells"),
        (4, "", "4 cells instead of 3", "wrong_number_of_cells"),
    ]


KEYED = making.feed(primaryKey=["id", "day"])


def test_all_records_that_share_a_key_are_quarantined_in_any_order(tmp_path: Path) -> None:
    lines = ["a,2024-01-01,1", "b,2024-01-01,2", "a,2024-01-01,3", "a,2024-01-02,4"]
    for order in (lines, lines[::-1]):
        parsed = making.read(tmp_path, making.HEADER + "\n".join(order) + "\n", KEYED)
        assert [row[0] for row in making.rows(parsed)] == ["a", "b"]
        assert parsed.rejects["reason"].to_list() == ["duplicate_key"] * 2
        assert parsed.rejects["value"].to_list() == [None] * 2


def test_a_broken_record_does_not_take_the_sound_one_of_its_key_along(tmp_path: Path) -> None:
    parsed = making.read(tmp_path, making.HEADER + "a,2024-01-01,x\na,2024-01-01,3\n", KEYED)
    assert parsed.rows_loaded == 1 and parsed.rejects["reason"].to_list() == ["not_a_number"]


TOTALS = {"rule": "total_rows", "field": "id", "pattern": "^(Totalt|Sum)$", "reason": "a total is no row"}
TWICE = {"rule": "exact_duplicates", "reason": "exported twice"}


def test_rows_are_dropped_only_by_named_rules_and_counted(tmp_path: Path) -> None:
    text = (
        making.HEADER
        + "a,2024-01-01,1\na,2024-01-01,1\nSum,,2\n Totalt ,\na,2024-01-01,1\na,2024-01-01,2\nSum b,,x\n"
    )
    parsed = making.read(tmp_path, text, making.feed(drop=[TOTALS, TWICE]))
    assert parsed.drops == {"total_rows": 2, "exact_duplicates": 2}
    assert (parsed.rows_loaded, parsed.rows_quarantined, parsed.rows_dropped, parsed.rows_in_file) == (
        2,
        1,
        4,
        7,
    )
    kept = making.read(tmp_path, text)
    assert kept.drops == {} and kept.rows_dropped == 0 and kept.rows_loaded == 5


def test_the_sum_of_a_number_field_is_accounted_for(tmp_path: Path) -> None:
    text = (
        making.HEADER
        + "a,2024-01-01,1.5\na,2024-01-01,1.5\n,2024-01-01,4\nb,bad,8\nSum,,100\nc,2024-01-01,x\n"
    )
    parsed = making.read(tmp_path, text, making.feed(drop=[TOTALS, TWICE]))
    assert parsed.totals == {"mass_g": tuple(map(Decimal, ("15", "1.5", "12", "1.5")))}


PERSONAL = making.feed(
    fields=[
        making.field("case_id", personal="hash", constraints={"required": True, "pattern": "^[A-Z]"}),
        making.field("remarks", personal="drop", constraints={"pattern": "^[a-z ]*$"}),
        making.field("agency", constraints={"enum": ["police"]}),
    ],
    primaryKey=["case_id"],
)


def read_personal(folder: Path, *lines: str) -> Parsed:
    return making.read(folder, "case_id,remarks,agency\n" + "\n".join(lines) + "\n", PERSONAL)


def test_personal_fields_are_hashed_or_dropped_on_load(tmp_path: Path) -> None:
    frame = read_personal(tmp_path, "NO-1,ola nordmann,police", "NO-2,,police").frame
    assert frame.columns == ["case_id", "agency", "_line", "_is_synthetic", "_row_hash"]
    assert (frame["case_id"] >= HASHED).all() and frame["case_id"].n_unique() == 2
    assert "ola" not in str(frame.rows()) and "NO-" not in str(frame.rows())


def test_a_row_is_told_by_its_typed_content_and_by_where_it_stands(tmp_path: Path) -> None:
    fields = [making.field("a"), making.field("b"), making.field("n", type="number")]
    rows = ["x,y,1", "y,x,1", "x,,1", ",x,1", "x,y,", "x,y,2", "x,x,1", "y,y,1"]
    frame = making.read(
        tmp_path, "a,b,n\n" + "\n".join([*rows, "x,y,1.0", " x ,y,1"]) + "\n", making.feed(fields=fields)
    ).frame
    told = frame["_row_hash"].to_list()
    assert len(set(told[: len(rows)])) == len(rows) and told[0] == told[-1] == told[-2]
    assert min(told) >= 0


def test_the_hash_is_the_same_for_the_same_key_and_another_for_another(
    tmp_path: Path, monkeypatch: Any
) -> None:
    from orchestration import personal

    first = read_personal(tmp_path, "NO-1,,police").frame["case_id"][0]
    assert first == read_personal(tmp_path, " NO-1 ,,police").frame["case_id"][0]
    monkeypatch.setenv("BESLAG_KEY", "another key of enough length")
    personal.hash_key.cache_clear()
    assert first != read_personal(tmp_path, "NO-1,,police").frame["case_id"][0]


def test_a_reject_never_shows_a_personal_value(tmp_path: Path) -> None:
    parsed = read_personal(
        tmp_path, "hemmelig,X Æ,tollvesen", "NO-7,,police", "NO-7,y,police", "NO-8,too,many,cells"
    )
    assert set(parsed.rejects["reason"]) == {
        "pattern_mismatch", "not_in_list", "duplicate_key", "wrong_number_of_cells",
    }  # fmt: skip
    shown = {row[2] for row in making.rejected(parsed)}
    assert shown == {None, "tollvesen", "4 cells instead of 3"}


SYNTHETIC = making.feed(
    fields=[making.field("id"), making.field("is_synthetic", type="boolean")],
    synthetic={"column": "is_synthetic"},
)


def test_rows_are_synthetic_as_their_column_says(tmp_path: Path) -> None:
    def marks(text: str, contract: Contract) -> list[bool]:
        return making.read(tmp_path, "id,is_synthetic\n" + text, contract).frame["_is_synthetic"].to_list()

    assert marks("a,true\nb,true\n", SYNTHETIC) == [True, True]
    assert marks("a,false\nb,\n", SYNTHETIC) == [False, False]
    assert marks("a,true\n", making.feed(fields=[f.model_dump() for f in SYNTHETIC.fields])) == [False]


def test_real_rows_beside_synthetic_ones_refuse_the_file(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match="line 3 is real beside synthetic rows"):
        making.read(tmp_path, "id,is_synthetic\na,true\nb,false\nc,true\n", SYNTHETIC)
