"""The floor of the benchmarks makes the same marts as Beslag: where it does not, no ratio to it means anything.

And what its readers ask can be asked of a published file.
"""

from __future__ import annotations

import sys
from pathlib import Path

from running import Home

from orchestration.settings import PROJECT

sys.path.insert(0, str(PROJECT / "benchmarks"))
import floor
import readers
import same


def test_the_floor_equals_beslag_on_the_inputs_that_ship(shipped: Home, tmp_path: Path) -> None:
    floor.build(PROJECT / "sources" / "data", tmp_path / "floor.duckdb")
    assert same.differences(shipped.published, tmp_path / "floor.duckdb") == []
    assert shipped.value("select count(*) from marts.seizures where source = 'seizures'") > 50_000


def test_readers_ask_twenty_queries_of_a_published_file(shipped: Home) -> None:
    assert len(set(readers.queries())) == 20
    found = readers.one_after_the_other(shipped.published, rounds=1)
    assert found.queries == 20
    assert 0 < found.median <= found.p99
