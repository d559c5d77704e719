"""The job as Dagster users run it, from the repository root: dg, its schedule, and parts of the job."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import dagster as dg
from running import Home, Said, differences, ended
from scenes import editions, files_with, marks

from orchestration.schedules import nightly

DG = str(Path(sys.executable).with_name("dg"))
SCHEDULE = """
import os, sys
import dagster as dg
from orchestration.definitions import defs
repository = defs.get_repository_def()
print("schedules:", *(s.name for s in repository.schedule_defs))
(schedule,) = [s for s in repository.schedule_defs if s.name == "nightly"]
print("cron:", schedule.cron_schedule, schedule.execution_timezone)
def tick():
    with dg.DagsterInstance.ephemeral() as instance, dg.build_schedule_context(instance=instance) as context:
        data = schedule.evaluate_tick(context)
        print("runs:", len(data.run_requests or []), "skipped:", data.skip_message)
tick()
os.environ["BESLAG_INBOX"] = sys.argv[1]
tick()
"""
PARTS = """
import dagster as dg
from orchestration.definitions import defs
job = defs.resolve_implicit_global_asset_job_def()
def part(*keys):
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(
            instance=instance, raise_on_error=False, asset_selection=[dg.AssetKey(list(key)) for key in keys]
        )
        for event in result.all_events:
            if event.is_step_failure:
                error = event.step_failure_data.error
                while error.cause is not None:
                    error = error.cause
                print("failed:", error.cls_name, error.message)
        return result.success
print("load:", part(("raw", "seizures")))
print("publish:", part(("warehouse",)))
print("transform:", part(("marts", "purity")))
print("publish:", part(("warehouse",)))
"""


def run_dg(home: Home, *arguments: str) -> Said:
    """Run `dg …` in the project's folder."""
    return ended(home.process([DG, *arguments]))


def test_the_definitions_load_and_are_listed(small: Home, copy_of: Callable[[Home], Home]) -> None:
    home = copy_of(small)
    checked = run_dg(home, "check", "defs")
    assert checked.code == 0, checked.text
    listed = run_dg(home, "list", "defs", "--json")
    assert listed.code == 0, listed.text
    for key in (
        "raw/seizures",
        "marts/substance_share",
        "reference/substances",
        "warehouse",
        "nightly",
        "refresh",
    ):
        assert f'"{key}"' in listed.out, key


def test_dg_launch_publishes_what_beslag_refresh_would(
    small: Home, second_night: Home, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(small)
    editions(home).second.deliver(home)
    kept = ended(home.process([sys.executable, "-m", "orchestration.dagster_home"])).out.strip()
    said = ended(home.process(["env", f"DAGSTER_HOME={kept}", DG, "launch", "--job", "refresh"]))
    assert said.code == 0, said.text
    records = list(Path(kept).rglob("*"))
    assert any(p.suffix == ".db" and "history" in p.parts for p in records)
    for name, mark in marks(home).items():
        assert files_with(mark, records) == [], name
    assert home.hash() != small.hash()
    assert differences(second_night, home) == {}
    assert "Nothing new" in home.beslag("refresh").text


def test_the_night_does_not_start_on_the_inputs_that_ship(
    small: Home, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(small)
    shutil.rmtree(home.inbox)  # so that no inbox is named
    night = ended(home.python(SCHEDULE, str(small.inbox), SCHEDULE="15 4 * * 1"))
    assert night.code == 0, night.text
    schedules, cron, unset, named = night.out.splitlines()
    assert schedules.split().count("nightly") == 1
    assert cron == "cron: 15 4 * * 1 Europe/Oslo"
    assert unset.startswith("runs: 0")
    assert "BESLAG_INBOX is not set" in unset
    assert named.startswith("runs: 1")


def test_the_night_is_at_half_past_two_unless_told_otherwise() -> None:
    schedule = nightly(dg.define_asset_job("refresh", selection="*"))
    said = (schedule.name, schedule.cron_schedule, schedule.execution_timezone)
    assert said == ("nightly", "30 2 * * *", "Europe/Oslo")


def test_any_asset_runs_alone_and_publishing_after_parts_is_refused(
    small: Home, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(small)
    editions(home).second.deliver(home)
    said = ended(home.python(PARTS))
    assert said.code == 0, said.text
    assert "load: True" in said.out
    assert "transform: True" in said.out
    assert "publish: True" not in said.out
    assert said.out.count("failed: BuildRefused") == 2
    assert home.hash() == small.hash()
