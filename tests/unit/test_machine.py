"""DuckDB gets limits by the machine's size, no build begins without room for it, and too little is a sentence."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import duckdb
import making
import pytest

from orchestration import machine, untouched
from orchestration.archive import Archive
from orchestration.database import connect
from orchestration.errors import Starved, UsageError
from orchestration.intake import take_in


def test_every_connection_has_the_same_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BESLAG_MEMORY", "300MiB")
    monkeypatch.setenv("BESLAG_THREADS", "1")
    monkeypatch.setenv("BESLAG_TEMP", str(tmp_path / "spill"))
    with connect(tmp_path / "a.duckdb") as con, connect(tmp_path / "a.duckdb") as same:
        for each in (con, same):
            settings = [
                each.execute(f"select current_setting('{name}')").fetchone()
                for name in ("memory_limit", "threads", "temp_directory")
            ]
            assert settings == [("300.0 MiB",), (1,), (str(tmp_path / "spill"),)]


def test_half_the_memory_there_is_goes_to_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "memory", lambda: 1 << 30)
    assert machine.limits()["memory_limit"] == "512MiB"
    monkeypatch.setattr(machine, "memory", lambda: 100 << 30)
    assert machine.limits()["memory_limit"] == "1536MiB"  # and no more than is needed
    monkeypatch.setattr(machine, "memory", lambda: 1 << 30)
    assert machine.threads() <= 2  # half a gigabyte each
    monkeypatch.setenv("BESLAG_THREADS", "many")
    with pytest.raises(UsageError, match="BESLAG_THREADS is 'many'"):
        machine.threads()


def test_a_limit_of_the_process_or_its_control_group_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))\n"
        "from orchestration import machine; print(machine.memory())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=making.PROJECT
    )
    assert int(done.stdout) <= 3 << 30
    (tmp_path / "memory.max").write_text("104857600\n")
    monkeypatch.setattr(machine, "CGROUP", tmp_path)
    assert machine.memory() == 104857600


def test_a_build_is_not_begun_without_room_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = making.home(tmp_path)
    making.written(settings.inbox / "feed" / "a.csv", b"x" * (20 << 20))
    machine.require_space(settings)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: usage(1, 1, 100 << 20))
    with pytest.raises(Starved, match=r"100 MB are free .* needs about 224 MB"):
        machine.require_space(settings)


@pytest.mark.parametrize(
    ("error", "wrong"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "The disk is full"),
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), "The disk is full"),
        (OSError(errno.EFBIG, os.strerror(errno.EFBIG)), "The disk is full"),
        (OSError(errno.EROFS, os.strerror(errno.EROFS)), "cannot be written to"),
        (PermissionError(errno.EACCES, os.strerror(errno.EACCES)), "cannot be written to"),
        (MemoryError(), "too little memory"),
        (duckdb.OutOfMemoryException("failed to allocate data of size 16.0 MiB"), "too little memory"),
        (duckdb.IOException("Could not write file: No space left on device"), "The disk is full"),
    ],
)
def test_too_little_is_a_sentence(error: Exception, wrong: str, tmp_path: Path) -> None:
    sentence = machine.starved(type(error).__name__, str(error), tmp_path)
    assert sentence is not None
    assert wrong in sentence
    assert "refresh again" in sentence


def test_any_other_error_is_not_about_the_machine(tmp_path: Path) -> None:
    assert machine.starved("ValueError", "not a date", tmp_path) is None


def test_an_error_that_has_lost_its_reason_is_the_full_disk_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: usage(1, 1, 0))
    assert (machine.starved("dbt", "Runtime Error in model x", tmp_path) or "").startswith("The disk is full")


def test_what_a_killed_run_spilled_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = making.home(tmp_path)
    monkeypatch.setenv("BESLAG_TEMP", str(tmp_path / "spill"))
    making.written(tmp_path / "spill" / "duckdb_temp_storage_DEFAULT-0.tmp", "x")
    making.written(tmp_path / "spill" / "duckdb_temp_parts" / "0.arrow", "x")
    other = making.written(tmp_path / "spill" / "somebody's", "y")
    assert machine.clear_spilled(settings) == [
        "removed 2 files or folders that a killed run had spilled into spill"
    ]
    assert machine.clear_spilled(settings) == []
    assert other.exists()


@pytest.mark.parametrize("when", ["while it is hashed", "while it is copied"])
def test_a_file_that_vanishes_is_named_and_the_others_are_taken_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    settings = making.home(tmp_path)
    for name in ("a.csv", "b.csv"):
        making.written(settings.inbox / "feed" / name, f"{making.HEADER}{name[0]},2024-01-02,1\n")
    module, name = (untouched, "file_sha256") if when == "while it is hashed" else (Archive, "keep")
    original = getattr(module, name)

    def vanishing(*arguments: Path) -> object:
        if arguments[-1].name == "a.csv":
            arguments[-1].unlink()
        return original(*arguments)

    monkeypatch.setattr(module, name, vanishing)
    found = take_in(making.feed(), settings)
    assert [d.file_name for d in found.new] == ["b.csv"]
    (sentence,) = found.refused
    assert sentence.startswith("feed/a.csv: it vanished")
    assert Archive(settings.archive).repair() == []  # no half-written copy lies about
