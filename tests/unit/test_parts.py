"""Parts of a file wait in memory while they are few, else on disk, and come back as they were."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from orchestration import parts
from orchestration.parts import Parts


def frame(first: int) -> pl.DataFrame:
    lines = pl.Series("_line", range(first, first + 3), pl.Int32)
    return pl.DataFrame([lines, pl.Series("text", ["å", None, "c"]), pl.Series("_is_synthetic", [False] * 3)])


def test_what_went_to_the_disk_comes_back_in_its_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BESLAG_TEMP", str(tmp_path / "spill"))
    monkeypatch.setattr(parts, "IN_MEMORY", int(frame(1).estimated_size()))
    found = Parts()
    for first in (1, 4, 7):
        found.add(frame(first))
    assert len(list((tmp_path / "spill").rglob("*.arrow"))) == 2
    whole = pl.concat([frame(1), frame(4), frame(7)])
    assert pl.concat(found.read()).equals(whole) and found.height == 9
    assert pl.concat(found.read(["text", "_line"])).equals(whole.select("text", "_line"))
    assert found.only(pl.Series([3, 8], dtype=pl.Int32))["_line"].to_list() == [3, 8]
    assert found.only(pl.Series([], dtype=pl.Int32)).is_empty() and found.kinds == {False}
    del found
    assert not list((tmp_path / "spill").iterdir())
