"""A build that differs too much from the one readers see is refused, once accepted let through, and then is the measure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import making
import pytest

from expectations.baseline import COMPARED, RULES, baseline_suites
from orchestration import baseline, builds
from orchestration.archive import Archive, Delivery
from orchestration.database import connect
from orchestration.errors import UsageError
from orchestration.gates import CheckResult, run_suites
from orchestration.settings import Settings

NOON = datetime(2024, 1, 1, 12)


def column_types(mart: str) -> str:
    """The columns that are compared of a mart."""
    each = next(c for c in COMPARED if c.mart == mart)
    own = [f"{each.date} date", f"{each.category} varchar", *(f"{t} decimal(18, 6)" for t in each.totals)]
    grain = ["period_grain varchar", "is_complete boolean"] if "period_grain" in each.only else []
    return ", ".join(["source varchar", "is_synthetic boolean", *own, *grain])


def fill(path: Path, rows: list[tuple[str, int, str, float, int]], *, synthetic: bool = False) -> None:
    """Rows of every compared mart: source, year, category, total, how many."""
    with connect(path) as con:
        con.execute("create schema if not exists marts")
        for each in COMPARED:
            con.execute(f"create or replace table marts.{each.mart} ({column_types(each.mart)})")
            for source, year, category, total, n in rows:
                values = [source, synthetic, date(year, 1, 1), category, *(total for _ in each.totals)]
                values += ["year", True] if "period_grain" in each.only else []
                marks = ", ".join("?" for _ in values)
                con.execute(f"insert into marts.{each.mart} select {marks} from range({n})", values)


USUAL = [
    ("s", 2022, "cocaine", 10, 100),
    ("s", 2022, "cannabis", 10, 100),
    ("s", 2023, "cocaine", 10, 50),
    ("s", 2024, "cocaine", 10, 9),
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home whose published build holds the usual rows, and was made in 2024."""
    made = making.home(tmp_path)
    publish(made, "1", USUAL)
    return made


def publish(settings: Settings, build_id: str, rows: list[tuple[str, int, str, float, int]]) -> None:
    settings.published.unlink(missing_ok=True)
    fill(settings.published, rows)
    with connect(settings.published) as con:
        con.execute("create schema meta; create table meta.build (build_id varchar, built_at timestamp)")
        con.execute("insert into meta.build values (?, ?)", [build_id, NOON])
        con.execute("create table meta.snapshots as select 's' as source, 'aa' as sha256")


def judged(settings: Settings) -> list[CheckResult]:
    """What does not pass."""
    baseline.compare(settings)
    results = run_suites(settings.build, baseline_suites())
    assert len(results) == len(COMPARED) * (len(RULES) + 1)
    return [r for r in results if not r.success]


def changed(*rows: tuple[str, int, str, float, int]) -> list[tuple[str, int, str, float, int]]:
    """The usual rows with some replaced, by source, year and category; n = 0 leaves them out."""
    new = {row[:3]: row for row in rows}
    return [new.pop(row[:3], row) for row in USUAL] + list(new.values())


FINE = {
    "nothing changed": USUAL,
    "a few rows corrected": changed(("s", 2022, "cocaine", 10, 96)),
    "the year that was not over grew": changed(("s", 2024, "cocaine", 10, 900)),
    "a new source": changed(("t", 2022, "heroin", 10, 900)),
    "a new year": changed(("s", 2021, "cocaine", 10, 8)),
    "a source that is gone altogether": [("t", 2022, "cocaine", 10, 9)],
}
TRIPPED = {
    "rows_of_closed_years_stand": changed(("s", 2023, "cocaine", 10.2, 40)),
    "totals_of_closed_years_stand": changed(("s", 2023, "cocaine", 14, 50)),
    "no_category_vanished": changed(("s", 2022, "cannabis", 10, 0)),
    "categories_keep_their_shares": changed(("s", 2022, "cannabis", 10, 60), ("s", 2022, "cocaine", 10, 140)),
}


@pytest.mark.parametrize("kind", FINE)
def test_what_nights_bring_passes(settings: Settings, kind: str) -> None:
    fill(settings.build, FINE[kind])
    assert [r for r in judged(settings) if r.refuses] == []


@pytest.mark.parametrize("check", RULES)
def test_every_check_of_every_mart_refuses_what_it_is_for(settings: Settings, check: str) -> None:
    fill(settings.build, TRIPPED[check])
    refused = {r.suite: r for r in judged(settings) if r.refuses and r.check_name == check}
    adding_up = {
        f"baseline.{each.mart}" for each in COMPARED if each.totals or not check.startswith("totals")
    }
    assert set(refused) == adding_up
    for result in refused.values():
        assert " of s" in result.places[0]
        assert not any(character.isdigit() for character in result.places[0].replace("2023", ""))


def test_a_new_category_is_a_warning(settings: Settings) -> None:
    fill(settings.build, changed(("s", 2022, "ketamine", 10, 1)))
    found = judged(settings)
    assert {r.check_name for r in found} == {"no_new_category"}
    assert not any(r.refuses for r in found)


def test_the_first_build_has_nothing_to_be_compared_with(settings: Settings) -> None:
    settings.published.unlink()
    fill(settings.build, USUAL)
    assert judged(settings) == []


def test_real_rows_end_the_synthetic_ones_without_being_compared(settings: Settings) -> None:
    fill(settings.build, [("s", 2022, "heroin", 1, 3)], synthetic=True)
    assert judged(settings) == []


def test_what_was_forgotten_is_not_missed(settings: Settings) -> None:
    archive = Archive(settings.archive)
    archive.record(Delivery(NOON, "aa", "s", "a.csv", 1, NOON))
    archive.forget("aa", "asked to", NOON)
    fill(settings.build, [("s", 2022, "cocaine", 10, 1)])
    assert judged(settings) == []


@pytest.fixture
def refused(settings: Settings) -> Iterator[Callable[[], bool]]:
    """A build that the baseline refuses; says whether it still does."""
    fill(settings.build, TRIPPED["no_category_vanished"])
    yield lambda: any(r.refuses for r in judged(settings))


def test_an_accepted_change_is_let_through_once(settings: Settings, refused: Callable[[], bool]) -> None:
    assert refused()
    said = baseline.accept(settings, "the laboratory renamed it")
    assert any("cannabis of s" in sentence for sentence in said)
    assert not refused()
    assert not refused()  # until it is published, the night may be tried again
    with connect(settings.build) as con:
        reasons = con.execute(
            "select distinct accepted from ops.baseline where accepted is not null"
        ).fetchall()
    assert reasons == [("the laboratory renamed it",)]
    publish(settings, "2", TRIPPED["no_category_vanished"])
    assert not refused()
    fill(settings.build, USUAL)
    fill(settings.build, changed(("s", 2022, "cannabis", 10, 0), ("s", 2023, "cocaine", 10, 0)))
    assert refused()  # what was accepted before is past


def test_other_figures_than_those_accepted_are_refused(
    settings: Settings, refused: Callable[[], bool]
) -> None:
    assert refused()
    baseline.accept(settings, "the laboratory renamed it")
    fill(settings.build, changed(("s", 2022, "cannabis", 10, 0), ("s", 2022, "cocaine", 10, 60)))
    assert refused()


def test_without_a_refusal_or_a_reason_nothing_is_accepted(settings: Settings) -> None:
    with pytest.raises(UsageError, match="nothing to accept"):
        baseline.accept(settings, "because")
    fill(settings.build, USUAL)
    assert judged(settings) == []
    with pytest.raises(UsageError, match="nothing to accept"):
        baseline.accept(settings, "because")
    with pytest.raises(UsageError, match="needs a reason"):
        baseline.accept(settings, " ")
    assert builds.held_by_rollback(settings) is None
