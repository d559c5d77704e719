"""A correction is applied to what stands, never to raw, and refuses the build once it no longer holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import making
import pytest
from making import History

from expectations.raw import raw_suites
from orchestration import meta
from orchestration.baseline import DDL as BASELINE_DDL
from orchestration.corrections import COLUMNS, Correction, any_expired, load_corrections
from orchestration.errors import ContractError
from orchestration.gates import RESULTS_DDL, run_suites
from orchestration.load import bring_up_to_date
from orchestration.settings import PROJECT

FIELDS = [
    *making.FEED["schema"]["fields"],
    making.field("code", constraints={"enum": ["x", "y"]}),
    making.field("case_id", personal="hash"),
]
FEED = making.feed(fields=FIELDS)
ROWS = "id,day,mass_g,code,case_id\na,2024-01-05,1,x,1\nb,2024-01-05,2,x,2\nb,2024-01-06,3,,3\n"
TEN = dict(
    zip(
        COLUMNS,
        ("feed", "id=a", "mass_g", "1", "10.5", "a slipped comma", "the agency", "2024-06-30"),
        strict=True,
    )
)


def written(folder: Path, *changes: dict[str, str]) -> Path:
    lines = [",".join(COLUMNS)]
    for change in changes:
        cells = (str((TEN | change)[name]).replace('"', '""') for name in COLUMNS)
        lines.append(",".join(f'"{cell}"' for cell in cells))
    making.written(folder / "corrections.csv", "\n".join(lines) + "\n")
    return folder


def read(folder: Path, *changes: dict[str, str], contract: Any = FEED) -> list[Correction]:
    return load_corrections(written(folder, *changes), {"feed": contract})


def folded(folder: Path, *changes: dict[str, str], contract: Any = FEED, **keys: Any) -> History:
    history = History(folder, contract)
    history.deliver("2024-01-01", ROWS)
    arguments = {"before": None, "now": making.NOON} | keys
    report = bring_up_to_date(
        history.con,
        contract,
        history.archive,
        **arguments,
        corrected=read(folder, *changes, contract=contract),
    )
    history.report = report  # type: ignore[attr-defined]
    return history


def current(history: History) -> list[tuple[Any, ...]]:
    return history.sql("select id, day, mass_g, code from current.feed order by all")


A, B, C = (
    ("a", date(2024, 1, 5), Decimal(1), "x"), ("b", date(2024, 1, 5), Decimal(2), "x"), ("b", date(2024, 1, 6), Decimal(3), None),
)  # fmt: skip


def test_a_value_is_corrected_in_what_stands_and_not_in_raw(tmp_path: Path) -> None:
    history = folded(tmp_path, {})
    assert current(history) == [(*A[:2], Decimal("10.5"), "x"), B, C]
    assert [row[:4] for row in history.now()] == [A, B, C]
    assert history.sql("select rows, refuses from ops.corrections") == [(1, False)]


def test_without_corrections_what_stands_is_what_was_delivered(tmp_path: Path) -> None:
    assert current(folded(tmp_path)) == [A, B, C]
    assert load_corrections(tmp_path / "nowhere", {}) == []


@pytest.mark.parametrize(
    ("change", "row"),
    [
        ({"key": "id=b&day=2024-01-05", "expected": "2", "new": ""}, ("b", date(2024, 1, 5), None, "x")),
        ({"key": '{"id": "b", "mass_g": 2}', "expected": "2.0"}, ("b", date(2024, 1, 5), Decimal("10.5"), "x")),
        ({"key": "id=b&code=", "field": "code", "expected": "", "new": "y"}, (*C[:3], "y")),
        ({"key": '{"code": null}', "field": "day", "expected": "2024-01-06", "new": "2024-02-06"}, ("b", date(2024, 2, 6), *C[2:])),
        ({"field": "id", "expected": "a", "new": "it's"}, ("it's", *A[1:])),
    ],
)  # fmt: skip
def test_rows_are_found_by_any_fields_that_name_them(
    tmp_path: Path, change: dict[str, str], row: Any
) -> None:
    assert row in current(folded(tmp_path, change))


def test_several_corrections_of_one_row_and_of_one_field(tmp_path: Path) -> None:
    history = folded(
        tmp_path,
        {},
        {"field": "code", "expected": "x", "new": "y"},
        {"key": "id=b&day=2024-01-05", "expected": "2", "new": "7"},
    )
    assert current(history) == [("a", A[1], Decimal("10.5"), "y"), (*B[:2], Decimal(7), "x"), C]


STALE = {
    "expected 5 and found 1.000000; the source has changed: remove the line": {"expected": "5"},
    "expected nothing and found 1.000000": {"expected": ""},
    "finds no such row; the source has changed": {"key": "id=z"},
    "finds more than one row; name more fields in its key": {"key": "id=b"},
    "was to stand until 2023-12-31; ask the agency whether the source is repaired": {"until": "2023-12-31"},
}


@pytest.mark.parametrize("says", STALE)
def test_what_no_longer_holds_is_not_applied_is_said_and_refuses_the_build(tmp_path: Path, says: str) -> None:
    path = tmp_path / "build.duckdb"
    history = History(tmp_path, FEED)
    history.deliver("2024-01-01", ROWS)
    with duckdb.connect(str(path)) as con:
        corrected = read(tmp_path, STALE[says])
        report = bring_up_to_date(con, FEED, history.archive, None, making.NOON, corrected)
        assert con.execute("select mass_g from current.feed where id = 'a'").fetchall() == [(Decimal(1),)]
    (sentence,) = report.uncorrected
    assert says in sentence and sentence.startswith(
        "The correction on line 2 of corrections.csv, of feed.mass_g where id is "
    )
    refused = [r for r in run_suites(path, raw_suites([FEED])) if r.refuses]
    assert [r.check_name for r in refused] == ["corrections_hold"] and "expects of feed" in refused[
        0
    ].observed


def test_a_correction_holds_on_its_last_day(tmp_path: Path) -> None:
    until = {"until": "2024-01-01"}
    assert folded(tmp_path, until).report.uncorrected == []  # type: ignore[attr-defined]
    corrections = read(tmp_path, until)
    assert not any_expired(corrections, date(2024, 1, 1)) and any_expired(corrections, date(2024, 1, 2))


def test_a_source_that_is_repaired_makes_its_correction_fail(tmp_path: Path) -> None:
    history = folded(tmp_path, {})
    history.deliver("2024-02-01", ROWS.replace("05,1,x", "05,10.5,x"))
    report = bring_up_to_date(history.con, FEED, history.archive, None, making.NOON, read(tmp_path, {}))
    assert "expected 1 and found 10.5" in report.uncorrected[0]
    assert current(history)[0][2] == Decimal("10.5")


def test_an_as_of_build_leaves_out_what_did_not_hold_yet(tmp_path: Path) -> None:
    history = folded(tmp_path, {"expected": "5"}, before=datetime(2024, 5, 1))
    assert len(history.report.uncorrected) == 1  # type: ignore[attr-defined]
    assert history.sql("select rows, refuses from ops.corrections") == [(0, False)]


def test_a_value_found_in_a_restricted_source_is_not_said(tmp_path: Path) -> None:
    contract = making.feed(fields=FIELDS, disclosure="restricted")
    history = folded(tmp_path, {"expected": "5"}, contract=contract)
    (sentence,) = history.report.uncorrected  # type: ignore[attr-defined]
    assert "expected 5 and found another value" in sentence


BROKEN = {
    "there is no source 'food'": {"source": "food"},
    "feed has no field 'mass'": {"field": "mass"},
    "feed has no field 'name'": {"key": "name=a"},
    "'case_id' is personal": {"field": "case_id"},
    "it can neither be corrected nor name a row here": {"key": "case_id=1"},
    "its key names no field": {"key": "a"},
    "'much' is no number for mass_g": {"new": "much"},
    "'1,5' is no number": {"expected": "1,5"},
    "'5 May' is no date for day": {"key": "day=5 May"},
    "the cell 'reason' is empty": {"reason": " "},
    "the cell 'reported_to' is empty": {"reported_to": ""},
    "until 'soon' is not a date": {"until": "soon"},
    "expected and new are the same": {"new": "1"},
    "the new value of code is none of x, y": {"field": "code", "expected": "x", "new": "z"},
    "the new value of id is missing": {"field": "id", "expected": "a", "new": ""},
}


@pytest.mark.parametrize("says", BROKEN)
def test_a_line_that_could_never_be_applied_is_refused_by_number(tmp_path: Path, says: str) -> None:
    with pytest.raises(ContractError) as error:
        read(tmp_path, {}, BROKEN[says])
    assert str(error.value).startswith("corrections.csv, line 3: ") and says in str(error.value)


def test_a_file_of_another_form_is_refused(tmp_path: Path) -> None:
    for content, says in (
        ("source,key\n", "its columns must be source, key, field"),
        (",".join(COLUMNS) + "\nfeed,id=a\n", "does not have 8 cells"),
        (b"\xff\xfe", "cannot be read"),
    ):
        making.written(tmp_path / "corrections.csv", content)
        with pytest.raises(ContractError, match=says):
            load_corrections(tmp_path, {"feed": FEED})
    with pytest.raises(ContractError, match="line 3: line 2 corrects the same value"):
        read(tmp_path, {}, {"expected": "2"})


def test_the_file_that_ships_is_sound() -> None:
    from orchestration.contract import load_contracts

    load_corrections(PROJECT / "sources", load_contracts(PROJECT / "sources"))


def test_readers_see_that_values_were_corrected_but_not_which(tmp_path: Path) -> None:
    path = tmp_path / "build.duckdb"
    history = History(tmp_path, FEED)
    history.deliver("2024-01-01", ROWS)
    with duckdb.connect(str(path)) as con:
        con.execute(RESULTS_DDL + BASELINE_DDL)
        stale = replace(read(tmp_path, {})[0], line=3, key=(("id", "z"),))
        bring_up_to_date(con, FEED, history.archive, None, making.NOON, [*read(tmp_path, {}), stale])
    with duckdb.connect() as con:
        con.execute(f"attach ':memory:' as candidate; attach '{path}' as build (read_only)")
        meta.write(con, meta.Facts("1", making.NOON, None, "code"), {"feed": FEED}, [], None)
        assert con.execute("select * from candidate.meta.corrections").fetchall() == [
            ("feed", "mass_g", "a slipped comma", "the agency", date(2024, 6, 30), 1)
        ]
