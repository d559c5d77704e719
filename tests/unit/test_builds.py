"""Readers see the last good build or the new one, whatever is killed and whenever; a rollback holds."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import duckdb
import making
import pytest

from orchestration import builds
from orchestration.builds import Build
from orchestration.database import connect
from orchestration.errors import BuildRefused, UsageError
from orchestration.settings import Settings
from orchestration.stages import require_whole_chain, seal

NOBODY = 65534


@pytest.fixture
def settings() -> Iterator[Settings]:
    """A home that other users can reach too; pytest's own folders are closed to them."""
    folder = Path(tempfile.mkdtemp(prefix="beslag-"))
    folder.chmod(0o777)
    yield making.home(folder)
    shutil.rmtree(folder)


def make(settings: Settings, build_id: str, figure: int = 1) -> Build:
    """A kept build whose file says its id and one figure."""
    folder = settings.builds / build_id
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / builds.WAREHOUSE)) as con:
        con.execute("create schema meta; create schema marts")
        con.execute("create table meta.build as select $1 as build_id", [build_id])
        con.execute("create table marts.figure as select $1::integer as n from range(1000)", [figure])
    build = Build(build_id, "2024-01-01", None, "code", [], "0" * 64)
    builds.write_record(folder, build)
    return build


def figures(settings: Settings) -> list[tuple[int, int]]:
    with connect(settings.published, read_only=True) as con:
        return con.execute("select n, count(*) from marts.figure group by all").fetchall()


def internal(settings: Settings, build_id: str) -> None:
    """Give a kept build an internal file."""
    with duckdb.connect(str(settings.builds / build_id / builds.INTERNAL)) as con:
        con.execute("create schema meta; create table meta.build as select $1 as build_id", [build_id])


def wal(settings: Settings) -> Path:
    return settings.published.with_name(settings.published.name + ".wal")


def client(settings: Settings, prepare: str = "") -> subprocess.CompletedProcess[str]:
    """A reader that opens the published file for writing and is killed before it closes it."""
    code = f"""
import os, signal, duckdb
{prepare}
con = duckdb.connect({str(settings.published)!r})
con.execute("set checkpoint_threshold = '1 GB'; update marts.figure set n = 666")
os.kill(os.getpid(), signal.SIGKILL)
"""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_before_the_first_build_nothing_is_published(settings: Settings) -> None:
    assert builds.published_id(settings) is None and builds.published_build(settings) is None
    assert builds.kept_builds(settings) == [] and builds.repair(settings) == []


def test_a_swapped_in_build_is_what_readers_see_and_may_not_write(settings: Settings) -> None:
    build = make(settings, "1")
    builds.swap_in(settings, "1")
    assert builds.published_build(settings) == build and figures(settings) == [(1, 1000)]
    assert stat.S_IMODE(settings.published.stat().st_mode) == 0o444
    assert [p.name for p in settings.home.glob(".*")] == []


def test_an_open_reader_keeps_the_build_it_opened(settings: Settings) -> None:
    make(settings, "1")
    make(settings, "2", figure=2)
    builds.swap_in(settings, "1")
    code = f"""
import duckdb, sys
con = duckdb.connect({str(settings.published)!r}, read_only=True)
print("open", flush=True)
sys.stdin.readline()
print(con.execute("select min(n), count(*) from marts.figure").fetchall(), flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1, text=True) as reader:
        assert reader.stdin and reader.stdout and reader.stdout.readline() == "open\n"
        builds.swap_in(settings, "2")
        reader.stdin.write("\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == "[(1, 1000)]\n"
    assert figures(settings) == [(2, 1000)]


def test_a_client_of_another_user_cannot_open_the_published_file_for_writing(settings: Settings) -> None:
    make(settings, "1")
    builds.swap_in(settings, "1")
    become = f"os.setuid({NOBODY})" if os.getuid() == 0 else ""
    done = client(settings, become)
    assert done.returncode == 1 and "duckdb" in done.stderr
    assert not wal(settings).exists() and figures(settings) == [(1, 1000)]


def test_a_write_ahead_log_of_a_killed_client_never_reaches_the_next_build(settings: Settings) -> None:
    make(settings, "1")
    make(settings, "2", figure=2)
    builds.swap_in(settings, "1")
    settings.published.chmod(0o666)  # the client was allowed to, or was root
    become = f"os.setuid({NOBODY})" if os.getuid() == 0 else ""
    done = client(settings, become)
    assert done.returncode == -signal.SIGKILL and wal(settings).stat().st_size > 0
    builds.swap_in(settings, "2")
    assert not wal(settings).exists()
    assert figures(settings) == [(2, 1000)]


@pytest.mark.parametrize("look", [builds.published_id, builds.repair], ids=["status", "repair"])
def test_a_write_ahead_log_of_a_killed_client_is_not_replayed_by_a_look(
    settings: Settings, look: object
) -> None:
    make(settings, "1")
    builds.swap_in(settings, "1")
    settings.published.chmod(0o666)
    assert client(settings).returncode == -signal.SIGKILL and wal(settings).exists()
    look(settings)  # type: ignore[operator]
    assert not wal(settings).exists() and figures(settings) == [(1, 1000)]


def test_a_rollback_holds_until_it_is_released(settings: Settings) -> None:
    for number in (1, 2, 3):
        make(settings, str(number), figure=number)
    builds.swap_in(settings, "3")
    assert builds.rollback(settings, None) == "2"
    assert builds.held_by_rollback(settings) == builds.published_id(settings) == "2"
    make(settings, "4", figure=4)
    builds.repair(settings)
    assert builds.published_id(settings) == "2"
    assert builds.release(settings) == "4"
    assert builds.held_by_rollback(settings) is None and figures(settings) == [(4, 1000)]


def test_a_rollback_to_a_named_build(settings: Settings) -> None:
    for number in (1, 2, 3):
        make(settings, str(number))
    builds.swap_in(settings, "3")
    assert builds.rollback(settings, "1") == builds.published_id(settings) == "1"


def test_what_cannot_be_rolled_back_or_released_is_a_sentence(settings: Settings) -> None:
    with pytest.raises(UsageError, match="no older build"):
        builds.rollback(settings, None)
    make(settings, "1")
    builds.swap_in(settings, "1")
    with pytest.raises(UsageError, match="no older build"):
        builds.rollback(settings, None)
    with pytest.raises(UsageError, match="no kept build '9'"):
        builds.rollback(settings, "9")
    with pytest.raises(UsageError, match="No rollback is in force"):
        builds.release(settings)
    assert builds.held_by_rollback(settings) is None and builds.published_id(settings) == "1"


def test_a_crash_between_the_rollback_and_its_swap_is_finished_by_the_next_start(settings: Settings) -> None:
    make(settings, "1")
    make(settings, "2", figure=2)
    builds.swap_in(settings, "2")
    builds.rollback(settings, "1")
    builds.swap_in(settings, "2")  # as if the rollback's own swap had not happened yet
    assert builds.repair(settings) == ["put back the build 1 that a rollback holds"]
    assert builds.published_id(settings) == "1"


def test_a_rollback_that_was_cut_short_while_written_is_no_rollback(settings: Settings) -> None:
    make(settings, "1")
    make(settings, "2")
    builds.swap_in(settings, "2")
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            builds.rollback(settings, "1")
    assert builds.held_by_rollback(settings) is None and builds.published_id(settings) == "2"


def test_the_newest_builds_are_kept_and_the_published_one_whatever_its_age(settings: Settings) -> None:
    ids = [f"{number:02}" for number in range(12)]
    for build_id in ids:
        make(settings, build_id)
    builds.swap_in(settings, "02")
    builds.prune(settings, 7)
    assert [b.build_id for b in builds.kept_builds(settings)] == ["02", *ids[-7:]]
    builds.prune(settings, 7)
    assert len(builds.kept_builds(settings)) == 8


def test_what_a_crash_left_is_cleared_and_said(settings: Settings) -> None:
    make(settings, "1")
    builds.swap_in(settings, "1")
    shutil.copytree(settings.builds / "1", settings.builds / "2.part")
    making.written(settings.builds / "3" / builds.WAREHOUSE, "half")
    part = making.written(settings.home / f".{settings.published.name}.2{builds.PART}", "half")
    assert [b.build_id for b in builds.kept_builds(settings)] == ["1"]
    said = builds.repair(settings)
    assert len(said) == 3 and all(sentence.startswith("removed the half-") for sentence in said)
    assert [p.name for p in settings.builds.iterdir()] == ["1"] and not part.exists()
    assert builds.repair(settings) == [] and figures(settings) == [(1, 1000)]


def test_a_half_copied_candidate_does_not_stop_the_next_swap(settings: Settings) -> None:
    make(settings, "1")
    candidate = making.written(settings.home / f".{settings.published.name}.1{builds.PART}", "half")
    candidate.chmod(0o444)  # a user who is not root cannot write over it
    inode = candidate.stat().st_ino
    with candidate.open("rb"):  # held, so that the number is not given out again
        builds.swap_in(settings, "1")
    assert figures(settings) == [(1, 1000)] and settings.published.stat().st_ino != inode


def test_a_killed_swap_leaves_the_old_build_or_the_new_one(settings: Settings) -> None:
    make(settings, "1")
    make(settings, "2", figure=2)
    for step in ("copyfile", "chmod", "fsync", "replace"):
        builds.swap_in(settings, "1")
        code = f"""
import os, pathlib, shutil, signal, sys
die = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
from orchestration import builds
from orchestration.settings import Settings
for room in (os, shutil, pathlib.Path):
    if hasattr(room, {step!r}):
        setattr(room, {step!r}, die)
builds.swap_in(Settings(home=pathlib.Path({str(settings.home)!r})), "2")
"""
        done = subprocess.run([sys.executable, "-c", code], cwd=making.PROJECT, check=False)
        assert done.returncode == -signal.SIGKILL
        assert figures(settings) == [(1, 1000)]
        builds.repair(settings)
        assert [p.name for p in settings.home.glob(".*")] == []


def test_a_record_is_read_as_it_was_written(settings: Settings) -> None:
    build = make(settings, "1")
    assert json.loads((settings.builds / "1" / builds.RECORD).read_text()) == asdict(build)


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(tmp_path / "build.duckdb") as con:
        con.execute("create schema ops; create table ops.check_results (severity varchar, success boolean)")
        con.execute("insert into ops.check_results values ('error', true), ('warn', false)")
        yield con


ORDER = ["load", "raw_gate", "transform", "mart_gate"]


@pytest.mark.parametrize(
    ("stages", "whole"),
    [
        (ORDER, True),
        (["load", "load", *ORDER[1:]], True),  # one seal per source
        (["load", "transform", "mart_gate", "raw_gate"], True),
        ([], False),
        (ORDER[:3], False),
        (["load", "transform", "mart_gate"], False),
        ([*ORDER, "load"], False),  # a raw table was loaded again and nothing judged it
        ([*ORDER, "transform"], False),
        ([*ORDER, "load", "raw_gate"], False),
        ([*ORDER, *ORDER], True),
    ],
)
def test_only_a_whole_chain_of_stages_is_published(
    chain: duckdb.DuckDBPyConnection, tmp_path: Path, stages: list[str], whole: bool
) -> None:
    seal(chain, "load")
    chain.execute("delete from ops.stages")
    for stage in stages:
        seal(chain, stage)
    chain.close()
    if whole:
        require_whole_chain(tmp_path / "build.duckdb")
    else:
        with pytest.raises(BuildRefused, match="has not run since"):
            require_whole_chain(tmp_path / "build.duckdb")


def test_a_failed_blocking_check_is_never_published(chain: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    for stage in ORDER:
        seal(chain, stage)
    chain.execute("insert into ops.check_results values ('error', false)")
    chain.close()
    with pytest.raises(BuildRefused, match="1 blocking checks failed"):
        require_whole_chain(tmp_path / "build.duckdb")


def test_the_internal_file_goes_with_its_build_and_is_closed_to_others(settings: Settings) -> None:
    for build_id in ("1", "2"):
        make(settings, build_id)
    internal(settings, "1")
    builds.swap_in(settings, "1")
    assert stat.S_IMODE(settings.internal_file.stat().st_mode) == 0o440
    builds.swap_in(settings, "2")
    assert not settings.internal_file.exists()


def test_an_internal_file_of_another_build_is_put_right(settings: Settings) -> None:
    """As a crash between the two replacements leaves it."""
    for build_id in ("1", "2"):
        make(settings, build_id)
        internal(settings, build_id)
    builds.swap_in(settings, "1")
    stays = settings.internal_file.read_bytes()
    builds.swap_in(settings, "2")
    settings.internal_file.unlink()
    settings.internal_file.write_bytes(stays)
    assert builds.repair(settings) == ["made internal.duckdb that of the published build again"]
    with connect(settings.internal_file, read_only=True) as con:
        assert con.execute("select build_id from meta.build").fetchall() == [("2",)]
