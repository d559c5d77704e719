"""Opening the build database: one way, with its limits, for every room that needs it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from orchestration.machine import limits, threads

__all__ = ["HeldOpen", "append", "connect", "one_row", "threads", "transaction"]


@contextmanager
def connect(
    path: Path | None = None, *, read_only: bool = False, one_thread: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a DuckDB file, or to one in memory, closed at the end of the block.

    Args:
        one_thread: for a query whose result must be the same byte for byte, in the order of the table.
    """
    if path and not read_only:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    config = limits() | ({"threads": 1} if one_thread else {})
    con = duckdb.connect(str(path or ":memory:"), read_only=read_only, config=config)
    con.execute("set enable_progress_bar = false")
    try:
        yield con
    finally:
        con.close()


class HeldOpen:
    """A DuckDB file held open while one step after the other connects to it: to open and to close it takes 40 ms.

    DuckDB shares an open file within the process; whoever needs it in another mode, or with other settings, has it let go.
    """

    def __init__(self) -> None:
        self._held = ExitStack()
        self._path: Path | None = None

    def hold(self, path: Path) -> None:
        """Open the file, unless it is held already."""
        if path != self._path:
            self.let_go()
            self._held.enter_context(connect(path))
            self._path = path

    def let_go(self) -> None:
        """Close the file; what was written is checkpointed with the last connection."""
        self._held.close()
        self._path = None


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing."""
    con.begin()
    try:
        yield
    except BaseException:  # an interrupt as well; it is raised on
        con.rollback()
        raise
    con.commit()


def one_row(con: duckdb.DuckDBPyConnection, sql: str, parameters: object = None) -> tuple[Any, ...]:
    """The one row of a query. Fetched to the end: an unfinished result bars `register` on the connection."""
    (row,) = con.execute(sql, parameters).fetchall()
    return tuple(row)


def append(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]) -> None:
    """Insert rows into all columns of a table, in its order; at once, since DuckDB takes a millisecond for one."""
    if rows:
        names = [f"column_{i}" for i in range(len(rows[0]))]
        frame = pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
        con.register("appended", frame.to_arrow())
        con.execute(f"insert into {table} select * from appended")
        con.unregister("appended")
