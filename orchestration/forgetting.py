"""Forgetting a delivery: its bytes, and every row of the pipeline's own that came of it; the manifest line stays.

What readers were given is not called back: the published file changes with the next refresh, and kept builds that
used the delivery stay, marked as not reproducible.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from orchestration import builds
from orchestration.archive import Archive, file_sha256
from orchestration.database import connect
from orchestration.errors import UsageError
from orchestration.settings import Settings

SHORTEST = 12  # digits of a hash that may stand for it


def forget(settings: Settings, start: str, reason: str) -> list[str]:
    """Forget the delivery whose SHA-256 begins with `start`. Safe to repeat, so that a crash leaves nothing behind.

    Returns:
        Sentences: what was deleted, which builds used it, what to do next.

    Raises:
        UsageError: no reason, or no single delivery begins so.
    """
    if not reason.strip():
        raise UsageError("Forgetting needs a reason, which stays in the manifest; write --reason TEXT.")
    archive = Archive(settings.archive)
    sha256 = _whole_hash(archive, start)
    if earlier := archive.forgotten(sha256):
        said = [f"{sha256[:SHORTEST]}… was forgotten before ({earlier})."]
        archive.path(sha256).unlink(missing_ok=True)
    else:
        gone = archive.forget(sha256, reason.strip(), settings.now)
        names = sorted({f"{d.source}/{d.file_name}" for d in gone})
        said = [
            f"Deleted the bytes of {', '.join(names)} ({sha256[:SHORTEST]}…); the manifest keeps the line and the reason."
        ]
    for path in (settings.var / "fetched").glob("*/*"):
        if path.is_file() and file_sha256(path) == sha256:
            path.unlink()
    used = [
        _without(each, build, sha256)
        for each in _rooms(settings)
        for build in builds.kept_builds(each)
        if build.used(sha256)
    ]
    databases = [path for each in _rooms(settings) for path in each.work.glob(each.build.name + "*")]
    for path in databases:
        path.unlink()
    if databases:
        said.append(
            "Deleted the pipeline's own database; `beslag refresh` makes it, and the readers' file, without these rows."
        )
    if used:
        said.append(
            f"Marked as not reproducible: {', '.join(used)}. Readers keep what they were given until the next refresh."
        )
    return said


def _whole_hash(archive: Archive, start: str) -> str:
    if len(start) < SHORTEST or set(start.lower()) - set("0123456789abcdef"):
        raise UsageError(
            f"'{start}' is no hash; give at least {SHORTEST} hexadecimal digits of a delivery's SHA-256."
        )
    found = sorted(sha for sha in archive.hashes() if sha.startswith(start.lower()))
    if not found:
        raise UsageError(
            f"No delivery's hash begins with '{start}'; `beslag trace` and meta.snapshots show hashes."
        )
    if len(found) > 1:
        raise UsageError(f"{len(found)} deliveries' hashes begin with '{start}'; give more digits.")
    return found[0]


def _rooms(settings: Settings) -> list[Settings]:
    """The latest build's settings and those of every as-of build."""
    days = sorted(path.name for path in (settings.var / "as_of").glob("*-*-*"))
    return [
        replace(settings, as_of=None),
        *(replace(settings, as_of=date.fromisoformat(day)) for day in days),
    ]


def vintages(settings: Settings) -> list[tuple[Settings, builds.Build]]:
    """Every kept build, the latest's and the as-of ones, each with the settings it stands under."""
    return [(each, build) for each in _rooms(settings) for build in builds.kept_builds(each)]


def _without(settings: Settings, build: builds.Build, sha256: str) -> str:
    """Mark a kept build, and take the delivery's lines out of what `beslag trace` reads."""
    folder = settings.builds / build.build_id
    builds.write_record(folder, replace(build, forgotten=sorted({*build.forgotten, sha256})))
    deliveries = folder / "rows" / "deliveries.parquet"
    with connect() as con:
        numbers = [
            n
            for (n,) in con.execute(
                "select delivery_id from read_parquet(?) where sha256 = ?", [str(deliveries), sha256]
            ).fetchall()
        ]
        for path in sorted(deliveries.parent.glob("*.parquet")):
            if path == deliveries or not numbers:
                continue
            part = path.with_suffix(builds.PART)
            con.execute(
                f"copy (select * from read_parquet($1) where delivery_id not in ({', '.join(map(str, numbers))})) "
                f"to '{str(part).replace(chr(39), chr(39) * 2)}' (format parquet, compression zstd)",
                [str(path)],
            )
            part.replace(path)
    return build.build_id
