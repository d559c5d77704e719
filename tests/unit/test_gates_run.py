"""A gate is a gate: whatever keeps a check from being evaluated refuses the build."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest
from great_expectations.expectations.core.expect_column_values_to_not_be_null import (
    ExpectColumnValuesToNotBeNull,
)
from great_expectations.expectations.expectation import Expectation

from expectations.suite import Note, Suite, check, no_rows_from, no_rows_where
from orchestration import database
from orchestration.gates import CheckResult, format_refusal, run_suites, write_results

SOUND = no_rows_where("raw.t", "x < 0", Note("not_negative", "x"))
SECRET = "11029012345"


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A build with one table of two rows, in a folder whose name needs escaping."""
    path = tmp_path / "a 50%41 $HOME #build" / "build.duckdb"
    with database.connect(path) as con:
        con.execute("create schema raw; create schema ops; create table raw.t (x integer, s varchar)")
        con.execute("insert into raw.t values (1, ?), (2, null)", [SECRET])
    return path


def results_of(build: Path, checks: Sequence[Expectation], table: str = "t") -> list[CheckResult]:
    """The gate's results of one suite."""
    return run_suites(build, [Suite(f"raw.{table}", "raw", table, checks)])


def test_a_sound_check_passes(build: Path) -> None:
    [result] = results_of(build, [SOUND])
    assert result.success
    assert not result.refuses
    assert (result.observed, result.failing_rows) == ("0 failing rows", 0)


def test_a_query_means_what_it_says_colons_and_all(build: Path) -> None:
    results = results_of(
        build,
        [
            no_rows_from(
                "select * from raw.t where ':of' <> '(?:no parameter)' and x::varchar <> ''", Note("two")
            ),
            no_rows_from("select 1 where '12:30' = ':none'", Note("none")),
            no_rows_from("select * from raw.t where s is null", Note("one")),
        ],
    )
    assert [(r.check_name, r.failing_rows) for r in results] == [("two", 2), ("none", 0), ("one", 1)]


def test_a_missing_table_refuses(build: Path) -> None:
    [result] = results_of(build, [SOUND], table="gone")
    assert result.refuses
    assert "raw.gone does not exist" in result.observed


def test_a_suite_without_checks_refuses(build: Path) -> None:
    [result] = results_of(build, [])
    assert result.refuses
    assert "has no checks" in result.observed


def test_no_suite_at_all_refuses(build: Path) -> None:
    [result] = run_suites(build, [])
    assert result.refuses


def test_a_build_that_is_not_there_refuses(tmp_path: Path) -> None:
    [result] = results_of(tmp_path / "none.duckdb", [SOUND])
    assert result.refuses
    assert "cannot be opened" in result.observed


def test_a_file_that_is_no_database_refuses(tmp_path: Path) -> None:
    path = tmp_path / "build.duckdb"
    path.write_bytes(b"x" * 10_000)
    [result] = results_of(path, [SOUND])
    assert result.refuses


RAISING = {
    "unknown column": no_rows_where("raw.t", "nowhere > 0", Note("broken")),
    "unknown table": no_rows_from("select * from raw.nowhere", Note("broken")),
    "bad syntax": no_rows_from("select from where", Note("broken")),
    "unknown column of GX's own": check(
        ExpectColumnValuesToNotBeNull, Note("broken", "nowhere"), column="nowhere"
    ),
    "conversion": no_rows_where("raw.t", "cast(s as date) is null", Note("broken")),
    "overflow": no_rows_from("select 1 from raw.t where cast(s as integer) > 0", Note("broken")),
}


@pytest.mark.parametrize("kind", RAISING)
def test_an_error_inside_a_check_refuses_and_takes_no_other_check_along(build: Path, kind: str) -> None:
    broken, sound = results_of(build, [RAISING[kind], SOUND])
    assert broken.refuses
    assert "could not be evaluated" in broken.observed
    assert sound.success


@pytest.mark.parametrize("kind", RAISING)
def test_an_error_says_no_value_of_a_row(build: Path, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    results = results_of(build, [RAISING[kind]])
    assert SECRET not in repr(results) + caplog.text


def test_a_check_that_gx_leaves_out_refuses(build: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.gates._validate", lambda source, suite: {})
    [result] = results_of(build, [SOUND])
    assert result.refuses
    assert result.observed == "The check was not evaluated."


def test_rows_that_cannot_be_located_are_counted_all_the_same(build: Path) -> None:
    [result] = results_of(
        build, [no_rows_where("raw.t", "x > 0", Note("n", rows="select * from raw.nowhere"))]
    )
    assert (result.failing_rows, result.places) == (2, [])


def test_a_warning_fails_without_refusing(build: Path) -> None:
    [result] = results_of(build, [no_rows_where("raw.t", "x > 0", Note("small", severity="warn"))])
    assert not result.success
    assert not result.refuses
    assert format_refusal([result]).startswith("No check refused the build.")


def test_two_checks_of_one_name_are_an_error() -> None:
    with pytest.raises(ValueError, match="not_negative twice"):
        Suite("raw.t", "raw", "t", [SOUND, SOUND])


def test_results_replace_those_of_their_stage_only(build: Path) -> None:
    results = results_of(build, [SOUND])
    with database.connect(build) as con:
        write_results(con, "raw", results)
        write_results(
            con, "marts", [CheckResult("marts.m", "c", "marts.m", None, "error", False, "2 failing rows", 2)]
        )
        write_results(con, "raw", results)
        rows = con.execute(
            "select suite, check_name, success, failing_rows from ops.check_results order by 1"
        ).fetchall()
    assert rows == [("marts.m", "c", False, 2), ("raw.t", "not_negative", True, 0)]


def test_results_hold_no_value_of_a_row(build: Path) -> None:
    results = run_suites(
        build,
        [Suite("raw.t", "raw", "t", [no_rows_where("raw.t", "x = 1", Note("n", "s"))])],
        lambda *_: True,
    )
    assert SECRET in results[0].samples[0]
    with database.connect(build) as con:
        write_results(con, "raw", results)
        assert SECRET not in repr(con.execute("from ops.check_results").fetchall())


def test_a_refusal_says_which_check_table_rows_and_where() -> None:
    places = ["a.csv, line 2, column x", "a.csv, line 7, column x", "b.csv, line 3, column x"]
    bad = CheckResult(
        "raw.t", "minimum_x", "raw.t", "x", "error", False, "12 failing rows", 12, places, places
    )
    text = format_refusal(
        [bad, CheckResult("raw.t", "ok", "raw.t", None, "error", True, "0 failing rows", 0)]
    )
    assert text.splitlines() == [
        "1 of 2 checks refused the build.",
        "  refused: raw.t, column x: minimum_x: 12 failing rows",
        *(f"    at {place}" for place in places),
    ]


def test_a_locked_build_refuses(build: Path) -> None:
    with duckdb.connect(str(build), config={"threads": 7}) as con:
        con.execute("select 1")
        [result] = results_of(build, [SOUND])
    assert result.refuses
    assert "cannot be opened" in result.observed
