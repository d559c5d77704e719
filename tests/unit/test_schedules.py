"""When a refresh starts by itself: every night, DST or not, and when deliveries lie still; never on shipped inputs."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import making
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from orchestration import last_run, reporting, schedules, status
from orchestration.settings import PROJECT, Settings


@dg.op
def nothing() -> None: ...


@dg.job
def refresh() -> None:
    nothing()


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    made = making.home(tmp_path / "home")
    made.var.mkdir()
    monkeypatch.setenv("BESLAG_INBOX", str(made.inbox))
    monkeypatch.setenv("BESLAG_HOME", str(made.home))
    monkeypatch.setattr(status, "freshness", lambda _: [])
    return made


def nights(after: datetime, count: int) -> list[str]:
    """The next ticks of the schedule, in the time of Oslo."""
    schedule = schedules.nightly(refresh)
    ticks = schedule_execution_time_iterator(
        after.timestamp(), str(schedule.cron_schedule), schedule.execution_timezone or "", ascending=True
    )
    return [f"{next(ticks):%m-%d %H:%M %z}" for _ in range(count)]


def test_there_is_one_tick_on_the_night_of_23_hours_and_one_on_that_of_25() -> None:
    assert nights(datetime(2026, 3, 27, 12), 4) == [
        "03-28 02:30 +0100",
        "03-29 03:00 +0200",  # 02:30 does not exist
        "03-30 02:30 +0200",
        "03-31 02:30 +0200",
    ]
    autumn = nights(datetime(2026, 10, 23, 12), 4)
    assert [tick[:5] for tick in autumn] == ["10-24", "10-25", "10-26", "10-27"]
    assert autumn[1].startswith("10-25 02:30")  # it exists twice


def test_no_two_ticks_lie_further_apart_than_a_night_may_be_silent() -> None:
    schedule = schedules.nightly(refresh)
    ticks = schedule_execution_time_iterator(
        datetime(2026, 1, 1).timestamp(), str(schedule.cron_schedule), "Europe/Oslo", ascending=True
    )
    year = [next(ticks) for _ in range(366)]
    longest = max(b.timestamp() - a.timestamp() for a, b in itertools.pairwise(year))
    assert longest < last_run.ONE_NIGHT_AND_A_BIT * 3600


Look = Callable[[], str]


@pytest.fixture
def look(settings: Settings) -> Look:
    """One evaluation of the sensor of arrivals: "run", or why not."""
    sensor, cursor = schedules.arrivals(refresh), [None]

    def once() -> str:
        with dg.DagsterInstance.ephemeral() as instance:
            context = dg.build_sensor_context(instance=instance, cursor=cursor[0])
            data = sensor.evaluate_tick(context)
        cursor[0] = data.cursor  # type: ignore[assignment]
        return "run" if data.run_requests else data.skip_message or ""

    return once


def test_a_file_starts_a_refresh_once_it_has_stopped_growing(settings: Settings, look: Look) -> None:
    look(), look()  # the empty inbox, twice the same
    assert look().startswith("Nothing has arrived")
    path = making.written(settings.inbox / "feed" / "a.csv", "half")
    assert "still growing" in look()
    path.write_text("whole now")
    assert "still growing" in look()
    assert look() == "run"
    assert look().startswith("Nothing has arrived")
    making.written(settings.inbox / "feed" / ".part", "hidden")
    assert look().startswith("Nothing has arrived")
    path.unlink()
    look()
    assert look() == "run"  # what lies in the inbox has changed; the run says what that means


def test_neither_starts_on_the_inputs_that_ship(
    settings: Settings, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BESLAG_INBOX")
    assert "synthetic" in look()
    tick = schedules.nightly(refresh).evaluate_tick(dg.build_schedule_context())
    assert not tick.run_requests
    assert "synthetic" in (tick.skip_message or "")


def test_the_watchman_says_what_was_missed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def says() -> str:
        with dg.DagsterInstance.ephemeral() as instance:
            context = dg.build_sensor_context(instance=instance)
            return schedules.watchman().evaluate_tick(context).skip_message or ""

    assert says() == "No night was missed."
    ending = reporting.Ending(settings.now)
    ending.ends(0, ["Built 1."])
    reporting.conclude(settings, ending)
    later = replace(Settings.from_env(), now=last_run.utc_now() + timedelta(days=3))
    monkeypatch.setattr(Settings, "from_env", lambda: later)
    assert says().startswith("No refresh has ended since")


def ended(fails: Exception | None) -> None:
    """A run ends, and the daemon's sensor for that end looks at it."""

    @dg.op
    def step() -> None:
        if fails:
            raise fails

    @dg.job
    def night() -> None:
        step()

    failed, succeeded = schedules.endings()
    with dg.DagsterInstance.ephemeral() as instance:
        result = night.execute_in_process(instance=instance, raise_on_error=False)
        event = instance.all_logs(result.run_id)[-1].get_dagster_event()
        context = dg.build_run_status_sensor_context(
            (failed if fails else succeeded).name, event, instance, result.dagster_run
        )
        (failed(context.for_run_failure()) if fails else succeeded(context))


def test_the_daemon_reports_the_end_of_its_own_runs(settings: Settings) -> None:
    ended(ValueError("11029012345"))
    note = last_run.last_run(settings)
    assert note is not None
    assert (note.code, note.what) == (5, ["The step step failed: ValueError."])


def test_runs_are_never_retried_and_never_overlap() -> None:
    import yaml

    told = yaml.safe_load((PROJECT / "dagster.yaml").read_text())
    assert told["run_retries"] == {"enabled": False}
    assert told["concurrency"]["runs"]["max_concurrent_runs"] == 1
    assert told["concurrency"]["pools"]["default_limit"] == 1
    assert told["run_monitoring"]["free_slots_after_run_end_seconds"] > 0
