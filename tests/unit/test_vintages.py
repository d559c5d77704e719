"""Forgetting deletes bytes and lines and leaves a mark on every build that used them; an as-of build is of the archive alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import making
import pytest
import yaml

from orchestration import builds, refresh
from orchestration.archive import Archive
from orchestration.contract import load_contracts
from orchestration.errors import UsageError
from orchestration.forgetting import forget, vintages
from orchestration.intake import take_in
from orchestration.settings import Settings

DAY = date(2024, 5, 1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with two archived deliveries, a latest build of both and an as-of build of the first."""
    settings = making.home(tmp_path)
    known = {"from": "file_name", "pattern": r"(\d{4}-\d{2}-\d{2})"}
    making.written(settings.contracts_dir / "feed.yml", yaml.safe_dump(making.changed(known_at=known)))
    contract = load_contracts(settings.contracts_dir)["feed"]
    for day in ("2024-02-01", "2024-06-01"):
        making.written(settings.inbox / "feed" / f"{day}.csv", making.HEADER + f"a,{day},1\n")
    take_in(contract, settings)
    for room in (settings, replace(settings, as_of=DAY)):
        kept(room)
        making.written(room.build, "rows")
        making.written(room.build.with_name("build.duckdb.wal"), "rows")
    return settings


def kept(room: Settings) -> None:
    """A kept build of a room, with a line of each delivery it used."""
    inputs = builds.inputs(load_contracts(room.contracts_dir), room)
    folder = room.builds / "1"
    (folder / "rows").mkdir(parents=True)
    with duckdb.connect() as con:
        con.execute("create table deliveries (delivery_id integer, sha256 varchar)")
        con.executemany(
            "insert into deliveries values (?, ?)", [(n, sha) for n, (_, sha, _) in enumerate(inputs)]
        )
        con.execute(f"copy deliveries to '{folder}/rows/deliveries.parquet'")
        con.execute(
            f"copy (select delivery_id, 2 as source_line from deliveries) to '{folder}/rows/lines.parquet'"
        )
    as_of = str(room.as_of) if room.as_of else None
    builds.write_record(folder, builds.Build("1", "2024-07-01T00:00:00Z", as_of, "code", inputs, "sha"))


def hashes(settings: Settings) -> list[str]:
    return [d.sha256 for d in Archive(settings.archive).deliveries()]


def lines(room: Settings) -> int:
    with duckdb.connect() as con:
        return len(con.execute(f"from '{room.builds}/1/rows/lines.parquet'").fetchall())


def test_bytes_rows_and_databases_go_and_the_manifest_line_stays(settings: Settings) -> None:
    first, second = hashes(settings)
    said = forget(settings, first[:12], " a court's order ")
    archive = Archive(settings.archive)
    assert not archive.path(first).exists() and archive.path(second).exists()
    assert archive.forgotten(first) == "a court's order" and hashes(settings) == [second]
    assert archive.hashes() == {first, second}
    as_of = replace(settings, as_of=DAY)
    assert [lines(settings), lines(as_of)] == [1, 0]
    for room in (settings, as_of):
        assert list(room.work.glob("build.duckdb*")) == []
    assert "feed/2024-02-01.csv" in said[0] and "the manifest keeps the line" in said[0]
    assert said[2].startswith("Marked as not reproducible: 1, 1.") and "until the next refresh" in said[2]


def test_only_builds_that_used_it_are_marked(settings: Settings) -> None:
    first, second = hashes(settings)
    forget(settings, second, "the agency asked")
    assert [(str(room.as_of), b.forgotten) for room, b in vintages(settings)] == [
        ("None", [second]),
        (str(DAY), []),
    ]
    forget(settings, first, "the agency asked")
    assert [b.forgotten for _, b in vintages(settings)] == [sorted([first, second]), [first]]


def test_forgetting_again_finishes_what_a_crash_left(settings: Settings) -> None:
    first, _ = hashes(settings)
    Archive(settings.archive).forget(first, "a court's order", settings.now)
    making.written(Archive(settings.archive).path(first), "bytes that a crash left")
    said = forget(settings, first, "again")
    assert "was forgotten before (a court's order)" in said[0]
    assert not Archive(settings.archive).path(first).exists()
    assert [b.forgotten for _, b in vintages(settings)] == [[first], [first]]


def test_copies_that_were_fetched_go_too(settings: Settings) -> None:
    first, _ = hashes(settings)
    copy = making.written(
        settings.var / "fetched" / "feed" / "x.csv", (settings.inbox / "feed" / "2024-02-01.csv").read_bytes()
    )
    other = making.written(settings.var / "fetched" / "feed" / "y.csv", "other bytes")
    forget(settings, first, "r")
    assert not copy.exists() and other.exists()


def test_a_forgotten_file_in_the_inbox_does_not_come_back(settings: Settings) -> None:
    first, second = hashes(settings)
    forget(settings, first, "a court's order")
    intake = take_in(load_contracts(settings.contracts_dir)["feed"], settings)
    assert "its bytes were forgotten (a court's order); remove it from the inbox" in intake.refused[0]
    assert hashes(settings) == [second]


@pytest.mark.parametrize(
    ("start", "says"),
    [
        ("0" * 11, "is no hash; give at least 12"),
        ("not hexadecimal", "is no hash"),
        ("0" * 64, "No delivery's hash begins"),
    ],
)
def test_what_names_no_delivery_is_said(settings: Settings, start: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        forget(settings, start, "r")
    with pytest.raises(UsageError, match="needs a reason"):
        forget(settings, hashes(settings)[0], "  ")
    assert len(hashes(settings)) == 2


def test_a_beginning_that_two_share_is_not_enough(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Archive, "hashes", lambda _: {"a" * 64, "a" * 63 + "b"})
    with pytest.raises(UsageError, match="2 deliveries' hashes begin with 'aaaaaaaaaaaaa'; give more digits"):
        forget(settings, "a" * 13, "r")


def test_what_was_known_and_forgotten_is_missing_from_its_days(settings: Settings) -> None:
    first, second = hashes(settings)
    for sha in (first, second):
        forget(settings, sha, "r")
    archive = Archive(settings.archive)
    assert archive.missing(datetime(2024, 2, 1)) == []
    assert archive.missing(datetime(2024, 2, 2)) == [first]
    assert archive.missing(datetime(2024, 7, 1)) == sorted([first, second])


def test_an_as_of_build_takes_nothing_in(settings: Settings) -> None:
    making.written(settings.inbox / "feed" / "2024-03-01.csv", making.HEADER + "b,2024-03-01,1\n")
    inbox = refresh.look(load_contracts(settings.contracts_dir), replace(settings, as_of=DAY))
    assert (inbox.new, inbox.refused, len(hashes(settings))) == (0, [], 2)


def test_a_day_before_all_deliveries_is_refused(settings: Settings) -> None:
    with pytest.raises(UsageError, match="no delivery that was known by 2024-01-31"):
        refresh.look(load_contracts(settings.contracts_dir), replace(settings, as_of=date(2024, 1, 31)))


def test_a_day_to_come_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    today = datetime.now(UTC).date()
    monkeypatch.setenv("BESLAG_AS_OF", str(today + timedelta(days=1)))
    with pytest.raises(UsageError, match="is still to come"):
        Settings.from_env()
    monkeypatch.setenv("BESLAG_AS_OF", str(today))
    assert Settings.from_env().as_of == today


def test_a_rollback_of_the_latest_build_does_not_hold_an_as_of_build(settings: Settings) -> None:
    making.written(settings.var / builds.HOLD, '{"build_id": "1"}')
    assert builds.held_by_rollback(settings) == "1"
    assert builds.held_by_rollback(replace(settings, as_of=DAY)) is None
