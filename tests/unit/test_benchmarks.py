"""The benchmarks measure what they say: feeds are the same for the same call, a difference between marts is found."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.settings import PROJECT

sys.path.insert(0, str(PROJECT / "benchmarks"))
import feeds
import floor
import measure
import same

ROWS = 1500
NIGHTS = {"delta": feeds.delta_night, "extract": feeds.extract_night}


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A first delivery."""
    folder = tmp_path_factory.mktemp("feeds") / "first"
    feeds.first(folder, ROWS)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Bytes of each file by name."""
    return {path.name: path.read_bytes() for path in (folder / "seizures").iterdir()}


def test_a_feed_is_the_same_for_the_same_call(inbox: Path, tmp_path: Path) -> None:
    feeds.first(tmp_path / "again", ROWS)
    assert contents(tmp_path / "again") == contents(inbox)
    assert [path.name for path in inbox.parent.iterdir()] == [inbox.name]


@pytest.mark.parametrize("kind", NIGHTS)
def test_a_night_is_the_same_for_the_same_call_and_leaves_the_first_delivery(
    kind: str, inbox: Path, tmp_path: Path
) -> None:
    before = contents(inbox)
    for name in ("one", "two"):
        NIGHTS[kind](inbox, tmp_path / name, 0.01)
    night = contents(tmp_path / "one")
    assert night == contents(tmp_path / "two")
    assert before == contents(inbox) == {name: night[name] for name in before}
    assert len(night) == len(before) + (1 if kind == "delta" else len(feeds.latest_editions(inbox)))


def test_a_full_extract_corrects_half_and_adds_half_of_the_share(inbox: Path, tmp_path: Path) -> None:
    feeds.extract_night(inbox, tmp_path / "night", 0.1)
    for old, new in zip(feeds.latest_editions(inbox), feeds.latest_editions(tmp_path / "night"), strict=True):
        stood, stands = (set(path.read_bytes().splitlines()) for path in (old, new))
        corrected, added = len(stood - stands), len(stands - stood) - len(stood - stands)
        assert 0 <= corrected - added <= 1  # an odd number has one correction more
        assert 0.07 * len(stood) < corrected + added <= 0.1 * len(stood) + 1


def test_a_night_of_new_lines_moves_the_floors_marts(inbox: Path, tmp_path: Path) -> None:
    feeds.delta_night(inbox, tmp_path / "night", 0.01)
    for folder, out in ((inbox, "first"), (tmp_path / "night", "night")):
        floor.build(folder, tmp_path / f"{out}.duckdb")
    new = (
        len((tmp_path / "night" / "seizures" / "FI_2024_known_2024-04-01.csv").read_bytes().splitlines()) - 1
    )
    with duckdb.connect(str(tmp_path / "night.duckdb"), read_only=True) as con:
        con.execute(f"attach '{tmp_path / 'first.duckdb'}' as before (read_only)")
        counted = "select (select count(*) from seizures) - (select count(*) from before.seizures)"
        assert con.execute(counted).fetchall() == [(new,)]


@pytest.fixture
def published(inbox: Path, tmp_path: Path) -> Path:
    """The floor's marts as if Beslag had published them, with its other columns."""
    floor.build(inbox, tmp_path / "floor.duckdb")
    path = tmp_path / "published.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute(f"attach '{tmp_path / 'floor.duckdb'}' as floor (read_only)")
        con.execute("create schema marts")
        for mart, names in same.ONLY_OURS.items():
            more = "".join(f", null as {name}" for name in names)
            con.execute(f"create table marts.{mart} as select *{more} from floor.{mart}")
    return path


CHANGES = {
    "update marts.substance_share set share_mass_pct = share_mass_pct + 0.000001": "substance_share: .* other figures",
    "update marts.purity set mean = null where n = (select max(n) from marts.purity)": "purity: .* other figures",
    "update marts.seizures set mass_g = mass_g + 1 where seizure_key = 'seizures-1'": "seizures: 1 rows missing",
    "delete from marts.seizure_rate where period_grain = 'year'": "seizure_rate: .* rows too many",
    "alter table marts.purity_by_size drop median_reason": "purity_by_size: columns differ",
}


@pytest.mark.parametrize("change", ["select 1", *CHANGES])
def test_a_mart_that_differs_is_named(change: str, published: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(published)) as con:
        con.execute(change)
    found = same.differences(published, tmp_path / "floor.duckdb")
    if change not in CHANGES:
        assert found == []
    else:
        assert found
        assert re.search(CHANGES[change], found[0])


def test_a_run_is_measured_with_its_children() -> None:
    child = "held = bytearray(150_000_000); import time; time.sleep(0.5); sum(range(10_000_000))"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}]); print('12:00:00   dbt   done')"
    found = measure.run([sys.executable, "-c", code])
    assert found.rss > 150_000_000
    assert found.wall > 0.5
    assert found.cpu > 0.1
    assert set(found.stages) == {"dbt"}
    held = bytearray(300_000_000)  # what the measuring process holds is none of the measured one's
    assert measure.run([sys.executable, "-c", "import time; time.sleep(0.3)"]).rss < len(held) / 2
    with pytest.raises(RuntimeError, match="ended with 3"):
        measure.run([sys.executable, "-c", "raise SystemExit(3)"])
