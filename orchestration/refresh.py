"""The main job as an operator runs it: lock, repair, decide whether anything is new, run Dagster, say what happened."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from orchestration import archive, builds, intake, machine, process, reporting, retention, status, untouched
from orchestration.code_version import code_version
from orchestration.contract import Contract, load_contracts
from orchestration.corrections import any_expired, load_corrections
from orchestration.database import connect
from orchestration.errors import (
    FAILED,
    PUBLISHED,
    REFUSED_BUILD,
    REFUSED_DELIVERY,
    BuildRefused,
    UsageError,
)
from orchestration.load import is_latest, refused_among
from orchestration.lock import run_lock
from orchestration.settings import Settings
from orchestration.stages import require_whole_chain

if TYPE_CHECKING:
    from orchestration.runs import RunReport

log = logging.getLogger("beslag")


@dataclass
class Inbox:
    """What lies in the inbox, over all sources looked at."""

    skipped: list[str] = field(default_factory=list)  # sources without a folder
    refused: list[str] = field(default_factory=list)  # sentences about files that were not even taken in
    hashes: set[str] = field(default_factory=set)
    new: int = 0


def refresh(settings: Settings) -> int:
    """Run the main job, and report how it ended.

    Returns:
        The exit code of the plan: 0 published or nothing new, 1 a gate refused the build, 4 published but a
        delivery was refused, 5 any other failure.

    Raises:
        UsageError, ContractError, Busy: before anything was changed.
    """
    with (
        reporting.reported(settings) as ending,
        machine.in_words(settings, OSError, MemoryError, duckdb.Error),
    ):
        return _refresh(settings, ending)


def _refresh(settings: Settings, ending: reporting.Ending) -> int:
    contracts = load_contracts(settings.contracts_dir)
    if unknown := sorted(set(settings.sources) - set(contracts)):
        raise UsageError(f"There is no source '{unknown[0]}'; the sources are {', '.join(contracts)}.")
    overdue = any_expired(load_corrections(settings.contracts_dir, contracts), settings.now.date())
    with run_lock(settings.var):
        retention.check()
        for sentence in builds.repair_all(settings):
            log.warning("  repair     %s", sentence)
        if settings.full:
            settings.build.unlink(missing_ok=True)
            settings.build.with_name(settings.build.name + ".wal").unlink(missing_ok=True)
            (settings.var / untouched.NOTE).unlink(missing_ok=True)  # all bytes are read
        inbox = look(contracts, settings)
        if not settings.full and not overdue and _nothing_new(contracts, settings):
            return _say_nothing_new(settings, inbox, ending)
        machine.require_memory()
        machine.require_space(settings)
        return _run(settings, inbox, ending)


def look(contracts: dict[str, Contract], settings: Settings) -> Inbox:
    """Take in what arrived for every source asked for; an as-of build is made from the archive alone."""
    inbox = Inbox()
    if settings.as_of:
        if not any(not contracts[d.source].curated for d in _known(contracts, settings)):
            raise UsageError(
                f"The archive holds no delivery that was known by {settings.as_of}; refresh on the latest deliveries first, "
                "or give a later day."
            )
        log.info(
            "  inbox      not looked at: a build as of %s is made from the archive alone", settings.as_of
        )
        return inbox
    for name, contract in contracts.items():
        if settings.sources and name not in settings.sources:
            continue
        found = intake.take_in(contract, settings, partial(is_latest, settings.build, name))
        inbox.new += len(found.new)
        inbox.hashes |= found.in_inbox
        inbox.refused += found.refused
        if found.unfetched and found.unfetched not in found.refused:
            log.warning("  offline    %s What it delivered before stays.", found.unfetched)
        if not found.present:
            inbox.skipped.append(name)
    if inbox.skipped:
        log.info("  inbox      no folder for %s; what they delivered before stays", ", ".join(inbox.skipped))
    log.info("  inbox      %d new deliveries in %s", inbox.new, settings.inbox)
    for sentence in inbox.refused:
        log.warning("  refused    %s", sentence)
    return inbox


def _known(contracts: dict[str, Contract], settings: Settings) -> list[archive.Delivery]:
    """Deliveries known by the day asked for, of sources there still are."""
    known = archive.Archive(settings.archive).deliveries(before=settings.known_before)
    return [delivery for delivery in known if delivery.source in contracts]


def _nothing_new(contracts: dict[str, Contract], settings: Settings) -> bool:
    """The newest kept build was made by this code from exactly these deliveries, and it is whole."""
    kept = builds.kept_builds(settings)
    if not kept or not settings.published.exists():
        return False
    newest = kept[-1]
    held = builds.held_by_rollback(settings)
    return (
        newest.inputs == builds.inputs(contracts, settings)
        and newest.code_version == code_version(settings)
        and builds.published_id(settings) == (held or newest.build_id)
        and _is_whole(settings.build)
    )


def _is_whole(build: Path) -> bool:
    """The pipeline's own database is there, and its gates have judged what it holds."""
    if not build.exists():
        return False
    try:
        require_whole_chain(build)
    except (
        BuildRefused,
        duckdb.CatalogException,
    ):  # a run died in the middle, or a part of the job ran alone
        return False
    return True


def _say_nothing_new(settings: Settings, inbox: Inbox, ending: reporting.Ending) -> int:
    refused = _refused_and_present(settings, inbox)
    for sentence in refused:
        log.warning("  refused    %s", sentence)
    log.info(
        "Nothing new: %s already holds these deliveries (build %s).",
        settings.published.name,
        builds.published_id(settings),
    )
    return _well(settings, [*inbox.refused, *refused], "Nothing new.", ending)


def _well(settings: Settings, refused: list[str], what: str, ending: reporting.Ending) -> int:
    """The end of a good night; refused deliveries are named by source and file alone."""
    _say_what_is_stale(settings)
    for sentence in retention.clear_archive(settings):
        log.info("  retention  %s", sentence)
    code = REFUSED_DELIVERY if refused else PUBLISHED
    ending.ends(code, [what], [sentence.partition(": ")[0] for sentence in refused])
    return code


def _run(settings: Settings, inbox: Inbox, ending: reporting.Ending) -> int:
    before = builds.kept_builds(settings)
    run = _run_dagster(settings)
    after = builds.kept_builds(settings)
    made = [b for b in after if b.build_id not in {x.build_id for x in before}]
    if run.success and made:
        refused = _refused_and_present(settings, inbox)
        held = builds.held_by_rollback(settings)
        if held:
            log.info("Kept build %s; readers still see %s until `beslag release`.", made[-1].build_id, held)
        else:
            log.info("Published %s: build %s.", settings.published, made[-1].build_id)
        if gone := made[-1].forgotten:
            log.warning(
                "Not what was published then: %s, known by that day, forgotten since.",
                ", ".join(sha[:12] for sha in gone),
            )
        return _well(settings, [*inbox.refused, *refused], f"Built {made[-1].build_id}.", ending)
    for failure in run.failures:
        if failure.kind != "DagsterAssetCheckFailedError":  # the gate itself has said which checks refused
            ours = failure.message if failure.kind in reporting.OUR_OWN else None
            words = ours or machine.starved(failure.kind, failure.message, settings.home)
            log.error("%s", words or f"Failed: {failure.message} ({failure.kind}).")
    readers = "is as it was" if settings.published.exists() else "does not exist yet"
    log.error("Nothing was published; %s %s.", settings.published.name, readers)
    code = REFUSED_BUILD if run.only_gates else FAILED
    ending.ends(code, reporting.sentences(run, settings))
    return code


def _say_what_is_stale(settings: Settings) -> None:
    for source in status.freshness(settings):
        if source.is_stale:
            log.warning("  stale      %s", source.sentence())


def _run_dagster(settings: Settings) -> RunReport:
    """Run the job in this process. Dagster's record of it lasts as long: what stays is the build, `ops` in the pipeline's
    own database and the note of the run; Dagster's history is of the runs that its daemon starts.
    """
    os.environ["BESLAG_ONLINE"] = "0"  # the look into the inbox has fetched; the raw assets look there again
    from orchestration import beside

    with beside.raw_beside(settings), process.all_stays():
        import dagster as dg

        from orchestration import transform
        from orchestration.definitions import JOB, defs
        from orchestration.runs import report

        job = defs.get_job_def(JOB)
        instance = dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}})
        transform.get_ready(settings)
    with instance:
        # Steps' output is not kept: it is for the terminal, where rows may be named by their values.
        quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        result = job.execute_in_process(instance=instance, raise_on_error=False, run_config=quiet)
        return report(instance, result.run_id, success=result.success)


def _refused_and_present(settings: Settings, inbox: Inbox) -> list[str]:
    """Deliveries that were refused and still lie in the inbox."""
    with connect(settings.build, read_only=True) as con:
        sources = con.execute("select distinct source from ops.refusals order by all").fetchall()
        return [sentence for (source,) in sources for sentence in refused_among(con, source, inbox.hashes)]
