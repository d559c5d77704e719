"""How a run ended: noted for `beslag status`, measured for Prometheus, and told where it needs a person.

Here: what is worth an alert, and its words. Not here: the channels (alerts.py), the figures (metrics.py).
Nothing in this module may fail a run.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

import duckdb

from orchestration import alerts, builds, machine, metrics, status
from orchestration.errors import FAILED, PUBLISHED, REFUSED_BUILD, REFUSED_DELIVERY, BeslagError, Busy
from orchestration.last_run import LastRun, keep, last_run, missed, utc_now
from orchestration.settings import Settings

if TYPE_CHECKING:
    from orchestration.runs import RunReport

log = logging.getLogger("beslag")
OUR_OWN = ("BuildRefused", "Busy", "ContractError", "DeliveryRefused", "Starved", "UsageError")


@dataclass
class Ending:
    """What is known of a run while it ends."""

    started: datetime
    code: int = FAILED
    what: list[str] = field(default_factory=lambda: ["It ended without saying why: a crash."])
    refused: list[str] = field(default_factory=list)

    def ends(self, code: int, what: list[str], refused: list[str] | None = None) -> None:
        """State how it ended."""
        self.code, self.what, self.refused = code, what, refused or []


@contextmanager
def reported(settings: Settings) -> Iterator[Ending]:
    """Whatever ends the block is reported, a crash included; not a run that found the build busy, and no build as of
    a day, which is somebody's question and no night.
    """
    ending = Ending(utc_now())
    if settings.as_of:
        yield ending
        return
    try:
        yield ending
    except Busy:
        raise
    except BeslagError as error:
        ending.ends(error.code, [str(error)])
        conclude(settings, ending)
        raise
    except BaseException:  # an interrupt as well is told of, and raised on
        conclude(settings, ending)
        raise
    conclude(settings, ending)


def conclude(settings: Settings, ending: Ending) -> None:
    """Note, measure and tell how a run ended."""
    try:
        before = last_run(settings)
        note = LastRun(
            started_at=ending.started.isoformat(),
            ended_at=utc_now().isoformat(),
            code=ending.code,
            what=ending.what,
            refused=sorted(ending.refused),
            stale=sorted(f.source for f in status.freshness(settings) if f.is_stale),
        )
        keep(settings, note)
        if alert := _alert(settings, note, before):
            tell(settings, alert)
        metrics.write(settings, note.ended_at, note.code, note.seconds)
    except (OSError, MemoryError, duckdb.Error) as error:  # what starves this has refused the run already
        log.warning(
            "How the run ended could not be noted (%s).",
            getattr(error, "strerror", None) or type(error).__name__,
        )


def sentences(run: RunReport, settings: Settings) -> list[str]:
    """What a failed run may say in an alert: other errors than ours may hold values of rows, so only their kind."""
    said = [f"Refused: {line}" for line in run.refusals]
    for f in run.failures:
        if f.kind in OUR_OWN:
            said.append(f.message)
        elif f.kind != "DagsterAssetCheckFailedError":
            words = machine.starved(f.kind, f.message, settings.home)
            said.append(words or f"The step {f.step} failed: {f.kind}.")
    return said or ["The run died; no step says why."]


def watch(settings: Settings) -> list[str]:
    """Look whether a night was missed, and tell it once. Returns what is wrong now."""
    found = last_run(settings)
    sentence = missed(settings)
    if sentence is None or found is None:
        return []
    if not found.missed:
        keep(settings, replace(found, missed=True))
        tell(
            settings,
            alerts.Alert(
                "a night was missed", [sentence], _readers(settings),
                ["Look whether the service runs (`systemctl status 'beslag*'`) and what its journal says, then run `beslag refresh`."],
            ),
        )  # fmt: skip
    return [sentence]


def tell(settings: Settings, alert: alerts.Alert) -> None:
    """Send an alert and keep what became of it."""
    sent, failed = alerts.send(alert)
    for sentence in failed:
        log.error("  alert      %s", sentence)
    if sent or failed:
        alerts.note_outcome(settings.var, alert, utc_now().isoformat(), sent, failed)


def _alert(settings: Settings, note: LastRun, before: LastRun | None) -> alerts.Alert | None:
    """One message for all that is newly wrong; None when there is nothing to say."""
    subjects, found, todo = [], [], []
    if note.code not in (PUBLISHED, REFUSED_DELIVERY):
        subjects.append("a gate refused the build" if note.code == REFUSED_BUILD else "the refresh failed")
        found += note.what
        todo.append(
            "Look at the rows named above; docs/operations.md says which way out fits (correct, forget, accept)."
            if note.code == REFUSED_BUILD
            else "Read the sentence above and the journal, mend it, and run `beslag refresh`; what was left half-made it clears itself."
        )
    if refused := _new(note.refused, before.refused if before else []):
        subjects.append(
            f"{len(refused)} deliveries were refused" if len(refused) > 1 else "a delivery was refused"
        )
        found += [f"Refused delivery: {name}" for name in refused]
        todo.append(
            "`beslag check FILE` says what is wrong with it, line by line; replace or remove the file."
        )
    if stale := _new(note.stale, before.stale if before else []):
        subjects.append(
            f"{', '.join(stale)} went stale" if len(stale) < 4 else f"{len(stale)} sources went stale"
        )
        found += [f.sentence() for f in status.freshness(settings) if f.source in stale]
        todo.append("Ask the producer for the delivery, or correct freshness_days in the contract.")
    return alerts.Alert("; ".join(subjects), found, _readers(settings), todo) if subjects else None


def _new(now: list[str], before: list[str]) -> list[str]:
    return [each for each in now if each not in before]


def _readers(settings: Settings) -> str:
    build = builds.published_build(settings)
    if build is None:
        return "nothing has been published yet."
    held = " (a rollback holds it until `beslag release`)" if builds.held_by_rollback(settings) else ""
    return f"they see build {build.build_id}, made {build.built_at}{held}."
