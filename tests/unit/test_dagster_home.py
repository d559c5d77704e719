"""Dagster keeps its runs in SQLite, or in a PostgreSQL that is really asked; the address of neither is written down."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import yaml

from orchestration import dagster_home
from orchestration.settings import PROJECT, Settings

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))  # where Debian puts them
# Two runs; what retention leaves of them; and a slot that a dead run held, freed by the watchman.
RUNS = """
from dataclasses import replace
from datetime import timedelta
import dagster as dg
from orchestration import dagster_home, retention, runs
from orchestration.settings import Settings
settings = Settings.from_env()
dagster_home.prepare(settings)

@dg.op(pool="build")
def step(): ...

@dg.job
def job():
    step()

with dg.DagsterInstance.get() as instance:
    print(type(instance.run_storage).__name__, type(instance.event_log_storage).__name__, type(instance.schedule_storage).__name__)
    dead = instance.create_run_for_job(job)
    instance.report_dagster_event(dg.DagsterEvent("PIPELINE_START", "job", message="begun"), dead.run_id)
    instance.event_log_storage.claim_concurrency_slot("build", dead.run_id, "step")
    assert runs.bury_the_dead(settings, instance) == []  # it may be about to take the lock
    later = replace(settings, now=settings.now + timedelta(hours=1))
    assert runs.bury_the_dead(later, instance) == [dead.run_id]
    assert instance.get_run_by_id(dead.run_id).is_failure
    assert not instance.event_log_storage.get_concurrency_info("build").claimed_slots
    assert job.execute_in_process(instance=instance).success
    assert len(instance.get_runs()) == 2
    assert retention.clear_runs(replace(settings, now=settings.now + timedelta(days=91)), instance) == 2
    assert instance.get_runs() == []
"""


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("DAGSTER_HOME", "/nowhere")  # put back afterwards
    return Settings.from_env()


def run(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUNS], capture_output=True, text=True, check=False,
        env={**os.environ, **environment, "PYTHONPATH": os.pathsep.join([str(PROJECT), *sys.path])},
    )  # fmt: skip


def test_sqlite_unless_told_otherwise(settings: Settings) -> None:
    home = dagster_home.prepare(settings)
    assert home == settings.var / "dagster"
    assert "storage" not in yaml.safe_load((home / "dagster.yaml").read_text())
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert instance.telemetry_enabled is False
    done = run()
    assert done.returncode == 0, done.stderr
    assert "Sqlite" in done.stdout


@pytest.fixture
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL of its own, on a socket that nobody else can reach."""
    if not BINARIES:
        pytest.skip("PostgreSQL is not installed (Debian's package postgresql)")
    folder, user = Path(tempfile.mkdtemp(prefix="beslag-pg-")), "postgres"
    as_user = ["runuser", "-u", user, "--"] if os.getuid() == 0 else []  # it refuses to run as root
    if as_user:
        shutil.chown(folder, user)

    def pg(program: str, *arguments: str) -> None:
        subprocess.run(
            [*as_user, str(BINARIES[-1] / program), *arguments], check=True, cwd=folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    data = str(folder / "data")
    pg("initdb", "-D", data, "-U", user, "--auth=trust", "--no-sync")
    pg("pg_ctl", "-D", data, "-w", "-o", f"-c listen_addresses='' -k {folder}", "start")
    try:
        yield f"postgresql://{user}@/postgres?host={folder}"
    finally:
        pg("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)


def test_postgres_keeps_the_runs_when_it_is_named(settings: Settings, postgres: str) -> None:
    done = run(**{dagster_home.POSTGRES_URL: postgres})
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["PostgresRunStorage", "PostgresEventLogStorage", "PostgresScheduleStorage"]
    assert postgres not in (settings.var / "dagster" / "dagster.yaml").read_text()
    assert list((settings.var / "dagster").glob("**/*.db")) == []
