"""Dagster's view of the rooms: raw assets, gates as blocking checks, dbt assets, the published file.

Every asset only calls the room that does the work and reports. The steps of a run share one process and one lock; the
command has a second process fold raw ahead of them (beside.py).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from expectations.baseline import baseline_suites
from expectations.marts import mart_suites
from expectations.raw import raw_suites
from orchestration import baseline, beside, blank, builds, gates, machine, publish, transform
from orchestration.contract import Contract
from orchestration.corrections import Correction
from orchestration.database import HeldOpen, connect
from orchestration.errors import BuildRefused
from orchestration.intake import Intake, take_in
from orchestration.load import is_latest, load_source, refused_among
from orchestration.load_report import LoadReport
from orchestration.lock import run_lock
from orchestration.runs import REFUSED
from orchestration.schedules import ONLINE
from orchestration.settings import Settings
from orchestration.stages import seal

log = logging.getLogger("beslag")
POOL = "build"  # one writer across runs
LOCK = "build_lock"
WAREHOUSE = dg.AssetKey("warehouse")
MARTS = "marts"


@dg.resource(description="The lock on the build database, held for the length of the run.")
def build_lock(_: dg.InitResourceContext) -> Iterator[HeldOpen]:
    """Held by every step that writes; what an earlier crash left is cleared first. Raw assets hold the build open besides."""
    settings = Settings.from_env()
    with run_lock(settings.var):
        for sentence in builds.repair_all(settings):
            log.warning("  repair     %s", sentence)
        machine.require_space(settings)
        build = HeldOpen()
        try:
            yield build
        finally:
            build.let_go()


def raw_key(source: str) -> dg.AssetKey:
    """The asset key of a source's raw table."""
    return dg.AssetKey(["raw", source])


def raw_asset(contract: Contract, corrections: Sequence[Correction]) -> dg.AssetsDefinition:
    """The raw table of one source: take in what arrived, keep the bytes, fold what is new into history."""

    @dg.asset(
        key=raw_key(contract.name),
        group_name="raw",
        description=f"{contract.description} {contract.grain.capitalize()}.",
        kinds={"polars", "duckdb"},
        pool=POOL,
        required_resource_keys={LOCK},
    )
    def load() -> dg.MaterializeResult[None]:
        settings, context = Settings.from_env(), dg.AssetExecutionContext.get()
        blank.lay_out(settings)
        context.resources.build_lock.hold(settings.build)
        if done := beside.report_of(contract.name):
            return _loaded(done, Intake(), [])
        if context.run.tags.get(ONLINE) == "true":
            settings = replace(settings, online=True)
        intake = Intake()
        if settings.as_of is None and (not settings.sources or contract.name in settings.sources):
            intake = take_in(contract, settings, partial(is_latest, settings.build, contract.name))
        if intake.unfetched:
            log.warning("  fetch      %s", intake.unfetched)
        with connect(settings.build) as con:
            report = load_source(con, contract, settings, corrections)
            stay_refused = refused_among(con, contract.name, intake.in_inbox)
        report.tell()
        return _loaded(report, intake, stay_refused)

    return load


def _loaded(report: LoadReport, intake: Intake, stay_refused: Sequence[str]) -> dg.MaterializeResult[None]:
    files = {sentence.partition(": ")[0] for sentence in [*intake.refused, *stay_refused]}
    return dg.MaterializeResult(
        metadata={
            "deliveries folded": report.folded,
            "deliveries refused": len(report.refused),
            "row versions begun": report.started,
            "row versions ended": report.ended,
            "rows quarantined": report.rows_quarantined,
            "dagster/row_count": report.current_rows,
            **({"not fetched": intake.unfetched} if intake.unfetched else {}),
            REFUSED: sorted(files),
        }
    )


def raw_gate(contracts: Mapping[str, Contract]) -> dg.AssetChecksDefinition:
    """The raw suites, one blocking check per source."""
    specs = [_gate_spec(raw_key(name)) for name in contracts]

    @dg.multi_asset_check(
        name="raw_gate", specs=specs, can_subset=True, pool=POOL, required_resource_keys={LOCK}
    )
    def judge() -> Iterator[dg.AssetCheckResult]:
        suites = raw_suites(list(contracts.values()))
        keys = {s.name: raw_key(s.table) for s in suites}
        yield from _judge(
            "raw", suites, keys, contracts, dg.AssetCheckExecutionContext.get().selected_asset_check_keys
        )

    return judge


def mart_gate(
    mart_keys: Sequence[dg.AssetKey], contracts: Mapping[str, Contract]
) -> dg.AssetChecksDefinition:
    """The promises to readers, one blocking check per mart."""
    specs = [_gate_spec(key) for key in mart_keys]

    @dg.multi_asset_check(
        name="mart_gate", specs=specs, can_subset=True, pool=POOL, required_resource_keys={LOCK}
    )
    def judge() -> Iterator[dg.AssetCheckResult]:
        baseline.compare(Settings.from_env())
        suites = [*mart_suites(), *baseline_suites()]
        keys = {s.name: dg.AssetKey([MARTS, s.name.partition(".")[2]]) for s in suites}
        yield from _judge(
            "marts", suites, keys, contracts, dg.AssetCheckExecutionContext.get().selected_asset_check_keys
        )

    return judge


def _gate_spec(key: dg.AssetKey) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        "gate", asset=key, blocking=True, description="Great Expectations suite; refuses the build."
    )


def _judge(
    stage: str,
    suites: Sequence[Any],
    keys: Mapping[str, dg.AssetKey],
    contracts: Mapping[str, Contract],
    selected: Collection[dg.AssetCheckKey],
) -> Iterator[dg.AssetCheckResult]:
    """Judge the selected tables. Only the verdict on all of them counts for publishing; part of it is for looking."""
    settings = Settings.from_env()
    asked = [s for s in suites if any(check.asset_key == keys[s.name] for check in selected)]
    on_terminal = (
        sys.stderr.isatty()
    )  # in a journal, a mail or Dagster's own log nobody's row is named by its values

    def may_show(table: str, column: str) -> bool:
        if not on_terminal:
            return False
        contract = contracts.get(table.removeprefix("raw."))
        return contract is None or all(f.name != column or f.personal is None for f in contract.fields)

    results = gates.run_suites(settings.build, asked, may_show)
    if len(asked) == len(suites):
        with connect(settings.build) as con:
            for part in {s.name.partition(".")[0] for s in suites}:
                gates.write_results(con, part, [r for r in results if r.suite.startswith(f"{part}.")])
            seal(con, "raw_gate" if stage == "raw" else "mart_gate")
    refusing = sum(r.refuses for r in results)
    log.info("  gate       %s: %d checks, %d refuse", stage, len(results), refusing)
    if refusing:
        log.error("%s", gates.format_refusal(results))
    for key in dict.fromkeys(keys[s.name] for s in asked):
        mine = [r for r in results if keys[r.suite] == key]
        failed = [r for r in mine if r.refuses]
        # Values of rows stay on the local terminal: Dagster's metadata gets file, line, column and check only.
        yield dg.AssetCheckResult(
            check_name="gate",
            asset_key=key,
            passed=bool(mine) and not failed,
            metadata={
                "checks": len(mine),
                "refused by": [
                    f"{r.check_name}: {r.observed}" + "".join(f"; {p}" for p in r.places) for r in failed
                ],
            },
        )


class Translator(DagsterDbtTranslator):
    """Asset keys and groups by the schema a model is built in, so that the graph reads as the plan."""

    def __init__(self) -> None:
        super().__init__(
            settings=DagsterDbtTranslatorSettings(
                enable_asset_checks=False,
                enable_duplicate_source_asset_keys=True,  # a source's rows that stand, and its history, are one asset
            )
        )

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """`raw/<source>` for a source and its history, `<schema>/<name>` for all else."""
        if dbt_resource_props["resource_type"] == "source" and dbt_resource_props["schema"] != "ops":
            return raw_key(dbt_resource_props["name"])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The schema: reference, staging, intermediate or marts."""
        return str(dbt_resource_props["schema"])


def dbt_models(manifest: Path) -> dg.AssetsDefinition:
    """Every dbt model and seed as an asset, built by one `dbt build` in this process."""
    translator = Translator()

    @dbt_assets(
        manifest=manifest,
        dagster_dbt_translator=translator,
        name="dbt",
        pool=POOL,
        required_resource_keys={LOCK},
    )
    def build() -> Iterator[dg.Output[None]]:
        settings, context = Settings.from_env(), dg.AssetExecutionContext.get()
        outcome = transform.run_build(settings)
        log.info("  dbt        %d models and seeds, %d tests", len(outcome.built), len(outcome.tests))
        if unmet := [t for t in outcome.tests if not t.success]:
            log.warning("%s", gates.format_refusal(unmet))
        failed = f"dbt could not build {len(outcome.errors)} models: {'; '.join(outcome.errors[:3])}"
        # Refusals first: rows that a test refuses can fail a model after it.
        if refusing := [t for t in outcome.tests if t.refuses]:
            also = f" Also, {failed}" if outcome.errors else ""
            raise BuildRefused(
                f"{len(refusing)} dbt tests refused the build, first {refusing[0].check_name}.{also}"
            )
        if outcome.errors:
            raise dg.Failure(failed)
        nodes = transform.manifest_nodes(settings)
        # Only marts are waited for. Of the others a record is made, 10 ms each, where Dagster keeps its records.
        all_told, selected = not context.instance.is_ephemeral, set(context.selected_output_names)
        for unique_id in outcome.built:  # all of them, whatever was selected
            key = translator.get_asset_key(nodes[unique_id])
            name = key.to_python_identifier()
            if name in selected and (all_told or key.path[0] == MARTS):
                yield dg.Output(None, output_name=name)

    return build


def warehouse(mart_keys: Sequence[dg.AssetKey], contracts: Mapping[str, Contract]) -> dg.AssetsDefinition:
    """The readers' file. Depends on every mart, so that both gates stand before it."""

    @dg.asset(
        key=WAREHOUSE,
        deps=list(mart_keys),
        group_name="publish",
        description="The published file: a fresh candidate, verified, then swapped in whole.",
        kinds={"duckdb"},
        pool=POOL,
        required_resource_keys={LOCK},
    )
    def swap() -> dg.MaterializeResult[None]:
        settings = Settings.from_env()
        dg.AssetExecutionContext.get().resources.build_lock.let_go()
        build_id, seen = publish.publish(settings, dict(contracts))
        log.info("  publish    %s%s", build_id, "" if seen else " (kept; a rollback holds the readers' file)")
        return dg.MaterializeResult(metadata={"build": build_id, "readers see it": seen})

    return swap
