"""The same inputs give the same marts, bit for bit: in any order of arrival and of rows, on one thread or two."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
from running import Home, differences
from scenes import shuffled

from orchestration.sample import write_sample

LARGE = 1_000_000
OTHER_KEY = "another key, known to everyone"
SNAPSHOTS = "select source, file_name, rows_in_file, rows_loaded, rows_quarantined, rows_dropped from meta.snapshots order by all"


def test_order_of_files_and_rows_threads_and_key_change_nothing(small: Home, tmp_path: Path) -> None:
    """Rows shuffled, one thread, another key, and the files arriving newest first over three nights.

    What comes late to closed years is refused by the baseline until an operator accepts it.
    """
    home, waiting = Home(tmp_path / "home"), tmp_path / "waiting"
    shuffled(small.inbox, waiting, seed=7)
    files = sorted(
        waiting.glob("*/*.csv"), key=lambda path: (path.name[-14:], path.parent.name), reverse=True
    )
    assert len(files) > 30
    for night in range(3):
        for path in files[night::3]:
            target = home.inbox / path.parent.name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        said = home.beslag("refresh", THREADS="1", KEY=OTHER_KEY)
        if night and "ops.baseline" in said.text:
            assert said.code == 1, said.text
            assert home.beslag("accept", "files arrive newest first", KEY=OTHER_KEY).code == 0
            said = home.beslag("refresh", THREADS="1", KEY=OTHER_KEY)
        assert said.code == 0, said.text
    assert differences(small, home) == {}
    assert home.sql(SNAPSHOTS) == small.sql(SNAPSHOTS)
    rejected = "select * from meta.rejects order by all"
    assert home.sql(rejected) == small.sql(rejected)
    hashes = "select count(*) from (select case_id from raw.seizures intersect select case_id from other.raw.seizures)"
    with duckdb.connect(str(home.build), read_only=True) as con:
        con.execute(f"attach '{small.build}' as other (read_only)")
        assert con.execute(hashes).fetchone() == (0,)  # another key hides a case behind another hash


@pytest.mark.slow
def test_a_million_lines_shuffled_on_two_threads_give_the_same_marts(tmp_path: Path) -> None:
    first, second = Home(tmp_path / "first"), Home(tmp_path / "second")
    write_sample(first.inbox, LARGE, 2)
    shuffled(first.inbox, second.inbox, seed=3)
    for home in (first, second):
        said = home.beslag("refresh", THREADS="2")
        assert said.code == 0, said.text
    assert first.value("select count(*) from marts.seizures") > 0.95 * LARGE
    assert differences(first, second) == {}
    assert first.sql(SNAPSHOTS) == second.sql(SNAPSHOTS)
