"""Killing a refresh: at a named place, or at any moment. Nothing here asserts anything about the outcome.

Each patch makes the job wait, at one place, for somebody to open a pipe; the test opens it and kills the job there.
"""

from __future__ import annotations

import errno
import os
import random
import re
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from running import RUN, Home, Said, ended

WAIT = "import os\ndef wait():\n    open(os.environ['BESLAG_TEST_PIPE']).read()\n"


def after(module: str, name: str, when: str = "True") -> str:
    """Wait whenever a function has just returned; `when` is asked of its arguments `a` and its count `n` of calls."""
    return WAIT + (
        f"import itertools\nimport {module} as module\n"
        f"original, calls = module.{name}, itertools.count()\n"
        "def waiting(*a, **k):\n"
        "    result, n = original(*a, **k), next(calls)\n"
        f"    if {when}: wait()\n"
        "    return result\n"
        f"module.{name} = waiting\n"
    )


# Where one stage ends and the next begins, in the order of a refresh. A seal is the last thing a stage writes.
STAGES = {
    "a copy in the archive is half-written": WAIT
    + "import orchestration.archive as archive\ndef fsync(_): wait()\narchive.os.fsync = fsync\n",
    "bytes are kept, and not yet in the manifest": after("orchestration.archive", "Archive.keep"),
    "a source is folded, and not committed": after("orchestration.fold", "fold"),
    "raw is judged": after("orchestration.assets", "seal", "a[1] == 'raw_gate'"),
    "dbt is half-way": after("dbt.task.run", "ModelRunner.execute", "n == 25"),
    "the marts are judged": after("orchestration.assets", "seal", "a[1] == 'mart_gate'"),
}
# The same within publishing, which a test can run alone once the marts are judged.
PUBLISHING = {
    "the candidate is half-made": after("orchestration.publish", "_copy_tables"),
    "the candidate is verified": after("orchestration.publish", "verify"),
    "the build is recorded, and not yet kept": after("orchestration.builds", "write_record"),
    "the readers' file is about to be replaced": after("orchestration.builds", "_flush", "n == 0"),
    "the readers' file is replaced": after("orchestration.builds", "_flush", "n == 1"),
}


PUBLISH = """
from orchestration import builds, publish
from orchestration.contract import load_contracts
from orchestration.lock import run_lock
from orchestration.settings import Settings
settings = Settings.from_env()
with run_lock(settings.var):
    builds.repair_all(settings)
    publish.publish(settings, load_contracts(settings.contracts_dir))
"""


@contextmanager
def held_at(
    home: Home, patch: str, code: str = RUN, *, release: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """A refresh (or other code) that waits at one place; at the end of the block it is killed, or goes on."""
    pipe = home.root / "pipe"
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)
    job = home.python(code, "refresh", patch=patch, TEST_PIPE=str(pipe))
    writer = _reached(pipe, job)
    try:
        yield job
    finally:
        if not release:
            job.kill()
            ended(job)
        os.close(writer)


def _reached(pipe: os.PathLike[str], job: subprocess.Popen[str]) -> int:
    """Open the pipe once the job waits at its other end."""
    for _ in range(12000):
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
        if job.poll() is not None:
            pytest.fail(f"the job ended before it came there: {ended(job).text}")
        time.sleep(0.05)
    job.kill()
    pytest.fail(f"the job did not come there in ten minutes: {ended(job).text}")


@dataclass(frozen=True)
class Kill:
    """One refresh and its end.

    Attributes:
        stage: the last thing it had said.
        mid_run: whether it was killed, and had not ended by itself before.
    """

    pid: int
    stage: str
    seconds: float
    mid_run: bool
    said: Said

    def __str__(self) -> str:
        how = "killed" if self.mid_run else f"ended by itself with {self.said.code}"
        return f"process {self.pid} {how} after {self.seconds:.2f} s; it had last said: {self.stage}"


def kill_at_random(home: Home, draws: random.Random, longest: float) -> Kill:
    """Start a refresh and kill it at a random moment of its usual length in seconds."""
    began, moment = time.monotonic(), draws.uniform(0, longest)
    job = home.start("refresh")
    handle = os.pidfd_open(job.pid)
    select.select([handle], [], [], moment)  # returns at once if it ends before
    mid_run = job.poll() is None
    job.kill()
    os.close(handle)
    said = ended(job)
    spoken = re.findall(r"^\d\d:\d\d:\d\d +(\S.*)$", said.err, re.MULTILINE)
    stage = spoken[-1] if spoken else "nothing"
    return Kill(job.pid, stage[:60], time.monotonic() - began, mid_run and said.code == -9, said)
