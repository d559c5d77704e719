"""Delivered bytes are kept once, for ever, and what arrives again adds nothing."""

from __future__ import annotations

import json
import os
import stat
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import making
import pytest

from orchestration.archive import MANIFEST, Archive, Delivery, fingerprint
from orchestration.contract import Contract
from orchestration.errors import DeliveryRefused
from orchestration.intake import Intake, take_in
from orchestration.settings import Settings

A, B = (making.HEADER + f"{name},2024-01-02,1\n" for name in "ab")
DATED = making.feed(known_at={"from": "file_name", "pattern": r"_(\d{4}-\d{2}-\d{2})"})


def inbox(settings: Settings, **files: str | bytes) -> None:
    """Exactly these files in the inbox of the feed; `name` stands for name.csv."""
    folder = settings.inbox / "feed"
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, content in files.items():
        making.written(folder / f"{name}.csv", content)


def look(
    settings: Settings,
    contract: Contract | None = None,
    latest: str | None = None,
    later: timedelta | None = None,
) -> Intake:
    """Look into the inbox, `later` than the settings say; `latest` is the hash that stands."""
    moment = making.home(settings.home, settings.now + (later or timedelta()))
    return take_in(contract or making.feed(), moment, lambda sha256: sha256 == latest)


def kept(settings: Settings) -> list[Delivery]:
    return Archive(settings.archive).deliveries()


def blobs(settings: Settings) -> list[Path]:
    return sorted(p for p in settings.archive.rglob("*") if p.is_file() and p.name != MANIFEST)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return making.home(tmp_path)


DAY = timedelta(days=1)


def test_bytes_are_kept_by_their_hash_and_nobody_may_write_them(settings: Settings) -> None:
    inbox(settings, a=A)
    (delivery,) = look(settings).new
    path = Archive(settings.archive).path(delivery.sha256)
    assert path.read_text() == A and blobs(settings) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert (delivery.source, delivery.file_name, delivery.size_bytes) == ("feed", "a.csv", len(A))
    assert kept(settings) == [delivery]


def test_the_same_file_on_another_night_adds_nothing(settings: Settings) -> None:
    inbox(settings, a=A)
    first = look(settings)
    manifest = (settings.archive / MANIFEST).read_bytes()
    second = look(settings, later=DAY)
    assert second.new == [] and second.refused == []
    assert second.in_inbox == {first.new[0].sha256}
    assert (settings.archive / MANIFEST).read_bytes() == manifest


def test_the_same_file_under_another_name_adds_nothing(settings: Settings) -> None:
    inbox(settings, a=A)
    sha256 = look(settings).new[0].sha256
    inbox(settings, a=A, copy=A)
    assert look(settings, latest=sha256, later=DAY).new == []
    assert len(blobs(settings)) == len(kept(settings)) == 1


def test_two_files_of_the_same_bytes_in_one_look_are_one_delivery(settings: Settings) -> None:
    inbox(settings, a=A, copy=A)
    assert len(look(settings).new) == 1


def test_a_file_dated_by_its_name_is_another_delivery_with_the_same_bytes_on_another_date(
    settings: Settings,
) -> None:
    inbox(settings, **{"x_2024-01-01": A, "x_2024-02-01": B, "x_2024-03-01": A, "y_2024-03-01": A})
    assert len(look(settings, DATED).new) == 3
    assert [d.known_at.month for d in kept(settings)] == [1, 2, 3]
    assert len(blobs(settings)) == 2
    assert look(settings, DATED, later=DAY).new == []


def test_an_older_file_put_back_at_the_same_path_is_known_again_from_now_on(settings: Settings) -> None:
    for day, content in enumerate([A, B, A]):
        inbox(settings, a=content)
        assert len(look(settings, later=day * DAY).new) == 1
    assert [d.known_at for d in kept(settings)] == [settings.now + day * DAY for day in range(3)]
    assert kept(settings)[0].sha256 == kept(settings)[2].sha256
    assert len(blobs(settings)) == 2


@pytest.mark.parametrize("order", [(A, B, A), (B, A, B)])
def test_a_clock_set_back_puts_no_arrival_before_an_older_one(
    settings: Settings, order: tuple[str, ...]
) -> None:
    for hours, content in zip((10, 5, 7), order, strict=True):
        inbox(settings, a=content)
        look(settings, later=timedelta(hours=hours))
    by_arrival = [
        json.loads(line)["sha256"] for line in (settings.archive / MANIFEST).read_text().splitlines()
    ]
    assert [d.sha256 for d in kept(settings)] == by_arrival and len(by_arrival) == 3


def test_files_that_arrive_together_are_known_together(settings: Settings) -> None:
    inbox(settings, a=A, b=B)
    assert {d.known_at for d in look(settings).new} == {settings.now}


@pytest.mark.parametrize(
    ("rule", "beside", "known"),
    [
        ({"from": "arrival"}, None, making.NOON),
        ({"from": "constant", "constant": "2020-05-01"}, None, datetime(2020, 5, 1)),
        ({"from": "file_name", "pattern": r"_(\d{4}-\d{2}-\d{2})"}, None, datetime(2023, 4, 5)),
        ({"from": "sidecar"}, "2022-02-02\n", datetime(2022, 2, 2)),
        ({"from": "column", "column": "day"}, None, datetime(2024, 1, 2)),
    ],
)
def test_a_delivery_is_known_from_where_its_contract_says(
    settings: Settings, rule: dict[str, str], beside: str | None, known: datetime
) -> None:
    inbox(settings, **{"x_2023-04-05": A})
    if beside:
        making.written(settings.inbox / "feed" / "x_2023-04-05.csv.known_at", beside)
    intake = look(settings, making.feed(known_at=rule))
    assert [d.known_at for d in intake.new] == [known] and intake.refused == []


@pytest.mark.parametrize(
    ("rule", "content", "beside", "says"),
    [
        ({"from": "file_name", "pattern": r"_(\d{4})$"}, A, None, "its name carries no date"),
        ({"from": "file_name", "pattern": r"(\d{2}-\d{2})"}, A, None, "'23-04' in its name is not a date"),
        ({"from": "sidecar"}, A, None, "x_2023-04-05.csv.known_at with its date"),
        ({"from": "sidecar"}, A, "yesterday", "'yesterday' in x_2023-04-05.csv.known_at is not a date"),
        ({"from": "sidecar"}, A, b"\xff\xfe", "is not a date"),
        ({"from": "column", "column": "day"}, making.HEADER + "a,,1\n", None, "holds no date"),
        ({"from": "column", "column": "day"}, "id\na\n", None, "lacks the column 'day'"),
    ],
)
def test_a_delivery_without_its_date_is_refused_and_not_kept(
    settings: Settings, rule: dict[str, str], content: str, beside: Any, says: str
) -> None:
    inbox(settings, **{"x_2023-04-05": content})
    if beside:
        making.written(settings.inbox / "feed" / "x_2023-04-05.csv.known_at", beside)
    intake = look(settings, making.feed(known_at=rule))
    assert intake.new == [] and len(intake.refused) == 1
    assert intake.refused[0].startswith("feed/x_2023-04-05.csv: ") and says in intake.refused[0]
    assert blobs(settings) == []


def test_what_is_no_file_of_the_source_is_refused_and_the_rest_taken_in(settings: Settings) -> None:
    inbox(settings, a=A, empty="")
    folder = settings.inbox / "feed"
    secret = making.written(settings.home / "elsewhere.csv", B)
    (folder / "link.csv").symlink_to(secret)
    (folder / "folder.csv").mkdir()
    making.written(folder / "notes.txt", "hei")
    making.written(folder / ".hidden.csv", B)
    intake = look(settings)
    assert [d.file_name for d in intake.new] == ["a.csv"] and len(blobs(settings)) == 1
    says = dict(sentence.split(": ", 1) for sentence in intake.refused)
    assert set(says) == {"feed/empty.csv", "feed/link.csv", "feed/folder.csv", "feed/notes.txt"}
    assert "empty" in says["feed/empty.csv"] and "link or a folder" in says["feed/link.csv"]
    assert "does not match '*.csv'" in says["feed/notes.txt"]


def test_a_file_that_may_not_be_read_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox(settings, a=A, b=B)
    monkeypatch.setattr(
        os, "access", lambda path, mode: Path(path).name != "a.csv"
    )  # root may read everything
    intake = look(settings)
    assert [d.file_name for d in intake.new] == ["b.csv"]
    assert "feed/a.csv: it cannot be read" in intake.refused[0]


def test_a_source_without_a_folder_is_absent(settings: Settings) -> None:
    intake = look(settings)
    assert not intake.present and intake.new == [] and intake.refused == []


def test_a_curated_source_is_read_from_what_ships_whatever_the_inbox(settings: Settings) -> None:
    making.written(settings.shipped_data / "feed" / "a.csv", A)
    assert not look(settings).present
    assert [d.file_name for d in look(settings, making.feed(curated=True)).new] == ["a.csv"]


def test_bytes_that_rotted_in_the_archive_are_refused_with_a_sentence(settings: Settings) -> None:
    inbox(settings, a=A)
    path = Archive(settings.archive).path(look(settings).new[0].sha256)
    path.chmod(0o600)
    path.write_text("rotten")
    inbox(settings, b=A)
    (sentence,) = look(settings, later=DAY).refused
    assert "no longer match their hash; restore" in sentence
    with pytest.raises(DeliveryRefused):
        Archive(settings.archive).keep(settings.inbox / "feed" / "b.csv")
    assert path.read_text() == "rotten" and len(blobs(settings)) == 1


def test_a_crash_while_copying_or_writing_the_manifest_is_repaired(settings: Settings) -> None:
    inbox(settings, a=A)
    look(settings)
    archive, manifest = Archive(settings.archive), settings.archive / MANIFEST
    whole = manifest.read_bytes()
    making.written(settings.archive / ".part-abc", "half")
    manifest.write_bytes(whole + whole[:40])
    said = archive.repair()
    assert len(said) == 2 and "half-written archive file" in said[0] and "manifest" in said[1]
    assert manifest.read_bytes() == whole and len(blobs(settings)) == 1
    assert archive.repair() == []
    inbox(settings, a=A, b=B)
    assert [d.file_name for d in look(settings, later=DAY).new] == ["b.csv"]
    assert len(kept(settings)) == 2


def test_an_archive_that_does_not_exist_yet_needs_no_repair(settings: Settings) -> None:
    assert Archive(settings.archive).repair() == [] and kept(settings) == []


def test_forgetting_deletes_the_bytes_and_keeps_the_line(settings: Settings) -> None:
    inbox(settings, a=A, b=B)
    first, second = look(settings).new
    archive = Archive(settings.archive)
    lines = (settings.archive / MANIFEST).read_text()
    assert archive.forget(first.sha256, "court order", settings.now) == [first]
    assert blobs(settings) == [archive.path(second.sha256)] and kept(settings) == [second]
    after = (settings.archive / MANIFEST).read_text()
    assert after.startswith(lines) and "court order" in after.removeprefix(lines)


@pytest.mark.parametrize("name", ["a_2024-01-01", "another_2024-05-05"])
@pytest.mark.parametrize("contract", [making.feed(), DATED], ids=["arrival", "file_name"])
def test_forgotten_bytes_are_not_taken_in_again(settings: Settings, name: str, contract: Contract) -> None:
    inbox(settings, **{"a_2024-01-01": A})
    sha256 = look(settings, contract).new[0].sha256
    Archive(settings.archive).forget(sha256, "court order", settings.now)
    inbox(settings, **{name: A})
    intake = look(settings, contract, later=DAY)
    assert intake.new == [] and blobs(settings) == []
    assert "forgotten (court order)" in intake.refused[0]


def test_deliveries_are_listed_in_history_order_up_to_a_moment(settings: Settings) -> None:
    inbox(settings, **{"x_2024-03-01": A, "x_2024-01-01": B, "x_2024-02-01": A})
    look(settings, DATED)
    archive = Archive(settings.archive)
    assert [d.known_at.month for d in archive.deliveries("feed")] == [1, 2, 3]
    assert [d.known_at.month for d in archive.deliveries(before=datetime(2024, 2, 1))] == [1]
    assert archive.deliveries("another") == []
    assert fingerprint(kept(settings)) == fingerprint(reversed(kept(settings)))
