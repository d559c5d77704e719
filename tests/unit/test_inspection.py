"""Looking changes nothing: what a file would do, what is in quarantine, what each source delivered."""

from __future__ import annotations

from pathlib import Path

import duckdb
import making
import pytest
import yaml

from orchestration.archive import Archive
from orchestration.errors import UsageError
from orchestration.inspection import Verdict, check_file, list_sources, quarantined
from orchestration.intake import take_in
from orchestration.load import bring_up_to_date
from orchestration.settings import Settings

FIRST = making.HEADER + "a,2024-01-05,1\nb,2024-01-05,1\n,x,1\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home whose feed has delivered once."""
    settings = making.home(tmp_path)
    making.written(settings.contracts_dir / "feed.yml", yaml.safe_dump(making.FEED))
    making.written(settings.inbox / "feed" / "first.csv", FIRST)
    take_in(making.feed(), settings)
    settings.build.parent.mkdir(exist_ok=True)
    with duckdb.connect(str(settings.build)) as con:
        bring_up_to_date(con, making.feed(), Archive(settings.archive), None, making.NOON)
    return making.home(tmp_path, making.NOON.replace(month=2))


def state(settings: Settings) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in settings.var.rglob("*") if path.is_file()}


def check(settings: Settings, content: str, name: str = "next.csv", source: str | None = None) -> Verdict:
    before = state(settings)
    verdict = check_file(settings, making.written(settings.home / "feed" / name, content), source)
    assert state(settings) == before
    return verdict


def test_a_check_says_what_a_file_would_do_and_does_nothing(settings: Settings) -> None:
    verdict = check(settings, making.HEADER + "a,2024-01-05,2\nc,?,1\n")
    assert verdict.acceptable
    assert verdict.lines[:3] == [
        "next.csv would be accepted as feed, known at 2024-02-01.",
        "Of 2 rows, 1 would be loaded, 1 quarantined and 0 dropped by a rule.",
        "It would begin 1 row versions and end 2.",
    ]
    assert len(verdict.lines) == 4 and "day: not_a_date, first on line 3" in verdict.lines[3]


def test_a_check_of_a_redelivery_says_that_it_adds_nothing(settings: Settings) -> None:
    assert "It would begin 0 row versions and end 0." in check(settings, FIRST).lines


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        ("<html>", "next.csv", "next.csv would be refused: it is a web page"),
        ("", "next.csv", "next.csv would be refused: the file is empty"),
        (FIRST, "next.txt", "next.txt would be refused as feed: its name does not match '*.csv'"),
    ],
)
def test_a_check_of_a_file_that_would_be_refused_says_why(
    settings: Settings, content: str, name: str, says: str
) -> None:
    verdict = check(settings, content, name)
    assert not verdict.acceptable and verdict.lines[0].startswith(says)


def test_the_source_is_told_by_the_folder_or_named(settings: Settings) -> None:
    path = making.written(settings.home / "elsewhere" / "next.csv", FIRST)
    assert check_file(settings, path, "feed").acceptable
    with pytest.raises(UsageError, match=r"Which source is next\.csv of\?"):
        check_file(settings, path, None)
    with pytest.raises(UsageError, match="There is no file"):
        check_file(settings, settings.home / "none.csv", "feed")


def test_quarantined_cells_are_listed_with_file_and_line(settings: Settings) -> None:
    cells = [{"line": 4, "field": "day", "value": "x", "reason": "not_a_date"}]
    cells += [{"line": 4, "field": "id", "value": None, "reason": "missing_required"}]
    expected = [{"source": "feed", "file": "first.csv"} | cell for cell in cells]
    assert quarantined(settings, None) == quarantined(settings, "feed") == expected
    assert quarantined(settings, "another") == []


def test_sources_are_listed_with_what_they_delivered(settings: Settings, tmp_path: Path) -> None:
    (line,) = list_sources(settings)
    assert line["source"] == "feed" and line["rows"] == 2
    assert line["last_arrival"] == "2024-01-01 12:00"
    settings.build.unlink()
    assert list_sources(settings)[0]["rows"] is None
    with pytest.raises(UsageError, match="no build yet"):
        quarantined(settings, None)
