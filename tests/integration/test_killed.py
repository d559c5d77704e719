"""Readers see the last good build or the new one, never a mixture, whatever is killed and whenever."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from running import Home, differences, ended
from scenes import editions

# Each patch makes the job wait, at one place, for somebody to open the pipe; the test opens it to kill the job there.
WAIT = "import os\ndef wait():\n    open(os.environ['BESLAG_TEST_PIPE']).read()\n"
IN_LOAD = WAIT + (
    "import orchestration.load as load\n"
    "fold = load._fold\n"
    "def folded(*a):\n    result = fold(*a); wait(); return result\n"
    "load._fold = folded\n"
)
IN_DBT = WAIT + (
    "import itertools\n"
    "from dbt.task.run import ModelRunner\n"
    "execute, count = ModelRunner.execute, itertools.count()\n"
    "def executed(*a):\n    result = execute(*a)\n    if next(count) == 25: wait()\n    return result\n"
    "ModelRunner.execute = executed\n"
)
BEFORE_REPLACE = WAIT + (
    "import orchestration.builds as builds\nflush = builds._flush\ndef flushed(path):\n    flush(path); wait()\nbuilds._flush = flushed\n"
)
KILL_A_WRITER = """
import duckdb, os, signal, sys
con = duckdb.connect(sys.argv[1])
con.execute("update marts.substance_share set mass_kg = -1")
os.kill(os.getpid(), signal.SIGKILL)
"""


@contextmanager
def held_at(home: Home, patch: str) -> Iterator[subprocess.Popen[str]]:
    """A refresh that waits at one place; killed at the end of the block, if it is still there."""
    pipe = home.root / "pipe"
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)
    job = home.start("refresh", patch=patch, TEST_PIPE=str(pipe))
    writer = _reached(pipe, job)
    try:
        yield job
    finally:
        job.kill()
        ended(job)
        os.close(writer)


def _reached(pipe: Path, job: subprocess.Popen[str]) -> int:
    """Open the pipe once the job waits at its other end."""
    for _ in range(6000):
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
        if job.poll() is not None:
            pytest.fail(f"the job ended before it came there: {ended(job).text}")
        time.sleep(0.05)
    job.kill()
    pytest.fail(f"the job did not come there in five minutes: {ended(job).text}")


def test_a_refresh_killed_anywhere_leaves_the_file_whole_and_the_next_one_succeeds(
    small: Home, second_night: Home, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(small)
    editions(home).second.deliver(home)
    for patch in (IN_LOAD, IN_DBT, BEFORE_REPLACE):
        with held_at(home, patch) as job:
            assert job.poll() is None
        assert job.returncode == -9
        assert home.hash() == small.hash()
        assert home.value("select count(*) from meta.build") == 1
        assert home.beslag("status", "--json").json()["build_id"] == small.value(
            "select build_id from meta.build"
        )
    assert ended(home.python(KILL_A_WRITER, str(home.published))).code == -9 or os.getuid() != 0
    said = home.beslag("refresh")
    assert said.code == 0, said.text
    assert "half-copied file" in said.text
    assert differences(second_night, home) == {}
    assert [p for p in home.home.iterdir() if p.name.startswith(".warehouse") or p.suffix == ".wal"] == []
    assert [p for p in (home.var / "archive").glob(".part-*")] == []


def test_the_second_of_two_refreshes_ends_with_three_and_names_the_first(
    small: Home, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(small)
    editions(home).second.deliver(home)
    with held_at(home, IN_LOAD) as first:
        for command in ("refresh", "rollback", "release"):
            said = home.beslag(command)
            assert said.code == 3, said.text
            assert f"process {first.pid}," in said.err
            assert "Traceback" not in said.text
        assert home.beslag("status").code == 0  # looking is never locked out
        assert home.hash() == small.hash()


def test_a_stray_log_of_a_killed_writer_is_not_replayed_over_the_new_build(
    small: Home, second_night: Home, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(second_night)
    home.published.chmod(0o644)  # as its owner may, and as root need not
    assert ended(home.python(KILL_A_WRITER, str(home.published))).code == -9
    wal = home.published.with_name("warehouse.duckdb.wal")
    assert wal.exists()
    said = home.beslag("rollback")
    assert said.code == 0, said.text
    assert not wal.exists()
    assert home.hash() == small.hash()
    assert home.value("select min(mass_kg) >= 0 from marts.substance_share")
    assert home.published.stat().st_mode & 0o777 == 0o444


def test_nobody_else_can_open_the_published_file_for_writing(small: Home, tmp_path: Path) -> None:
    code = """
import os, sys
import duckdb
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
duckdb.connect(sys.argv[1], read_only=True).execute("select count(*) from marts.seizures").fetchone()
try:
    duckdb.connect(sys.argv[1])
except duckdb.IOException as error:
    print(error)
"""
    folder = _open_folder(tmp_path)
    copy = folder / "warehouse.duckdb"
    copy.write_bytes(small.published.read_bytes())
    copy.chmod(small.published.stat().st_mode & 0o777)
    said = ended(small.python(code, str(copy)))
    assert said.code == 0, said.text
    assert re.search("Permission denied|read-only", said.out, re.IGNORECASE)
    assert not (folder / "warehouse.duckdb.wal").exists()


def _open_folder(folder: Path) -> Path:
    """A folder that other users can reach, as an operator's would be."""
    for path in (folder, *folder.parents):
        if path == Path("/tmp") or path.stat().st_uid != os.getuid():
            break
        path.chmod(path.stat().st_mode | 0o011)
    return folder
