"""A judge in a process of its own finds what this process would, fails as it would, and never outlives its caller."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration import judges
from orchestration.errors import Starved
from orchestration.settings import PROJECT

CALLER = """
import sys, time
from orchestration import judges
if __name__ == "__main__":
    with judges.called():
        judges._called[0].submit(int).result()
        print(*judges._called[0]._processes, flush=True)
        time.sleep(600)
"""


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("judged") / "build.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create schema marts; create table marts.seizures as select 1 as n")
    return path


def case(build: Path, **changes: Any) -> judges.Case:
    asked: dict[str, Any] = {"stage": "marts", "contracts": {}, "tables": frozenset({"seizures", "purity"})}
    return judges.Case(build, **(asked | changes), on_terminal=False)


def test_a_judge_finds_what_this_process_would(build: Path) -> None:
    here = judges.judge(case(build))
    with judges.called():
        there = judges.judge(case(build))
        with pytest.raises(AttributeError) as raised:
            judges.judge(case(build, stage="raw", contracts={"seizures": "no contract"}))
    assert there == here
    assert set(here.suites) == {"marts.seizures", "marts.purity", "baseline.seizures", "baseline.purity"}
    assert not here.is_whole
    assert any(r.refuses for r in here.results)
    assert raised.value.__cause__ is None  # what is reported of a failed run is the error at the root


def test_a_judge_that_died_is_a_sentence(build: Path) -> None:
    with judges.called():
        judges._called[0].submit(os._exit, 1)
        for _ in range(2):
            with pytest.raises(Starved, match="died before it was done"):
                judges.judge(case(build))


def test_a_judge_ends_with_a_caller_that_is_killed(tmp_path: Path) -> None:
    (script := tmp_path / "caller.py").write_text(CALLER, "utf-8")
    env = os.environ | {"PYTHONPATH": str(PROJECT)}
    caller = subprocess.Popen([sys.executable, str(script)], env=env, text=True, stdout=subprocess.PIPE)
    assert caller.stdout is not None
    judge = Path("/proc", caller.stdout.readline().strip())
    assert judge.exists()
    caller.kill()
    caller.wait()
    for _ in range(100):
        if not judge.exists() or "\nState:\tZ" in (judge / "status").read_text():
            return
        time.sleep(0.1)
    pytest.fail("the judge is still there")
