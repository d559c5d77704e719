"""A gate is a gate: whatever fails, readers keep the file they had, and the operator reads why."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from running import Home, ended
from scenes import LATEST, SECOND, edited, plain_cocaine

from orchestration.settings import PROJECT

VILLAGE = "Kanarivik"  # a municipality in no other row: its name must stay off everything but a terminal
# Runs before the command: {suites} is the function that lists a gate's suites, {check} one more check for {table}.
ONE_MORE_CHECK = """
import {module} as gate
from expectations.suite import Note, Suite, no_rows_where
listed = gate.{suites}
def planted(*arguments):
    return [
        Suite(s.name, s.schema, s.table, {checks}) if s.table == "{table}" else s for s in listed(*arguments)
    ]
gate.{suites} = planted
"""
FAILING = 'no_rows_where("{table}", "{condition}", Note("planted_refusal", "{column}"))'


def raw_gate(checks: str) -> str:
    """A patch of the raw suite of seizures."""
    return ONE_MORE_CHECK.format(
        module="expectations.raw", suites="raw_suites", table="seizures", checks=checks
    )


def mart_gate(checks: str) -> str:
    """A patch of the suite of substance_share."""
    return ONE_MORE_CHECK.format(
        module="expectations.marts", suites="mart_suites", table="substance_share", checks=checks
    )


def one_more(table: str, condition: str, column: str) -> str:
    """The suite's checks and one that the night's rows fail."""
    return f"[*s.expectations, {FAILING.format(table=table, condition=condition, column=column)}]"


@pytest.fixture
def night(small: Home, copy_of: Callable[[Home], Home]) -> Home:
    """The small home, with a new delivery in its inbox that would change the published file."""
    home = copy_of(small)
    content = (home.inbox / "seizures" / LATEST).read_bytes()

    def move(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        moved = next(row for row in rows if plain_cocaine(row))
        return [row | {"municipality": VILLAGE, "quantity": "77,5"} if row is moved else row for row in rows]

    home.deliver("seizures", SECOND, edited(content, move))
    return home


REFUSALS = {
    "a raw check fails": (
        raw_gate(one_more("raw.seizures", f"municipality = '{VILLAGE}'", "municipality")),
        ["raw.seizures", "planted_refusal", "1 failing row", SECOND, "line ", "column municipality"],
    ),
    "a raw check raises": (
        raw_gate(one_more("raw.seizures", "cast(substance_raw as integer) > 0", "substance_raw")),
        ["raw.seizures", "planted_refusal", "could not be evaluated"],
    ),
    "a raw suite is empty": (raw_gate("[]"), ["raw.seizures", "has no checks"]),
    "a mart check fails": (
        mart_gate(one_more("marts.substance_share", "mass_kg >= 0", "mass_kg")),
        ["marts.substance_share", "planted_refusal", "failing rows", "column mass_kg"],
    ),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refused_build_leaves_the_published_file_untouched(night: Home, kind: str) -> None:
    patch, words = REFUSALS[kind]
    before = night.hash()
    said = night.beslag("refresh", patch=patch)
    assert said.code == 1, said.text
    assert night.hash() == before
    assert "Nothing was published; warehouse.duckdb is as it was." in said.text
    missing = [word for word in words if word not in said.text]
    assert missing == [], said.text
    assert VILLAGE not in said.text  # a pipe is no local terminal
    if kind != "a raw check fails":
        return
    found = [
        p
        for p in night.var.joinpath("dagster").rglob("*")
        if p.is_file() and VILLAGE.encode() in p.read_bytes()
    ]
    assert found == []
    assert night.beslag("status").code == 0
    chain = ended(night.python(PUBLISH_ALONE))
    assert (chain.code, night.hash()) == (0, before), chain.text
    assert "BuildRefused" in chain.out


PUBLISH_ALONE = """
import dagster as dg
from orchestration.definitions import defs
job = defs.resolve_implicit_global_asset_job_def()
with dg.DagsterInstance.ephemeral() as instance:
    result = job.execute_in_process(instance=instance, raise_on_error=False, asset_selection=[dg.AssetKey("warehouse")])
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error.cause is not None:
                error = error.cause
            print(error.cls_name, error.message)
assert not result.success
"""


def test_values_of_failing_rows_are_shown_on_a_terminal(small: Home, night: Home) -> None:
    """The same refusal under a pseudo-terminal, as a person sees it who started the job by hand."""
    said = night.beslag(
        "refresh", patch="import sys\nsys.stderr.isatty = lambda: True\n" + REFUSALS["a raw check fails"][0]
    )
    assert said.code == 1
    assert f"municipality '{VILLAGE}'" in said.text
    assert not [
        p
        for p in night.var.joinpath("dagster").rglob("*")
        if p.is_file() and VILLAGE.encode() in p.read_bytes()
    ]


def test_a_failing_dbt_test_refuses_the_build(night: Home, tmp_path: Path) -> None:
    project = tmp_path / "project"
    for name in ("orchestration", "expectations", "sources", "dbt_project"):
        shutil.copytree(PROJECT / name, project / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(PROJECT / "dagster.yaml", project / "dagster.yaml")
    (project / "dbt_project" / "tests" / "planted_refusal.sql").write_text(
        "select seizure_key from {{ ref('seizures') }} where substance_group = 'cocaine'\n", "utf-8"
    )
    before = night.hash()
    said = ended(
        subprocess.Popen(
            [sys.executable, "-c", "from orchestration.cli import main\nmain()", "refresh"], cwd=project, text=True,
            env=night.environment() | {"PYTHONPATH": str(project)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
    )  # fmt: skip
    assert said.code == 1, said.text
    assert night.hash() == before
    assert "planted_refusal" in said.text
    assert "1 dbt tests refused the build" in said.text


def test_a_crash_while_publishing_leaves_the_file_and_the_next_night_is_good(night: Home) -> None:
    crash = (
        "import orchestration.publish as publish\n"
        "def crash(*_): raise RuntimeError('the disk is on fire')\n"
        "publish.verify = crash\n"
    )
    before = night.hash()
    said = night.beslag("refresh", patch=crash)
    assert said.code == 5, said.text
    assert night.hash() == before
    assert "the disk is on fire" in said.text
    assert "Traceback" not in said.text
    next_night = night.beslag("refresh")
    assert next_night.code == 0, next_night.text
    assert "removed the half-made build" in next_night.text
    assert night.value("select count(*) from marts.seizures where quantity = 77.5 and unit = 'g'") == 1
    assert [p for p in night.var.joinpath("builds").iterdir() if p.suffix == ".part"] == []
