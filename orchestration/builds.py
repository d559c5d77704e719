"""Kept builds and the readers' file: which build is published, swapping one in, rollback, repair.

Here: files and their swap. Not here: what a build contains (publish.py, meta.py).
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from orchestration import readers_folder
from orchestration.archive import Archive, fingerprint
from orchestration.contract import Contract
from orchestration.database import connect
from orchestration.errors import UsageError
from orchestration.machine import clear_spilled
from orchestration.settings import Settings

log = logging.getLogger("beslag")
WAREHOUSE, INTERNAL, RECORD, PART = "warehouse.duckdb", "internal.duckdb", "build.json", ".part"
HOLD = "rollback.json"
TIME = "%Y%m%dT%H%M%S%f"  # with three digits less, the first part of a build's id
SITE, EXPORTS = "site", "exports"  # folders of a build that stable links of these names in `var/` lead to
LINKED = (SITE, EXPORTS)


@dataclass(frozen=True)
class Build:
    """The record of one kept build, `builds/<id>/build.json`."""

    build_id: str
    built_at: str
    as_of: str | None
    code_version: str
    inputs: list[list[str]]  # (source, sha256, known_at) of every delivery known to the build
    sha256: str  # of its warehouse.duckdb
    forgotten: list[str] = field(
        default_factory=list
    )  # SHA-256 of inputs, or of what was an input then, forgotten since

    def used(self, sha256: str) -> bool:
        """Whether a delivery of these bytes is among its inputs."""
        return any(sha == sha256 for _, sha, _ in self.inputs)


def inputs(contracts: dict[str, Contract], settings: Settings) -> list[list[str]]:
    """(source, sha256, known_at) of every delivery a build stands on. An as-of build takes the curated tables as
    they are today, as it takes today's code and reference tables.
    """
    archive = Archive(settings.archive)
    return fingerprint(
        delivery
        for name, contract in contracts.items()
        for delivery in archive.deliveries(name, None if contract.curated else settings.known_before)
    )


def write_record(folder: Path, build: Build) -> None:
    """Write a build's record; a folder without one is a half-made build."""
    part = folder / (RECORD + PART)
    part.write_text(json.dumps(asdict(build), indent=1) + "\n", "utf-8")
    part.replace(folder / RECORD)


def kept_builds(settings: Settings) -> list[Build]:
    """Kept builds, oldest first."""
    records = sorted(settings.builds.glob(f"*/{RECORD}"))
    return [Build(**json.loads(path.read_text("utf-8"))) for path in records if path.parent.suffix != PART]


def newest_made_at(settings: Settings) -> datetime | None:
    """When the newest kept build was made, by its id, UTC."""
    kept = kept_builds(settings)
    return datetime.strptime(f"{kept[-1].build_id.partition('-')[0]}000", TIME) if kept else None


def published_build(settings: Settings) -> Build | None:
    """The build that readers see, by the published file itself; None when there is none."""
    build_id = published_id(settings)
    return next((b for b in kept_builds(settings) if b.build_id == build_id), None)


def published_id(settings: Settings) -> str | None:
    """The build id inside the published file; None when there is no file."""
    if not settings.published.exists():
        return None
    return _build_in(settings.published)


def _build_in(path: Path) -> str | None:
    remove_stray_wal(path)
    with connect(path, read_only=True) as con:
        row = con.execute("select build_id from meta.build").fetchone()
    return str(row[0]) if row else None


def swap_in(settings: Settings, build_id: str) -> None:
    """Make a kept build the published file: copy, flush, `os.replace`. The replace is the one commit point.

    The internal file and the link to the page follow it; a crash in between leaves those of another build, which
    `repair` puts right.
    """
    _put(settings.builds / build_id / WAREHOUSE, settings.published, build_id, 0o444)
    _put_internal(settings, build_id)
    point_links(settings, build_id)


def point_links(settings: Settings, build_id: str) -> list[str]:
    """Make the stable links lead to a build, each in one step, and copy what they lead to where others may read it; a build
    without such a folder (made by older code) has no link: none is better than another build's. What a crash in between
    leaves behind, the next start repairs.

    Returns:
        The names of the links that led elsewhere.
    """
    changed = []
    for name in LINKED:
        link, target = settings.work / name, Path(settings.builds.name) / build_id / name
        if not (settings.work / target).is_dir():
            if link.is_symlink():
                link.unlink()
                changed.append(name)
        elif not link.is_symlink() or link.readlink() != target:
            part = link.with_name(f".{name}{PART}")
            part.unlink(missing_ok=True)
            part.symlink_to(target)
            if link.is_dir() and not link.is_symlink():  # the home was copied by a tool that follows links
                shutil.rmtree(link)
            part.replace(link)
            changed.append(name)
    if settings.public and not settings.as_of:
        try:
            readers_folder.lay_out(settings.public, settings.builds / build_id, LINKED)
        except (OSError, UsageError) as error:
            # The build is published by now, and a copy of its page that fails does not undo that.
            log.warning("  public     %s The next start tries again.", error)
    return changed


def _put_internal(settings: Settings, build_id: str) -> None:
    """Put a build's internal file beside the published one, or none where it has none."""
    source = settings.builds / build_id / INTERNAL
    if source.exists():
        _put(source, settings.internal_file, build_id, 0o440)
    else:
        settings.internal_file.unlink(missing_ok=True)
        remove_stray_wal(settings.internal_file)


def _put(source: Path, target: Path, build_id: str, mode: int) -> None:
    candidate = target.with_name(f".{target.name}.{build_id}{PART}")
    candidate.unlink(missing_ok=True)  # of a crash, perhaps already read-only
    candidate.touch(mode=mode | 0o200)  # before its first byte: nobody else may read what is internal
    shutil.copyfile(source, candidate)
    candidate.chmod(mode)
    _flush(candidate)
    # A killed read-write client leaves a WAL that a later open would replay over the new figures.
    remove_stray_wal(target)
    candidate.replace(target)
    remove_stray_wal(target)
    _flush(target.parent)


def remove_stray_wal(published: Path) -> bool:
    """Remove a write-ahead log beside the published file: nobody may write to it, so none is ours."""
    wal = published.with_name(published.name + ".wal")
    if wal.exists():
        wal.unlink()
        return True
    return False


def held_by_rollback(settings: Settings) -> str | None:
    """The build an operator rolled back to, as long as the rollback holds."""
    hold = settings.work / HOLD
    return str(json.loads(hold.read_text("utf-8"))["build_id"]) if hold.exists() else None


def rollback(settings: Settings, build_id: str | None) -> str:
    """Put a kept build back and hold it there; the one before the published when none is named.

    Raises:
        UsageError: when there is no such build.
    """
    ids = [b.build_id for b in kept_builds(settings)]
    if build_id is None:
        older = [i for i in ids if i < (published_id(settings) or "")]
        if not older:
            raise UsageError("There is no older build to roll back to; `beslag history` lists the kept ones.")
        build_id = older[-1]
    if build_id not in ids:
        raise UsageError(f"There is no kept build '{build_id}'; `beslag history` lists the kept ones.")
    part = settings.work / (HOLD + PART)
    part.write_text(json.dumps({"build_id": build_id}) + "\n", "utf-8")
    part.replace(settings.work / HOLD)
    swap_in(settings, build_id)
    return build_id


def release(settings: Settings) -> str:
    """End a rollback and publish the newest kept build.

    Raises:
        UsageError: when no rollback is in force.
    """
    if held_by_rollback(settings) is None:
        raise UsageError("No rollback is in force, so there is nothing to release.")
    newest = kept_builds(settings)[-1].build_id
    swap_in(settings, newest)
    (settings.work / HOLD).unlink()
    return newest


def prune(settings: Settings, keep_newest: int) -> None:
    """Keep the newest builds, and the published one whatever its age."""
    keep = {b.build_id for b in kept_builds(settings)[-keep_newest:]} | {published_id(settings)}
    for build in kept_builds(settings):
        if build.build_id not in keep:
            shutil.rmtree(settings.builds / build.build_id)


def repair_all(settings: Settings) -> list[str]:
    """Clear what a crash left in the archive and among the builds; every run does so first. Says what it did."""
    return [*Archive(settings.archive).repair(), *clear_spilled(settings), *repair(settings)]


def repair(settings: Settings) -> list[str]:
    """Clear what a crash left: half-made builds, half-copied candidates, stray write-ahead logs. Says what it did."""
    said = []
    for folder in settings.builds.glob("*") if settings.builds.exists() else ():
        if folder.suffix == PART or not (folder / RECORD).exists():
            shutil.rmtree(folder)
            said.append(f"removed the half-made build {folder.name}")
    for part in settings.published.parent.glob(f".{settings.published.name}.*{PART}"):
        part.unlink()
        said.append(f"removed the half-copied file {part.name}")
    for part in settings.internal_file.parent.glob(f".{settings.internal_file.name}.*{PART}"):
        part.unlink()
        said.append(f"removed the half-copied file {part.name}")
    if settings.published.exists() and remove_stray_wal(settings.published):
        said.append(f"removed a stray {settings.published.name}.wal left by a client that wrote")
    if settings.internal_file.exists() and _build_in(settings.internal_file) != published_id(settings):
        _put_internal(settings, published_id(settings) or "")
        said.append(f"made {settings.internal_file.name} that of the published build again")
    held = held_by_rollback(settings)
    if held and settings.published.exists() and published_id(settings) != held:
        swap_in(settings, held)
        said.append(f"put back the build {held} that a rollback holds")
    if shown := published_id(settings):
        said += [
            f"led {settings.work.name}/{name} to the published build again"
            for name in point_links(settings, shown)
        ]
    return said


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
