"""What a good night clears away, by how long it is to be kept. Whatever makes a vintage not reproducible says so.

BESLAG_KEEP_BUILDS         kept builds, beside the published one: 7
BESLAG_KEEP_RUN_DAYS       Dagster's runs with their events: 90
BESLAG_KEEP_ARCHIVE_DAYS   deliveries of which no row stands any more: for ever, unless set
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from orchestration import builds, forgetting
from orchestration.archive import Archive, file_sha256
from orchestration.database import connect
from orchestration.errors import UsageError
from orchestration.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

DEFAULTS = {"BESLAG_KEEP_BUILDS": 7, "BESLAG_KEEP_RUN_DAYS": 90, "BESLAG_KEEP_ARCHIVE_DAYS": None}
AT_ONCE = 500


def kept(name: str) -> int | None:
    """A setting of this module; None is for ever.

    Raises:
        UsageError: when it is no number of 1 or more.
    """
    text = os.environ.get(name, "").strip()
    if not text:
        return DEFAULTS[name]
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"{name} is '{text}'; write a whole number of 1 or more, or leave it out.")
    return int(text)


def check() -> None:
    """Raise UsageError when a setting of this module is no number."""
    for name in DEFAULTS:
        kept(name)


def clear_builds(settings: Settings) -> None:
    """Keep the newest builds, and the one that readers see."""
    builds.prune(settings, kept("BESLAG_KEEP_BUILDS") or 1)


def clear_runs(settings: Settings, instance: dg.DagsterInstance) -> int:
    """Delete Dagster's older runs with their events. Returns how many."""
    import dagster as dg

    days, deleted = kept("BESLAG_KEEP_RUN_DAYS"), 0
    if days is None:
        return deleted
    before = settings.now.replace(tzinfo=UTC) - timedelta(days=days)
    while old := instance.get_runs(dg.RunsFilter(created_before=before), limit=AT_ONCE):
        for run in old:
            instance.delete_run(run.run_id)
        deleted += len(old)
    return deleted


def clear_archive(settings: Settings) -> Iterator[str]:
    """Forget deliveries known too long ago of which no row stands, that are nobody's latest statement, and that do
    not lie in the inbox. Yields sentences; kept builds that used them are marked as not reproducible. The caller
    holds the lock.
    """
    days = kept("BESLAG_KEEP_ARCHIVE_DAYS")
    if days is None or settings.as_of:
        return
    before = settings.now - timedelta(days=days)
    old = {d.sha256: d.size_bytes for d in Archive(settings.archive).deliveries(before=before)}
    superseded = set(old) - _standing(settings)
    sizes = {old[sha256] for sha256 in superseded}
    there = {file_sha256(p) for p in settings.inbox.glob("*/*") if p.is_file() and p.stat().st_size in sizes}
    for sha256 in sorted(superseded - there):
        yield from forgetting.forget(settings, sha256, f"retention: superseded and older than {days} days")


def _standing(settings: Settings) -> set[str]:
    """Hashes of deliveries that a row that stands came from, or that are the latest of a scope."""
    with connect(settings.build, read_only=True) as con:
        sources = con.execute("select distinct source from ops.deliveries").fetchall()
        standing = " union ".join(
            [f"select _delivery_id from raw.{source} where _valid_to is null" for (source,) in sources]
            + ["select max_by(delivery_id, (known_at, sha256)) from "
               "(select source, known_at, sha256, delivery_id, unnest(json_extract_string(scopes, '$[*]')) as scope "
               "from ops.deliveries) group by source, scope"]
        )  # fmt: skip
        rows = con.execute(f"select sha256 from ops.deliveries where delivery_id in ({standing})").fetchall()
    return {sha for (sha,) in rows}
