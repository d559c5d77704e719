"""Everything Dagster sees, assembled; no logic."""

from __future__ import annotations

import dagster as dg

from orchestration import assets, schedules, transform
from orchestration.contract import load_contracts
from orchestration.corrections import load_corrections
from orchestration.settings import Settings

JOB = "refresh"


def build_definitions() -> dg.Definitions:
    """All assets, gates, the job and its schedule, from the contracts and the dbt manifest."""
    settings = Settings.from_env()
    contracts = load_contracts(settings.contracts_dir)
    corrections = load_corrections(settings.contracts_dir, contracts)
    dbt = assets.dbt_models(transform.prepare_manifest(settings))
    marts = sorted(key for key in dbt.keys if key.path[0] == assets.MARTS)
    job = dg.define_asset_job(
        JOB, selection=dg.AssetSelection.all(), description="Raw feeds in, one published file out."
    )
    return dg.Definitions(
        assets=[
            *(assets.raw_asset(c, corrections) for c in contracts.values()),
            dbt,
            assets.warehouse(marts, contracts),
        ],
        asset_checks=[assets.raw_gate(contracts), assets.mart_gate(marts, contracts)],
        resources={assets.LOCK: assets.build_lock},
        jobs=[job],
        schedules=[schedules.nightly(job)],
        sensors=[schedules.arrivals(job), schedules.watchman(), *schedules.endings()],
        executor=dg.in_process_executor,
    )


defs = build_definitions()
