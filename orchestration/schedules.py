"""When the main job runs by itself."""

from __future__ import annotations

import os

import dagster as dg

from orchestration.settings import Settings

ONLINE = "beslag/online"  # the tag of a run that fetches


def nightly(job: dg.ExecutableDefinition | dg.UnresolvedAssetJobDefinition) -> dg.ScheduleDefinition:
    """The main job every night at 02:30 in Oslo; BESLAG_SCHEDULE holds another cron expression.

    It fetches, unless BESLAG_ONLINE is 0.
    """

    @dg.schedule(
        name="nightly",
        job=job,
        cron_schedule=os.environ.get("BESLAG_SCHEDULE") or "30 2 * * *",
        execution_timezone="Europe/Oslo",
        description="Fetch and refresh every night; refuses to start on the inputs that ship.",
    )
    def tick() -> dg.RunRequest | dg.SkipReason:
        if Settings.from_env().uses_shipped_inbox:
            return dg.SkipReason(
                "BESLAG_INBOX is not set, so the night would publish the synthetic figures that ship; "
                "set it to the folder that deliveries arrive in."
            )
        return dg.RunRequest(tags={ONLINE: "false" if os.environ.get("BESLAG_ONLINE") == "0" else "true"})

    return tick
