"""The hash of a file in an inbox, without reading it again where nobody has touched it since.

A file is known by its place, its inode, its size and the times of its last change, the one of the inode among them, which
no program sets: whatever is written into it, renamed onto it or dated back is read anew. So is a file that changed
within the two seconds before it was read, since a second change could bear the same time (as Git does with its index).
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from orchestration.archive import file_sha256
from orchestration.settings import Settings

NOTE = "untouched.json"
SETTLED = 2_000_000_000  # ns between a file's last change and its reading
Mark = list[int]


class Untouched:
    """What is noted of files that were read before, in `var/untouched.json`."""

    def __init__(self, settings: Settings) -> None:
        self._path = settings.var / NOTE
        self._before = _noted(self._path)
        self._now = dict(self._before)

    def sha256(self, path: Path) -> str:
        """The SHA-256 of a file's bytes, hexadecimal."""
        mark, began = _mark(path), time.time_ns()
        noted, sha256 = self._now.get(str(path), (None, ""))
        if noted == mark:
            return sha256
        sha256 = file_sha256(path)
        self._now.pop(str(path), None)
        if _mark(path) == mark and max(mark[-2:]) + SETTLED <= began:
            self._now[str(path)] = (mark, sha256)
        return sha256

    def keep(self) -> None:
        """Note what was read, whole or not at all; files that have gone are noted no longer."""
        if self._now == self._before:
            return
        there = {name: noted for name, noted in self._now.items() if Path(name).exists()}
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self._path.with_name(NOTE + ".part")
        part.write_text(json.dumps(there) + "\n", "utf-8")
        part.replace(self._path)


def _noted(path: Path) -> dict[str, tuple[Mark, str]]:
    try:
        noted: dict[str, tuple[Mark, str]] = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):  # as a machine that lost its power leaves it
        return {}
    return noted


def _mark(path: Path) -> Mark:
    found = path.stat()
    return [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]
