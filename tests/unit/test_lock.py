"""One run holds the build at a time, and a dead one holds nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import making
import pytest

from orchestration.errors import Busy
from orchestration.lock import run_lock

HOLDER = """
import sys, pathlib
from orchestration.lock import run_lock
with run_lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def holder(var: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(var)], stdin=-1, stdout=-1, text=True, cwd=making.PROJECT
    )
    assert process.stdout and process.stdout.readline() == "held\n"
    return process


def test_a_lock_held_by_another_process_names_it(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        with pytest.raises(Busy, match=f"process {process.pid}, since"), run_lock(tmp_path):
            pytest.fail("two runs hold the lock")
        process.communicate("\n")
    with run_lock(tmp_path):
        pass


def test_a_killed_run_holds_nothing(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        process.kill()
    with run_lock(tmp_path):
        pass


def test_the_process_that_holds_it_may_take_it_again(tmp_path: Path) -> None:
    with run_lock(tmp_path):
        with run_lock(tmp_path):
            pass
        with pytest.raises(subprocess.CalledProcessError):  # the inner block did not free it
            subprocess.run(
                [sys.executable, "-c", HOLDER, str(tmp_path)],
                cwd=making.PROJECT,
                check=True,
                capture_output=True,
                input=b"\n",
            )


def test_it_is_freed_when_the_run_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), run_lock(tmp_path):
        raise ZeroDivisionError
    with holder(tmp_path) as process:
        process.communicate("\n")


def test_two_homes_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with run_lock(tmp_path / "a"), holder(tmp_path / "b") as process:
        process.communicate("\n")


def test_the_pipelines_folder_is_closed_to_others_whoever_opened_it(tmp_path: Path) -> None:
    var = tmp_path / "var"
    var.mkdir(mode=0o755)
    with run_lock(var):
        assert var.stat().st_mode & 0o777 == 0o700
