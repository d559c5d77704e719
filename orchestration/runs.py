"""What a Dagster run says about itself, by its event log: who refused it and what failed, without any row's values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import dagster as dg

GATE_ERRORS = ("DagsterAssetCheckFailedError", "BuildRefused")
REPORTED = "beslag/reported"  # the tag of a run that reports its end itself; the daemon leaves it alone


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
    """

    success: bool
    refusals: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    @property
    def only_gates(self) -> bool:
        """Whether nothing but gates refused."""
        return bool(self.failures) and all(f.kind in GATE_ERRORS for f in self.failures)


def report(instance: dg.DagsterInstance, run_id: str, *, success: bool) -> RunReport:
    """Read a run's event log."""
    kinds = {dg.DagsterEventType.ASSET_CHECK_EVALUATION, dg.DagsterEventType.STEP_FAILURE}
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
        elif not (judged := event.asset_check_evaluation_data).passed:
            table = ".".join(judged.asset_key.path)
            refused_by = judged.metadata.get("refused by")
            said = refused_by.value if refused_by else None
            found.refusals.extend(
                f"{table}: {line}" for line in (said if isinstance(said, list) else ["no check says why"])
            )
    return found
