"""Readers come and go, and some stay long, while builds are published: none meets an error or a mixture."""

from __future__ import annotations

from collections.abc import Callable

from killing import PUBLISH
from running import Home, ended

READERS, MADE, PUT_BACK = 5, 4, 16
# Every build says one number in every row of two marts; a reader sees one number, from its first query to its last.
READER = """
import duckdb, sys, time
from pathlib import Path
published, stop, looks, seen = sys.argv[1], Path(sys.argv[2]), 0, set()
query = ("select (select any_value(build_id) from meta.build), (select count(distinct quantity) from marts.seizures), "
    "(select min(quantity) from marts.seizures), (select count(distinct n_vintages) from marts.revisions), "
    "(select min(n_vintages) from marts.revisions)")
last = False
while not last:
    last = stop.exists()
    with duckdb.connect(published, read_only=True, config={"threads": 1}) as con:
        first = con.execute(query).fetchone()
        if looks % 5 == 0:
            con.execute("select count(*) from marts.seizures as a, marts.seizures as b where a.mass_g > b.mass_g").fetchone()
        assert con.execute(query).fetchone() == first, "it changed under an open reader"
    _, one, number, also_one, same = first
    assert (one, also_one, number) == (1, 1, same), f"a mixture: {first}"
    looks += 1
    seen.add(number)
print(looks, len(seen))
"""
NUMBERED = """
import duckdb, sys
from orchestration.settings import Settings
with duckdb.connect(str(Settings.from_env().build)) as con:
    con.execute(f"update intermediate.int_seizures__numbered set quantity = {sys.argv[1]}")
    con.execute(f"update marts.revisions set n_vintages = {sys.argv[1]}")
"""
PUT_BACK_AND_FORTH = """
import itertools, sys
from orchestration import builds
from orchestration.settings import Settings
settings = Settings.from_env()
kept = [build.build_id for build in builds.kept_builds(settings)]
for build_id in itertools.islice(itertools.cycle(kept), int(sys.argv[1])):
    builds.rollback(settings, build_id)
builds.release(settings)
"""


def test_readers_meet_no_error_and_no_mixture_through_twenty_publishes(
    small: Home, copy_of: Callable[[Home], Home]
) -> None:
    home, stop = copy_of(small), small.root.parent / "stop"
    stop.unlink(missing_ok=True)
    publish(home, 1)
    readers = [home.python(READER, str(home.published), str(stop)) for _ in range(READERS)]
    for number in range(2, MADE + 1):
        publish(home, number)
    moved = ended(home.python(PUT_BACK_AND_FORTH, str(PUT_BACK)))
    assert moved.code == 0, moved.text
    stop.touch()
    looks = 0
    for reader in readers:
        said = ended(reader)
        assert said.code == 0, said.text
        looks += int(said.out.split()[0])
        assert int(said.out.split()[1]) >= 1
    assert looks >= READERS * 2
    assert len(list((home.var / "builds").iterdir())) == 3  # as many as asked for, whoever read the others


def publish(home: Home, number: int) -> None:
    """Publish a build that says one number."""
    for code in (NUMBERED, PUBLISH):
        said = ended(home.python(code, str(number), KEEP_BUILDS="3"))
        assert said.code == 0, said.text
