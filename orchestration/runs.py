"""What a Dagster run says about itself, by its event log: who refused it and what failed, without any row's values."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, timedelta

import dagster as dg

from orchestration.errors import Busy
from orchestration.lock import run_lock
from orchestration.settings import Settings

GATE_ERRORS = ("DagsterAssetCheckFailedError", "BuildRefused")
REFUSED = "refused"  # in the metadata of a raw asset: the files of its inbox folder that stay refused
STARTING = timedelta(minutes=15)  # a run this young may not have reached the step that takes the lock


@dataclass(frozen=True)
class Failure:
    """One failed step: its name, the class of the error at the root, and its message, for the terminal alone."""

    step: str
    kind: str
    message: str


@dataclass(frozen=True)
class RunReport:
    """How a run went.

    Attributes:
        success: whether every step did.
        refusals: table, check and up to three places, one line per gate that refused.
        failures: failed steps, gates included.
        refused: refused deliveries that lie in the inbox, as source/file.
    """

    success: bool
    refusals: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def only_gates(self) -> bool:
        """Whether nothing but gates refused."""
        return bool(self.failures) and all(f.kind in GATE_ERRORS for f in self.failures)


def report(instance: dg.DagsterInstance, run_id: str, *, success: bool) -> RunReport:
    """Read a run's event log."""
    kinds = {
        dg.DagsterEventType.ASSET_CHECK_EVALUATION,
        dg.DagsterEventType.ASSET_MATERIALIZATION,
        dg.DagsterEventType.STEP_FAILURE,
    }
    found = RunReport(success)
    for entry in instance.all_logs(run_id, of_type=kinds):
        event = entry.get_dagster_event()
        if event.is_step_failure:
            if error := event.step_failure_data.error:
                root = error
                while root.cause is not None:
                    root = root.cause
                message = re.sub(r"^[\w.]+: ", "", " ".join(root.message.split()))
                found.failures.append(Failure(event.step_key or "", root.cls_name or "Error", message))
        elif event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION:
            found.refused.extend(_list(event.materialization.metadata.get(REFUSED)))
        elif not (judged := event.asset_check_evaluation_data).passed:
            table = ".".join(judged.asset_key.path)
            found.refusals.extend(f"{table}: {line}" for line in _list(judged.metadata.get("refused by")))
    return found


def bury_the_dead(settings: Settings, instance: dg.DagsterInstance) -> list[str]:
    """Mark runs as failed whose process died, and free what they hold of the pool. Returns their ids.

    The daemon's launcher does not look after its processes, and the next run would wait for a dead one for ever. A
    run that is alive holds the run lock.
    """
    at_work = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING])
    young = (settings.now.replace(tzinfo=UTC) - STARTING).timestamp()
    old = [r.dagster_run for r in instance.get_run_records(at_work) if (r.start_time or young) < young]
    buried = []
    if old:
        with suppress(Busy), run_lock(settings.var):
            for run in old:
                instance.report_run_failed(run, "The process that ran it died.")
                instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
                buried.append(run.run_id)
    return buried


def _list(value: dg.MetadataValue | None) -> list[str]:
    said = value.value if value else None
    return [str(each) for each in said] if isinstance(said, list) else []
