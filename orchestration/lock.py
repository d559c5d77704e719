"""One writer at a time: the lock every run of the build takes first."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from orchestration.errors import Busy

_held: dict[Path, int] = {}  # and its file descriptor


@contextmanager
def run_lock(var: Path) -> Iterator[None]:
    """Hold `var/run.lock`; the operating system frees it when the process dies, so it is never stale.

    Taking it again in the process that holds it does nothing.

    Raises:
        Busy: naming the process that holds it.
    """
    path = var / "run.lock"
    if path in _held:
        yield
        return
    var.mkdir(parents=True, exist_ok=True, mode=0o700)
    if var.stat().st_uid == os.getuid():
        var.chmod(0o700)  # whoever opened it to others: rows of restricted sources lie below
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "a process that has not yet said which"
            raise Busy(f"Another run holds the build: {holder}. Wait for it to end.") from error
        file.truncate(0)
        file.write(f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC")
        file.flush()
        _held[path] = file.fileno()
        try:
            yield
        finally:
            del _held[path]
            file.truncate(0)


def held(var: Path) -> tuple[int, ...]:
    """The file descriptor of the lock where this process holds it: a process that inherits it holds it too while it lives."""
    return tuple(number for path, number in _held.items() if path == var / "run.lock")
