"""How a delivery is written: in the groups that DuckDB keeps, and each for itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import making
import polars as pl
import pytest
from making import History

from orchestration import fold, load
from orchestration.database import connect
from orchestration.parts import Parts

JAN, FEB, MAR = ("2024-01-01", "2024-02-01", "2024-03-01")


def content(*rows: str) -> str:
    return making.HEADER + "".join(f"{row}\n" for row in rows)


def groups(con: Any, table: str) -> list[int]:
    """Rows of each row group, in their order."""
    found = con.execute(
        f"select sum(count) from pragma_storage_info('{table}') where column_id = 0 and segment_type <> 'VALIDITY' "
        "group by row_group_id order by row_group_id"
    )
    return [int(count) for (count,) in found.fetchall()]


def test_lines_are_handed_over_in_the_groups_that_duckdb_keeps(tmp_path: Path) -> None:
    """Groups that are not full DuckDB writes a second time, to fill them up."""
    heights = (90_000, 90_000, 90_000, 2)
    found = making.read(tmp_path, content("a,2024-01-05,1"))
    line, parts = found.frame, Parts()
    for height in heights:
        parts.add(pl.concat([line] * height))
    found = replace(found, parts=parts)
    with connect(tmp_path / "build.duckdb") as con, fold.as_lines(con, found):
        con.execute("create table kept as select * from lines")
        assert groups(con, "kept") == [fold.ROW_GROUP, fold.ROW_GROUP, sum(heights) - 2 * fold.ROW_GROUP]


@pytest.mark.parametrize("heights", [(0,), (3,), (4,), (1, 2, 9, 0, 1), (8, 8)])
def test_cutting_lines_into_groups_changes_none(
    heights: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold, "ROW_GROUP", 4)
    lines = pl.DataFrame({"line": range(sum(heights))}, schema={"line": pl.Int32})
    starts = [sum(heights[:i]) for i in range(len(heights))]
    frames = [lines.slice(start, height) for start, height in zip(starts, heights, strict=True)]
    cut = list(fold._in_row_groups(iter(frames)))
    assert pl.concat(cut).equals(lines)
    assert [frame.height for frame in cut[:-1]] == [4] * (len(cut) - 1) and cut[-1].height <= 4


def broken_at(known: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the run dies where it reads the delivery of that day."""
    whole = load._read

    def read(contract: Any, archive: Any, delivery: Any) -> Any:
        if delivery.known_at.isoformat()[:10] == known:
            raise KeyboardInterrupt
        return whole(contract, archive, delivery)

    monkeypatch.setattr(load, "_read", read)


def test_a_run_that_dies_between_two_deliveries_has_kept_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(tmp_path, making.feed())
    for known, mass in ((JAN, 1), (FEB, 2), (MAR, 3)):
        history.deliver(known, content(f"a,2024-01-05,{mass}"))
    with monkeypatch.context() as dying, pytest.raises(KeyboardInterrupt):
        broken_at(MAR, dying)
        history.fold()
    assert [str(row[2]) for row in history.now()] == ["2.000000"]
    report = history.fold()
    assert (report.folded, report.started, report.ended) == (1, 1, 1)
    assert [str(row[2]) for row in history.now()] == ["3.000000"]


def test_a_run_that_dies_while_it_folds_anew_leaves_the_rows_that_stood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(tmp_path, making.feed())
    history.told(JAN, content("a,2024-01-05,1"))
    history.told(MAR, content("a,2024-01-05,3"))
    before, accounts = history.versions(), history.accounts()
    history.deliver(FEB, content("a,2024-01-05,2"))  # sorts between them, so that all is folded anew
    with monkeypatch.context() as dying, pytest.raises(KeyboardInterrupt):
        broken_at(MAR, dying)
        history.fold()
    assert (history.versions(), history.accounts()) == (before, accounts)
    assert history.fold().folded == 3
