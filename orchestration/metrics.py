"""Figures for Prometheus: a text file for node_exporter's textfile collector, written whole or not at all."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from orchestration import alerts, status
from orchestration.settings import Settings

HELP = {
    "beslag_last_run_timestamp_seconds": "When the last refresh ended",
    "beslag_last_run_exit_code": "How it ended: 0 published or nothing new, 1 build refused, 4 delivery refused, 2 or 5 failed",
    "beslag_last_run_duration_seconds": "How long it took",
    "beslag_build_timestamp_seconds": "When the build that readers see was made",
    "beslag_build_deliveries": "Deliveries behind the build that readers see",
    "beslag_build_checks": "Checks evaluated for the build that readers see",
    "beslag_build_warnings": "Checks of that build that warned",
    "beslag_rollback": "1 while a rollback is in force",
    "beslag_source_stale": "1 when a source is stale",
    "beslag_source_arrival_timestamp_seconds": "When a source last arrived",
    "beslag_alert_unsent": "Channels that did not take the last alert",
    "beslag_disk_free_bytes": "Free space where var/ lies",
}


def path_of(settings: Settings) -> Path:
    """`var/metrics.prom`, or BESLAG_METRICS: a collector of another account cannot look into var/."""
    return Path(os.environ.get("BESLAG_METRICS") or settings.var / "metrics.prom").expanduser()


def write(settings: Settings, ended_at: str, code: int, seconds: float) -> None:
    """Write the figures as they stand after a run."""
    state, outcome = status.read_status(settings), alerts.last_outcome(settings.var)
    figures: list[tuple[str, str, float]] = [
        ("beslag_last_run_timestamp_seconds", "", _seconds(ended_at)),
        ("beslag_last_run_exit_code", "", code),
        ("beslag_last_run_duration_seconds", "", seconds),
        ("beslag_rollback", "", int(state.rollback_to is not None)),
        ("beslag_alert_unsent", "", len(outcome["failed"]) if outcome else 0),
        ("beslag_disk_free_bytes", "", shutil.disk_usage(settings.var).free),
    ]
    if state.built_at:
        figures += [
            ("beslag_build_timestamp_seconds", "", _seconds(state.built_at)),
            ("beslag_build_deliveries", "", len(state.snapshots)),
            ("beslag_build_checks", "", state.checks),
            ("beslag_build_warnings", "", state.failed_checks),
        ]
    for source in state.freshness:
        label = f'{{source="{source.source}"}}'
        figures.append(("beslag_source_stale", label, int(source.is_stale)))
        if source.last_arrival:
            figures.append(
                ("beslag_source_arrival_timestamp_seconds", label, _seconds(source.last_arrival.isoformat()))
            )
    lines = []
    for name, says in HELP.items():
        samples = [f"{name}{label} {value:.10g}" for n, label, value in figures if n == name]
        lines += [f"# HELP {name} {says}.", f"# TYPE {name} gauge", *samples] if samples else []
    path = path_of(settings)
    part = path.with_name(f".{path.name}.part")  # the collector reads *.prom
    part.write_text("\n".join(lines) + "\n", "utf-8")
    part.chmod(0o644)
    part.replace(path)


def _seconds(moment: str) -> float:
    """A UTC moment as seconds since 1970."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()
