"""A file in an inbox is read again unless nobody can have touched it since it was read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import making
import pytest

from orchestration import untouched
from orchestration.settings import Settings
from orchestration.untouched import NOTE, Untouched


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return making.home(tmp_path)


@pytest.fixture
def file(settings: Settings) -> Path:
    written, clock = making.written(settings.inbox / "feed" / "a.csv", "one"), settings.home / "clock"
    while True:  # until the file system's clock has gone on, so that no change of a test bears the same time
        clock.write_text("")
        if clock.stat().st_ctime_ns > written.stat().st_ctime_ns:
            return written


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files whose bytes were read. Here a change is as good as settled once it is made."""
    read: list[Path] = []

    def noting(path: Path) -> str:
        read.append(path)
        return hashlib.sha256(path.read_bytes()).hexdigest()

    monkeypatch.setattr(untouched, "file_sha256", noting)
    monkeypatch.setattr(untouched, "SETTLED", 0)
    return read


def look(settings: Settings, file: Path) -> str:
    """The hash of one file in a look of its own, which is checked against its bytes."""
    known = Untouched(settings)
    sha256 = known.sha256(file)
    known.keep()
    assert sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    return sha256


def test_a_file_that_nobody_touched_is_read_once(
    settings: Settings, file: Path, readings: list[Path]
) -> None:
    assert look(settings, file) == look(settings, file) == look(settings, file)
    assert readings == [file]


def _overwritten(file: Path) -> None:
    file.write_text("two")


def _overwritten_and_dated_back(file: Path) -> None:
    before = file.stat()
    file.write_text("two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def _replaced_by_another_of_the_same_time(file: Path) -> None:
    before, other = file.stat(), file.with_name("other")
    other.write_text("two")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(file)


@pytest.mark.parametrize(
    "change", [_overwritten, _overwritten_and_dated_back, _replaced_by_another_of_the_same_time]
)
def test_what_was_changed_is_read_again(
    settings: Settings, file: Path, readings: list[Path], change: Callable[[Path], None]
) -> None:
    first = look(settings, file)
    change(file)
    assert look(settings, file) != first
    assert len(readings) == 2


def test_a_change_of_just_now_may_be_followed_by_another_of_the_same_time(
    settings: Settings, file: Path, readings: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    assert untouched.SETTLED > 0
    look(settings, file)
    assert not (settings.var / NOTE).exists()


def test_a_half_written_note_says_nothing_and_files_that_have_gone_leave_it(
    settings: Settings, file: Path, readings: list[Path]
) -> None:
    other = making.written(file.with_name("b.csv"), "other")
    look(settings, file)
    look(settings, other)
    note = settings.var / NOTE
    assert str(file) in note.read_text() and str(other) in note.read_text()
    file.unlink()
    other.write_text("another")
    look(settings, other)
    assert str(file) not in note.read_text()
    note.write_text(note.read_text()[:-9])
    look(settings, other)
    assert len(readings) == 4
