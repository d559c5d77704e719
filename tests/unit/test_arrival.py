"""A delivery is judged against what stands before it is merged; what refuses it is said, and can be allowed with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import making
import pytest
import yaml
from making import History

from orchestration.contract import load_contract
from orchestration.errors import ContractError
from orchestration.inspection import check_file
from orchestration.intake import take_in

MONTHS = {"field": "day", "step": "month"}
FIELDS = [*making.FEED["schema"]["fields"], making.field("place", optional=True)]


def feed(scope: list[dict[str, str]] | None = None, **tolerance: Any) -> Any:
    rule = {"quarantined": 1.0, "reason": "as agreed"} | tolerance
    return making.feed(fields=FIELDS, tolerance=rule, revision={"scope": scope or []})


def months(*numbers: int, year: int = 2023, mass: int = 1, name: str = "a") -> list[str]:
    return [f"{name},{year}-{number:02}-15,{mass}" for number in numbers]


def csv(*rows: str, place: str | None = None) -> str:
    header = "id,day,mass_g" if place is None else "id,day,mass_g,place"
    return header + "\n" + "".join(f"{row}{'' if place is None else ',' + place}\n" for row in rows)


def verdict(folder: Path, contract: Any, first: str, second: str, known: str = "2024-06-01") -> str | None:
    """What refuses the second delivery, None when nothing does; refused, it leaves everything as it was."""
    history = History(folder, contract)
    assert history.told("2024-01-01", first).refused == []
    before = history.versions()
    report = history.told(known, second)
    if report.refused:
        assert history.versions() == before and report.folded == 0
        return report.refused[0]
    return None


YEARS = [{"field": "day", "by": "year"}]
NAMES = [{"field": "id"}]


@pytest.mark.parametrize(
    ("contract", "first", "second", "says"),
    [
        (feed(periods=MONTHS), months(1, 2, 3), months(1, 2, 3, 4), None),
        (feed(periods=MONTHS), months(1, 2, 3), months(1, 3, 4), "1 months that one would expect of it by what stands (beginning 2023-02-01)"),
        (feed(periods=MONTHS), months(1, 3), months(1, 3, 4), None),  # the hole was there before
        (feed(periods=MONTHS), months(1, 2), months(1, 2, 4), "beginning 2023-03-01"),  # goes on with a hole
        (feed(periods=MONTHS), months(1, 2, 3), months(1, 2), "beginning 2023-03-01"),  # ends too soon
        (feed(YEARS, periods=MONTHS), months(1, 2), months(1, 2, year=2022), None),  # another year has no such month
        (feed(YEARS, periods=MONTHS), months(1, 2, 3), months(1, 2), "beginning 2023-03-01"),
        (feed(NAMES, periods=MONTHS), months(1, 2, 3), months(1, 2, name="b"), None),
        (feed(NAMES, periods=MONTHS), months(1, 2, 3), [*months(1, 2, 3), *months(1, 3, name="b")], None),  # nothing stood of b
        (feed(periods=MONTHS | {"gaps": 1}), months(1, 2, 3), months(1, 3), None),
        (feed(periods=MONTHS | {"gaps": 1}), months(1, 2, 3, 4), months(1, 4), "2 months"),
        (feed(periods=MONTHS | {"step": "half_year"}), months(1, 7), months(2, 8), None),
        (feed(periods=MONTHS | {"step": "half_year"}), months(1, 7), months(3, 4), "1 half-years"),
        (feed(periods=MONTHS | {"step": "year"}), months(1), months(1, year=2025), "1 years"),
        (feed(YEARS, periods=MONTHS), months(1, 2), [*months(1, 2), *months(11, 12, year=2022), *months(10, year=2021)], "12 months"),
        (feed(periods=MONTHS), months(*range(1, 13)), months(1), "2023-06-01 and 6 more), more than the tolerated 0 (as agreed)"),
    ],
)  # fmt: skip
def test_periods_left_out_are_named(
    tmp_path: Path, contract: Any, first: list[str], second: list[str], says: str | None
) -> None:
    said = verdict(tmp_path, contract, csv(*first), csv(*second))
    if says is None:
        assert said is None or "months" not in said
    else:
        assert said is not None and says in said and "'tolerance.periods.gaps' with a reason" in said


def test_an_append_may_fill_a_hole_but_not_leave_one(tmp_path: Path) -> None:
    keys: dict[str, Any] = {"revision": {"mode": "append"}, "primaryKey": ["id", "day"]}
    contract = making.feed(**keys, tolerance={"reason": "r", "periods": MONTHS})
    assert verdict(tmp_path / "a", contract, csv(*months(2)), csv(*months(1, 3))) is None
    assert "beginning 2023-02-01" in str(
        verdict(tmp_path / "b", contract, csv(*months(5)), csv(*months(1, 3)))
    )


def test_rows_and_bytes_are_held_against_what_they_replace_and_no_more(tmp_path: Path) -> None:
    contract = feed(YEARS, rows=0.5, size=0.2)
    first = csv(*months(*range(1, 9), year=2022), *months(*range(1, 9)))
    rolled = csv(*(line for year in range(2023, 2028) for line in months(*range(1, 9), year=year)))
    assert verdict(tmp_path / "more years", contract, first, rolled) is None
    fewer = csv(*months(*range(1, 9), year=2023))
    assert verdict(tmp_path / "fewer years", contract, first, fewer) is None
    halved = csv(*months(*range(1, 4), year=2023), *months(*range(1, 13), year=2024))
    said = verdict(tmp_path / "halved", contract, first, halved)
    assert said is not None and "holds 3 rows where the delivery it replaces held 8" in said
    longer = csv(*months(*range(1, 9), year=2022), *months(*range(1, 9), name="a" * 50))
    said = verdict(tmp_path / "same years", contract, first, longer)
    assert said is not None and "bytes where the delivery it replaces held" in said


def test_a_column_that_was_filled_must_not_vanish(tmp_path: Path) -> None:
    first, bare, empty = csv(*months(1), place="Oslo"), csv(*months(1)), csv(*months(1), place="")
    for number, second in enumerate((bare, empty)):
        said = verdict(tmp_path / str(number), feed(), first, second)
        assert (
            said is not None
            and "the column 'place' is missing or empty" in said
            and "filled it in 1 rows" in said
        )
    assert verdict(tmp_path / "never", feed(), bare, empty) is None
    assert verdict(tmp_path / "elsewhere", feed(YEARS), first, csv(*months(1, year=2022))) is None
    assert verdict(tmp_path / "allowed", feed(vanished=["place"]), first, bare) is None


@pytest.mark.parametrize(
    ("changed", "second", "says"),
    [
        (0.0, months(1, 2, 3, 4), None),
        (
            0.0,
            [*months(1, 2, 3), *months(4, mass=9)],
            "changes 1 of the 4 rows of months that ended more than 90 days",
        ),
        (0.25, [*months(1, 2, 3), *months(4, mass=9)], None),
        (0.2, [*months(1, 2, 3), *months(4, mass=9)], "25.0% where 20.0% are tolerated (as agreed)"),
        (0.2, [*months(1, 2, 3, 4), *months(4, mass=9)], "changes 1 of the 4 rows"),  # a row more
        (0.2, months(1, 2, 3), "no row"),  # a row less
        (0.0, [*months(1, 2, 3, 4), *months(5, mass=9)], None),  # a month nobody had told of
        (None, months(1, 2, 3, 4, mass=9), None),
    ],
)
def test_closed_periods_change_only_within_tolerance(
    tmp_path: Path, changed: float | None, second: list[str], says: str | None
) -> None:
    rule = MONTHS | {"closed_after_days": 90} | ({} if changed is None else {"changed": changed})
    said = verdict(tmp_path, feed(periods=rule), csv(*months(1, 2, 3, 4)), csv(*second))
    assert (said is None) if says is None else (said is not None and says in said)


def test_a_period_is_closed_only_so_long_after_its_end(tmp_path: Path) -> None:
    rule = MONTHS | {"closed_after_days": 30, "changed": 0.0}
    first, second = csv(*months(1, 2)), csv(*months(1), *months(2, mass=9))
    known = ("2023-03-30", "2023-03-31")  # 29 and 30 days after February
    for day, refused in zip(known, (False, True), strict=True):
        history = History(tmp_path / day, feed(periods=rule))
        history.told("2023-03-01", first)
        assert bool(history.told(day, second).refused) is refused


def test_revised_rows_are_counted(tmp_path: Path) -> None:
    history = History(tmp_path, feed(periods=MONTHS | {"changed": 0.5}))
    history.told("2024-01-01", csv(*months(1, 2, 3)))
    report = history.told("2024-06-01", csv(*months(1, 2), *months(3, mass=9)))
    assert report.rows_revised == 1 and "1 revised in closed periods" in report.sentence()
    assert history.sql("select rows_closed, rows_revised from ops.revised order by delivery_id") == [
        (0, 0),
        (3, 1),
    ]


def test_a_rightly_different_delivery_is_let_through_by_a_wider_tolerance_and_a_reason(
    tmp_path: Path,
) -> None:
    rule = MONTHS | {"changed": 0.1}
    history = History(tmp_path, feed(periods=rule))
    history.told("2024-01-01", csv(*months(1, 2, 3)))
    assert history.told("2024-06-01", csv(*months(1, 2, 3, mass=9))).refused
    assert (
        history.told("2024-07-01", csv(*months(1, 2, 3, 4))).refused == []
    )  # later ones go on from what stands
    history.contract = feed(periods=rule | {"changed": 1.0}, reason="the register moved to grams on 1 May")
    assert history.fold().refused == [] and history.sql("select count(*) from ops.deliveries") == [(3,)]
    assert len(history.at("2024-06-02")) == 3 and {row[2] for row in history.at("2024-06-02")} == {9}


def test_check_says_beforehand_what_would_refuse_a_file(tmp_path: Path) -> None:
    settings = making.home(tmp_path)
    today = replace(settings, now=datetime(2024, 6, 1))
    rule = {"reason": "as agreed", "periods": MONTHS | {"changed": 0.1}}
    text = yaml.safe_dump(making.changed(tolerance=rule, path="*"))
    contract = load_contract(making.written(settings.contracts_dir / "feed.yml", text))
    making.written(settings.inbox / "feed" / "first.csv", csv(*months(1, 2, 3)))
    take_in(contract, settings)
    second = check_file(today, making.written(tmp_path / "new.csv", csv(*months(1, 2, 3, mass=9))), "feed")
    assert not second.acceptable and "changes 3 of the 3 rows" in second.lines[0]
    third = check_file(today, making.written(tmp_path / "new.csv", csv(*months(1, 3))), "feed")
    assert not third.acceptable and "no row for 1 months" in third.lines[0]
    fourth = check_file(today, making.written(tmp_path / "new.csv", csv(*months(*range(1, 12)))), "feed")
    assert fourth.acceptable and any("0 of 3 rows of closed periods" in line for line in fourth.lines)


@pytest.mark.parametrize(
    ("tolerance", "says"),
    [
        ({"periods": {"field": "id", "step": "month"}}, "names id, which is neither a date nor a year"),
        ({"periods": {"field": "when", "step": "month"}}, "names when, which schema.fields does not declare"),
        ({"vanished": ["id"]}, "names id, which is not an optional column"),
        ({"periods": {"field": "day", "step": "decade"}}, "tolerance.periods.step"),
        ({"reason": ""}, "tolerance.reason"),
    ],
)
def test_a_tolerance_that_could_not_be_judged_is_refused(tmp_path: Path, tolerance: Any, says: str) -> None:
    data = making.changed(fields=FIELDS, tolerance={"reason": "r"} | tolerance)
    with pytest.raises(ContractError, match=says):
        load_contract(making.written(tmp_path / "feed.yml", yaml.safe_dump(data)))
