"""Other accounts reach the published build's page and open data in a folder of their own, and nothing else."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import making
import pytest

from orchestration import builds, readers_folder
from orchestration.errors import UsageError


def build(folder: Path, build_id: str, *names: str) -> Path:
    """A kept build with these folders, closed to others, and more than that."""
    kept = folder / build_id
    for name in names:
        making.written(kept / name / "data" / "a.txt", f"{name} of {build_id}").chmod(0o600)
    making.written(kept / "rows" / "lines.parquet", "single lines")
    return kept


def test_the_links_follow_the_published_build_and_old_copies_go(tmp_path: Path) -> None:
    public = tmp_path / "public"
    before = os.umask(0o077)
    try:
        for build_id in ("1", "2", "2"):
            kept = tmp_path / "kept" / build_id
            if not kept.exists():
                build(tmp_path / "kept", build_id, *builds.LINKED)
            readers_folder.lay_out(public, kept, builds.LINKED)
            assert (public / "site" / "data" / "a.txt").read_text() == f"site of {build_id}"
    finally:
        os.umask(before)
    assert sorted(p.name for p in public.iterdir()) == [".beslag-2", "exports", "site"]
    assert not list(public.rglob("*.parquet"))
    for path in (public / ".beslag-2").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o444 == 0o444


def test_a_crash_while_copying_is_repaired_by_the_next_start(tmp_path: Path) -> None:
    public, kept = tmp_path / "public", build(tmp_path / "kept", "1", "site")
    making.written(public / ".beslag-1.part" / "site" / "half.html", "<")
    readers_folder.lay_out(public, kept, builds.LINKED)
    assert sorted(p.name for p in public.iterdir()) == [".beslag-1", "site"]
    assert not list(public.rglob("half.html"))


def test_a_build_without_a_page_shows_none(tmp_path: Path) -> None:
    for build_id, names in (("1", builds.LINKED), ("2", ("exports",))):
        readers_folder.lay_out(tmp_path / "p", build(tmp_path / "k", build_id, *names), builds.LINKED)
    assert sorted(p.name for p in (tmp_path / "p").iterdir()) == [".beslag-2", "exports"]


def test_what_no_publish_made_is_left_alone(tmp_path: Path) -> None:
    making.written(tmp_path / "p" / "site" / "mine.html", "mine")
    with pytest.raises(UsageError, match=r"BESLAG_PUBLIC: .*site was not made by a publish; move it away"):
        readers_folder.lay_out(tmp_path / "p", build(tmp_path / "k", "1", *builds.LINKED), builds.LINKED)
    assert (tmp_path / "p" / "site" / "mine.html").read_text() == "mine"


def test_every_swap_lays_it_out_but_that_of_an_as_of_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BESLAG_PUBLIC", str(tmp_path / "public"))
    settings = replace(making.home(tmp_path / "home"), public=builds.Settings.from_env().public)
    build(settings.builds, "1", *builds.LINKED)
    builds.point_links(settings, "1")
    assert (tmp_path / "public" / "exports" / "data" / "a.txt").read_text() == "exports of 1"
    as_of = replace(settings, as_of=settings.now.date())
    build(as_of.builds, "2", *builds.LINKED)
    builds.point_links(as_of, "2")
    assert (tmp_path / "public" / "exports" / "data" / "a.txt").read_text() == "exports of 1"


def test_a_folder_that_cannot_be_filled_is_told_and_does_not_undo_the_publish(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    making.written(tmp_path / "public" / "site" / "mine.html", "mine")
    settings = replace(making.home(tmp_path / "home"), public=tmp_path / "public")
    build(settings.builds, "1", *builds.LINKED)
    builds.point_links(settings, "1")
    assert (settings.work / "site" / "data" / "a.txt").read_text() == "site of 1"
    assert "was not made by a publish; move it away" in caplog.text
    assert "The next start tries again" in caplog.text
