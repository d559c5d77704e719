"""A file held open is shared by who connects to it meanwhile, and free once it is let go."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from orchestration.database import HeldOpen, connect


def test_what_one_wrote_the_next_sees_and_it_is_in_the_file_at_the_end(tmp_path: Path) -> None:
    path, held = tmp_path / "build.duckdb", HeldOpen()
    held.hold(path)
    held.hold(path)  # by the next step
    with connect(path) as con:
        con.execute("create table a as select 1 as n")
    with connect(path) as con:
        assert con.execute("select n from a").fetchall() == [(1,)]
    assert path.with_name(path.name + ".wal").exists()  # nothing was closed between the two
    with pytest.raises(duckdb.ConnectionException), connect(path, read_only=True):
        pass
    held.let_go()
    held.let_go()
    assert not path.with_name(path.name + ".wal").exists()
    with connect(path, read_only=True) as con:
        assert con.execute("select n from a").fetchall() == [(1,)]


def test_another_file_takes_the_place_of_the_one_held(tmp_path: Path) -> None:
    held = HeldOpen()
    held.hold(tmp_path / "one.duckdb")
    held.hold(tmp_path / "other.duckdb")
    with connect(tmp_path / "one.duckdb", read_only=True):
        pass
    held.let_go()
