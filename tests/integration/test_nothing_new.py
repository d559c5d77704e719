"""A night on which nothing came: seconds, the same file, and none of the heavy libraries."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

from running import Home, differences

from orchestration.untouched import NOTE

HEAVY = ("dagster", "dbt", "great_expectations")
IMPORTED = f"""
import atexit, sys
def tell():
    heavy = [name for name in {HEAVY!r} if name in sys.modules]
    print("imported:", *heavy)
atexit.register(tell)
"""


def test_a_second_refresh_says_so_and_touches_nothing(shipped: Home, copy_of: Callable[[Home], Home]) -> None:
    home = copy_of(shipped)
    before = home.hash()
    began = time.monotonic()
    said = home.beslag("refresh", patch=IMPORTED)
    assert said.code == 0
    assert "Nothing new" in said.text
    assert said.out.strip() == "imported:"
    assert home.hash() == before
    assert time.monotonic() - began < 15  # a promise of seconds, on a busy machine


def test_the_same_bytes_under_another_name_are_nothing_new(
    small: Home, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(small)
    before = home.hash()
    path = home.inbox / "seizures" / "DK_2023_known_2024-03-15.csv"
    path.rename(path.with_name("Denmark_2023_again_known_2024-03-15.csv"))
    said = home.beslag("refresh")
    assert (said.code, home.hash()) == (0, before), said.text
    assert "Nothing new" in said.text


def test_a_folder_that_is_gone_ends_nothing(small: Home, copy_of: Callable[[Home], Home]) -> None:
    home = copy_of(small)
    before = home.hash()
    for path in (home.inbox / "darknet_turnover").iterdir():
        path.unlink()
    (home.inbox / "darknet_turnover").rmdir()
    said = home.beslag("refresh")
    assert (said.code, home.hash()) == (0, before), said.text
    assert re.search("no folder for .*darknet_turnover", said.text)


def test_a_build_database_that_is_gone_is_made_again(small: Home, copy_of: Callable[[Home], Home]) -> None:
    home = copy_of(small)
    tell = (
        "import orchestration.refresh as r\ndef run(*_):\n    print('it runs')\n    return 0\nr._run = run\n"
    )
    assert "it runs" not in home.beslag("refresh", patch=tell).out
    home.build.unlink()
    assert home.beslag("refresh", patch=tell).out == "it runs\n"
    home.build.with_name("build.duckdb.wal").write_bytes(b"left by a run that was killed")
    assert home.beslag("refresh", patch=tell).out == "it runs\n"


def test_a_mistake_of_the_user_is_a_sentence(small: Home, copy_of: Callable[[Home], Home]) -> None:
    home = copy_of(small)
    for arguments, code, words in (
        (["refresh", "--source", "no_such"], 2, "There is no source 'no_such'"),
        (["refresh", "--as-of", "tomorrow"], 2, "is not a date"),
        (["refresh", "--inbox", "/no/such/folder"], 2, "is not a folder"),
        (["trace", "no_mart", "a=b"], 2, "There is no mart 'no_mart'"),
        (["check", "no_file.csv"], 2, "There is no file"),
        (["rollback", "20200101"], 2, "There is no kept build"),
        (["release"], 2, "No rollback is in force"),
        (["rollback"], 2, "no older build"),
    ):
        said = home.beslag(*arguments)
        assert said.code == code, said.text
        assert words in " ".join(said.err.split())
        assert "Traceback" not in said.text


def test_a_crash_is_not_taken_for_a_refused_gate(small: Home, copy_of: Callable[[Home], Home]) -> None:
    home = copy_of(small)
    crash = "import orchestration.refresh as r\ndef crash(*_): raise RuntimeError('the disk is on fire')\nr.look = crash\n"
    said = home.beslag("refresh", patch=crash)
    assert said.code == 5
    assert "the disk is on fire" in said.err
    assert home.beslag("status").code == 0


def test_a_full_rebuild_gives_the_same_marts_whatever_lay_beside_the_build(
    small: Home, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(small)
    home.build.with_name("build.duckdb.wal").write_bytes(b"left by a run that was killed")
    path = home.inbox / "seizures" / "DK_2023_known_2024-03-15.csv"
    found = path.stat()
    mark = [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]
    (home.var / NOTE).write_text(json.dumps({str(path): [mark, "a hash that is not its own"]}), "utf-8")
    said = home.beslag("refresh", "--full")
    assert said.code == 0, said.text
    assert "raw        seizures: 7 deliveries" in said.text  # every row was read again
    assert differences(small, home) == {}


def test_a_home_that_begins_with_nothing_gives_the_same_marts_as_one_that_begins_with_the_blank(
    small: Home, from_nothing: Home
) -> None:
    assert "raw        seizures: 7 deliveries" in from_nothing.told("refresh").text
    assert differences(small, from_nothing) == {}
