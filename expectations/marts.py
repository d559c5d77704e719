"""Suites of the marts: what readers are promised, whatever the models do. One suite per published mart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from great_expectations.expectations.expectation import Expectation

from expectations import (
    claims,
    depth_marts,
    listings,
    other_marts,
    price_marts,
    purity_marts,
    revisions,
    seizure_lines,
    seizure_marts,
    wastewater,
)
from expectations.mart import Mart, common
from expectations.suite import Suite
from orchestration.contract import load_contracts

CONTRACTS = Path(__file__).resolve().parents[1] / "sources"
Promises = Callable[[Sequence[str]], Iterator[Expectation]]
MARTS: tuple[tuple[Mart, Promises], ...] = (
    (seizure_lines.SEIZURES, seizure_lines.seizures),
    (seizure_marts.RATE, seizure_marts.seizure_rate),
    (seizure_marts.SHARE, seizure_marts.substance_share),
    (purity_marts.PURITY, purity_marts.purity),
    (purity_marts.BY_SIZE, purity_marts.purity_by_size),
    (other_marts.PRICE, other_marts.price_level),
    (other_marts.POST, other_marts.postal_interceptions),
    (other_marts.DARKNET, other_marts.darknet_turnover),
    (other_marts.INDICATORS, other_marts.indicators),
    (listings.LISTINGS, listings.darknet_listings),
    (revisions.REVISIONS, revisions.revisions),
    (wastewater.WASTEWATER, wastewater.wastewater),
    (price_marts.CHAIN, price_marts.price_chain),
    (price_marts.FX, price_marts.price_fx),
    (price_marts.INDEX, price_marts.price_index),
    (price_marts.SUPPLY, price_marts.supply_range),
    (depth_marts.CONCENTRATION, depth_marts.seizure_concentration),
    (depth_marts.WARNING, depth_marts.early_warning),
    (depth_marts.EFFORT, depth_marts.enforcement_effort),
    (depth_marts.ROUTES, depth_marts.route_port),
    (claims.LEDGER, claims.claim_ledger),
    (claims.FORECASTS, claims.forecast_ledger),
    (claims.VIOLENCE, claims.violence_for_hire),
    (claims.CRIME, claims.oc_index),
    (claims.TRIANGULATION, claims.triangulation),
)


def mart_suites() -> list[Suite]:
    """One suite per mart; which sources are restricted is the contracts' to say."""
    restricted = [c.name for c in load_contracts(CONTRACTS).values() if c.disclosure == "restricted"]
    return [
        Suite(f"marts.{mart.name}", "marts", mart.name, [*common(mart), *promises(restricted)])
        for mart, promises in MARTS
    ]
