"""The typed rows of one file, part by part: in memory while they are few, else on disk, where DuckDB spills too."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from orchestration.machine import SPILLED, limits

IN_MEMORY = 64 << 20  # bytes of parts that are kept in memory


class Parts:
    """Frames of one schema in the order in which they were added, each read anew when it is asked for."""

    def __init__(self) -> None:
        self.height, self._size = 0, 0
        self.kinds: set[bool] = set()  # of `_is_synthetic`
        self._parts: list[pl.DataFrame | Path] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def add(self, frame: pl.DataFrame) -> None:
        """Take in one more part."""
        self.height += frame.height
        self.kinds |= set(frame["_is_synthetic"].unique())
        self._size += int(frame.estimated_size())
        self._parts.append(frame if self._size <= IN_MEMORY else self._written(frame))

    def read(self, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """Each part, whole or some columns of it."""
        names = list(columns) if columns else None
        for part in self._parts:
            frame = part if isinstance(part, pl.DataFrame) else pl.read_ipc(part, columns=names)
            yield frame.select(names) if names else frame

    def only(self, lines: pl.Series) -> pl.DataFrame:
        """The rows of these lines."""
        if not lines.len():
            return next(self.read()).clear()
        return pl.concat(part.filter(pl.col("_line").is_in(lines.implode())) for part in self.read())

    def _written(self, frame: pl.DataFrame) -> Path:
        if self._folder is None:
            room = Path(str(limits()["temp_directory"]))
            room.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._folder = tempfile.TemporaryDirectory(prefix=SPILLED, dir=room)
        path = Path(self._folder.name) / f"{len(self._parts)}.arrow"
        frame.write_ipc(path, compression="lz4")
        return path
