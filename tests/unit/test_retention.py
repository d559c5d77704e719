"""What a good night clears away: builds, runs, and, only if asked to, deliveries that nothing stands on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import making
import pytest

from orchestration import builds, retention
from orchestration.archive import Archive
from orchestration.database import connect
from orchestration.errors import UsageError
from orchestration.intake import take_in
from orchestration.load import bring_up_to_date
from orchestration.settings import Settings

DAYS = "BESLAG_KEEP_ARCHIVE_DAYS"
NOW = datetime(2026, 11, 27)


@pytest.mark.parametrize("text", ["0", "-1", "seven", "1.5"])
def test_a_setting_that_is_no_number_is_a_sentence(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(DAYS, text)
    with pytest.raises(UsageError, match=f"{DAYS} is '{text}'"):
        retention.check()


def test_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    retention.check()
    assert [retention.kept(name) for name in retention.DEFAULTS] == [7, 90, None]
    monkeypatch.setenv("BESLAG_KEEP_BUILDS", "3")
    assert retention.kept("BESLAG_KEEP_BUILDS") == 3


def test_older_runs_go_with_their_events() -> None:
    @dg.op
    def nothing() -> None: ...

    @dg.job
    def job() -> None:
        nothing()

    with dg.DagsterInstance.ephemeral() as instance:
        run_id = job.execute_in_process(instance=instance).run_id
        settings = Settings(now=datetime.now() + timedelta(days=89))
        assert retention.clear_runs(settings, instance) == 0
        assert retention.clear_runs(replace(settings, now=settings.now + timedelta(days=3)), instance) == 1
        assert instance.get_runs() == []
        assert not instance.all_logs(run_id)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Three editions of one feed, years apart; the first two say nothing that still stands."""
    settings = making.home(tmp_path, NOW)
    contract = making.feed(known_at={"from": "file_name", "pattern": r"(\d{4}-\d\d-\d\d)"}, primaryKey=["id"])
    for year, mass in ((2020, 1), (2022, 2), (2024, 3)):
        making.written(settings.inbox / "feed" / f"{year}-01-01.csv", f"{making.HEADER}a,2019-01-01,{mass}\n")
    take_in(contract, settings)
    with connect(settings.build) as con:
        bring_up_to_date(con, contract, Archive(settings.archive), None, NOW)
    build = builds.Build(
        "1", "2026-11-26", None, "code", builds.inputs({"feed": contract}, settings), "0" * 64
    )
    (settings.builds / "1" / "rows").mkdir(parents=True)
    with connect(tmp_path / "rows.duckdb") as con:
        con.execute(
            f"copy (select 1 as delivery_id, '' as sha256) to '{settings.builds}/1/rows/deliveries.parquet'"
        )
    builds.write_record(settings.builds / "1", build)
    return settings


def names(settings: Settings) -> list[str]:
    return [d.file_name for d in Archive(settings.archive).deliveries()]


def test_deliveries_are_kept_for_ever_unless_asked_for(settings: Settings) -> None:
    assert list(retention.clear_archive(settings)) == []
    assert len(names(settings)) == 3


def test_what_still_lies_in_the_inbox_is_kept(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DAYS, "365")
    assert list(retention.clear_archive(settings)) == []


def test_superseded_deliveries_go_when_old_and_their_builds_say_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in settings.inbox.glob("*/*"):
        path.unlink()
    monkeypatch.setenv(DAYS, str(365 * 5))  # only 2020 is that old
    said = " ".join(retention.clear_archive(settings))
    assert "retention" not in said
    assert "2020-01-01.csv" in said
    assert names(settings) == ["2022-01-01.csv", "2024-01-01.csv"]
    (build,) = builds.kept_builds(settings)
    assert len(build.forgotten) == 1
    assert (
        Archive(settings.archive).missing(datetime(2021, 1, 1)) == build.forgotten
    )  # of any as-of build, too


def test_what_stands_is_never_cleared(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in settings.inbox.glob("*/*"):
        path.unlink()
    monkeypatch.setenv(DAYS, "1")
    list(retention.clear_archive(settings))
    assert names(settings) == ["2024-01-01.csv"]
