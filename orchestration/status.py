"""What is published, how fresh it is and how the last run ended, for people and for a dead-man check."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from orchestration import alerts, builds
from orchestration.archive import Archive
from orchestration.contract import load_contracts
from orchestration.database import connect
from orchestration.last_run import SILENCE, LastRun, last_run, missed
from orchestration.settings import Settings


@dataclass(frozen=True)
class Freshness:
    """One source: when it last arrived and whether that is too long ago."""

    source: str
    last_arrival: datetime | None
    freshness_days: int
    is_stale: bool

    def sentence(self) -> str:
        """For a terminal."""
        arrived = f"arrived {self.last_arrival:%Y-%m-%d}" if self.last_arrival else "never arrived"
        stale = f", STALE (more than {self.freshness_days} days)" if self.is_stale else ""
        return f"{self.source:<24}{arrived}{stale}"


@dataclass(frozen=True)
class Status:
    """The state readers are in."""

    build_id: str | None
    built_at: str | None
    rollback_to: str | None
    checks: int
    failed_checks: int
    synthetic_sources: list[str]
    snapshots: list[dict[str, Any]] = field(default_factory=list)
    freshness: list[Freshness] = field(default_factory=list)
    last_run: LastRun | None = None
    missed: str | None = None  # a sentence; only judged where BESLAG_SILENCE_HOURS is set
    last_alert: dict[str, Any] | None = None

    @property
    def is_good(self) -> bool:
        """Something is published, no source is stale and no night was missed."""
        return self.build_id is not None and not self.missed and not any(f.is_stale for f in self.freshness)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "is_good": self.is_good}

    def lines(self) -> Iterator[str]:
        """For a terminal."""
        if self.build_id is None:
            yield "Nothing is published yet; run `beslag refresh`."
        else:
            yield f"Published: build {self.build_id}, made {self.built_at}, from {len(self.snapshots)} deliveries."
            yield f"Checks: {self.checks} evaluated, {self.failed_checks} without success (warnings)."
        if self.rollback_to:
            yield f"A rollback to {self.rollback_to} is in force; `beslag release` ends it."
        if self.synthetic_sources:
            yield f"Synthetic figures: {', '.join(self.synthetic_sources)}."
        if self.last_run:
            yield f"Last run: ended {self.last_run.ended_at} UTC with {self.last_run.code}. {' '.join(self.last_run.what)}"
        if self.missed:
            yield self.missed
        if self.last_alert:
            yield from self.last_alert["failed"]
        for f in self.freshness:
            yield f"  {f.sentence()}"


def freshness(settings: Settings) -> list[Freshness]:
    """Every source by the archive and the contracts. An optional source that never came is not stale."""
    found = []
    for name, contract in load_contracts(settings.contracts_dir).items():
        arrivals = [d.arrived_at for d in Archive(settings.archive).deliveries(name)]
        last = max(arrivals, default=None)
        stale = (settings.now - last).days > contract.freshness_days if last else not contract.optional
        found.append(Freshness(name, last, contract.freshness_days, stale))
    return found


def read_status(settings: Settings) -> Status:
    """The status by the published file, the archive and the contracts."""
    sources = freshness(settings)
    build_id, held = builds.published_id(settings), builds.held_by_rollback(settings)
    ended = (
        last_run(settings),
        missed(settings) if os.environ.get(SILENCE) else None,
        alerts.last_outcome(settings.var),
    )
    if build_id is None:
        return Status(None, None, held, 0, 0, [], [], sources, *ended)
    with connect(settings.published, read_only=True) as con:
        built_at = con.execute("select built_at from meta.build").fetchone()
        counts = con.execute(
            "select count(*), count(*) filter (not success) from meta.check_results"
        ).fetchone()
        cursor = con.execute(
            "select source, file_name, sha256, known_at, rows_loaded from meta.snapshots order by all"
        )
        names = [column[0] for column in cursor.description or ()]
        snapshots = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        marts = con.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"
        ).fetchall()
        # A figure of several sources is synthetic when one of them is; which one, its own rows say. One mart at a time,
        # because status must answer in the little memory that a refused run had.
        own = "is_synthetic and not contains(source, '+')"
        synthetic = sorted({
            source for (mart,) in marts
            for (source,) in con.execute(f"select source from marts.{mart} where {own} group by source").fetchall()
        })  # fmt: skip
    checks, failed = counts or (0, 0)
    return Status(
        build_id,
        str(built_at[0]) if built_at else None,
        held,
        checks,
        failed,
        synthetic,
        snapshots,
        sources,
        *ended,
    )
