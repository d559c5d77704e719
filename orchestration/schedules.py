"""When the main job runs by itself, and how the daemon reports what became of it."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import TypeAlias

import dagster as dg

from orchestration import builds, reporting, retention, runs
from orchestration.errors import FAILED, PUBLISHED, REFUSED_BUILD, REFUSED_DELIVERY, Busy
from orchestration.lock import run_lock
from orchestration.settings import Settings

ONLINE = "beslag/online"  # the tag of a run that fetches
Job: TypeAlias = "dg.JobDefinition | dg.UnresolvedAssetJobDefinition"
NO_INBOX = (
    "BESLAG_INBOX is not set, so this would publish the synthetic figures that ship; "
    "set it to the folder that deliveries arrive in."
)


def nightly(job: Job) -> dg.ScheduleDefinition:
    """The main job every night at 02:30 in Oslo; BESLAG_SCHEDULE holds another cron expression.

    It fetches, unless BESLAG_ONLINE is 0.
    """

    @dg.schedule(
        name="nightly",
        job=job,
        cron_schedule=os.environ.get("BESLAG_SCHEDULE") or "30 2 * * *",
        execution_timezone="Europe/Oslo",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Fetch and refresh every night; refuses to start on the inputs that ship.",
    )
    def tick() -> dg.RunRequest | dg.SkipReason:
        if Settings.from_env().uses_shipped_inbox:
            return dg.SkipReason(NO_INBOX)
        return dg.RunRequest(tags={ONLINE: "false" if os.environ.get("BESLAG_ONLINE") == "0" else "true"})

    return tick


def arrivals(job: Job) -> dg.SensorDefinition:
    """The main job when files arrived in the inbox and have stopped growing: two looks in a row find the same."""

    @dg.sensor(
        name="arrivals",
        job=job,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Refreshes when what lies in the inbox has changed and lies still; refuses the inputs that ship.",
    )
    def look(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        settings = Settings.from_env()
        if settings.uses_shipped_inbox:
            return dg.SkipReason(NO_INBOX)
        last = json.loads(context.cursor or "{}")
        lies = _listing(settings)
        context.update_cursor(json.dumps({"seen": lies, "asked": last.get("asked")}))
        if lies == last.get("asked"):
            return dg.SkipReason("Nothing has arrived since the last refresh asked for.")
        if lies != last.get("seen"):
            return dg.SkipReason("Something arrived or is still growing; it is looked at again.")
        context.update_cursor(json.dumps({"seen": lies, "asked": lies}))
        return dg.RunRequest(run_key=None)

    return look


def watchman() -> dg.SensorDefinition:
    """Buries runs whose process died, and tells a person when a night was missed; a daemon that is dead itself is
    seen by `beslag status`.
    """

    @dg.sensor(
        name="watchman",
        minimum_interval_seconds=600,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Marks dead runs as failed; one alert when no refresh has ended for longer than BESLAG_SILENCE_HOURS.",
    )
    def look(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        settings = Settings.from_env()
        dead = [f"Run {run_id} was dead." for run_id in runs.bury_the_dead(settings, context.instance)]
        return dg.SkipReason(" ".join([*dead, *(reporting.watch(settings) or ["No night was missed."])]))

    return look


def endings() -> list[dg.SensorDefinition]:
    """Reports the end of runs that the daemon started; `beslag refresh` reports its own."""

    @dg.run_failure_sensor(name="failed", default_status=dg.DefaultSensorStatus.RUNNING)
    def failed(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
        return _report(context)

    @dg.run_status_sensor(
        dg.DagsterRunStatus.SUCCESS, name="succeeded", default_status=dg.DefaultSensorStatus.RUNNING
    )
    def succeeded(context: dg.RunStatusSensorContext) -> dg.SkipReason | None:
        return _report(context)

    return [failed, succeeded]


def _report(context: dg.RunStatusSensorContext) -> dg.SkipReason | None:
    run, settings = context.dagster_run, Settings.from_env()
    found = runs.report(context.instance, run.run_id, success=run.is_success)
    if any(f.kind == "Busy" for f in found.failures):
        return dg.SkipReason("Another run held the build; its end is reported.")
    record = context.instance.get_run_record_by_id(run.run_id)
    started = record.start_time if record else None
    ending = reporting.Ending(
        datetime.fromtimestamp(started, UTC).replace(tzinfo=None, microsecond=0) if started else settings.now
    )
    if run.is_success:
        code = REFUSED_DELIVERY if found.refused else PUBLISHED
        ending.ends(code, [f"Built {builds.kept_builds(settings)[-1].build_id}."], found.refused)
    else:
        ending.ends(REFUSED_BUILD if found.only_gates else FAILED, reporting.sentences(found, settings))
    reporting.conclude(settings, ending)
    retention.clear_runs(settings, context.instance)
    if run.is_success:
        with suppress(Busy), run_lock(settings.var):  # else the next night does it
            for sentence in retention.clear_archive(settings):
                context.log.info(sentence)
    return None


def _listing(settings: Settings) -> str:
    """What lies in the inbox, by path, size and time of change, as one hash."""
    digest = hashlib.sha256()
    for path in sorted(settings.inbox.glob("*/*")):
        if path.is_file() and not path.name.startswith("."):
            at = path.stat()
            digest.update(f"{path.relative_to(settings.inbox)}\0{at.st_size}\0{at.st_mtime_ns}\0".encode())
    return digest.hexdigest()
