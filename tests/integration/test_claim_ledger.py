"""Verdicts of the claim ledger are computed: they follow the figures, and no synthetic row moves one.

The models of the ledger are run as dbt compiled them, over a copy of the build whose marts.indicators a test edits inside
a transaction; `dbt` itself would take ten seconds for each of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest
from running import Home

from orchestration.settings import PROJECT

TABLES = ("ex_top3", "figures", "picks", "results", "keys", "lines", "verdicts")
DECIDED = ("supported", "contradicted", "mixed", "scope_differs")
# Claim, figure, the factor that its values are multiplied by: another verdict must come of it.
PERTURBED = [
    ("C000-01", "PF0052", 0.001),  # the mass of the first half of 2023
    ("C000-02", "PF0051", 0.5),  # mean purity of 2022
    ("C000-25", "PF0046", 2),  # the hashish seizure of Svinesund
    ("C000-28", "PF0052", 0.1),  # the mass of the first half of 2023
    ("C000-29", "PF0037", 1.5),  # the number of 2021
    ("C000-31", "PF0065", 0.05),
    ("C000-32", "PF0060", 0.5),  # the share of the first half of 2023
    ("C000-39", "PF0067", 20),  # nitazenes of 2023
    ("C000-42", "PF0659", 0.5),  # Antwerp in 2023
    ("C000-51", "PF0662", 0.5),
    ("C001-04", "PF0029", 0.2),  # cannabis in the first half of 2021
    ("C001-13", "PF0237", 2),  # cocaine in 2019
    ("C001-14", "PF0033", 2),  # amphetamines in the first half of 2021
    ("C004-03", "PF0010", 0.1),  # the supply
    ("C004-07", "PF0178", 2),  # consignments of 2023
    ("C004-11", "PF0271", 0.5),  # the survey of 2011
    ("C004-18", "PF0014", 0.1),  # the share of the market
    ("C004-36", "PF0272", 0.5),
]


class Delivery(NamedTuple):
    """Swedish figures by year that a claim waits for, and the verdict that follows once they are there."""

    claim: str
    series: str
    substance: str
    unit: str
    values: dict[int, float]
    verdict: str


DELIVERED = [
    Delivery("C004-19", "undeliverable_mail_hit_rate_pct", "", "pct", {2018: 2, 2021: 4}, "supported"),
    Delivery("C004-23", "darknet_price_median", "", "SEK/g", {2018: 900, 2021: 950}, "contradicted"),
    Delivery("C004-21", "darknet_vendors", "all_drugs", "count", {2018: 600, 2020: 300}, "supported"),
    Delivery("C004-30", "open_web_drug_sites_count", "all_drugs", "count", {2016: 5}, "contradicted"),
    Delivery("C004-33", "hidden_online_share_of_market_pct", "all_drugs", "pct", {2018: 5}, "supported"),
    Delivery(
        "C004-10", "market_turnover", "all_drugs", "million SEK", {2005: 900, 2020: 800}, "contradicted"
    ),
]


class Ledger:
    """The ledger's tables over an editable build; what is a view follows by itself.

    Args:
        build: a copy of the build database, named as it was, since compiled SQL names it.
        compiled: the folder of the compiled models.
    """

    def __init__(self, build: Path, compiled: Path) -> None:
        self.con = duckdb.connect(str(build))
        self.models = {
            f"intermediate.int_claims__{name}": (
                compiled / "intermediate" / "claims" / f"int_claims__{name}.sql"
            ).read_text("utf-8")
            for name in TABLES
        }
        self.models["marts.claim_ledger"] = (compiled / "marts" / "claims" / "claim_ledger.sql").read_text(
            "utf-8"
        )

    def verdicts(self, *edits: str) -> dict[str, str]:
        """Verdict by claim once the edits of marts.indicators are made; they are undone afterwards."""
        self.con.execute("begin")
        for edit in edits:
            self.con.execute(edit)
        for table, sql in self.models.items():
            self.con.execute(f"drop table {table}")
            self.con.execute(f"create table {table} as {sql}")
        found = dict(self.con.execute("select claim_id, verdict from marts.claim_ledger").fetchall())
        self.con.execute("rollback")
        return found


@pytest.fixture(scope="module")
def ledger(shipped: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """The ledger of the inputs that ship."""
    home = shipped.copy(tmp_path_factory.mktemp("ledger") / "copy")
    compiled = home.var / "dbt" / "target" / "compiled" / "beslag" / "models"
    made = Ledger(home.build, compiled)
    yield made
    made.con.close()


@pytest.fixture(scope="module")
def stands(ledger: Ledger) -> dict[str, str]:
    """The verdicts as they stand."""
    return ledger.verdicts()


def test_every_claim_that_ships_has_a_verdict(ledger: Ledger, stands: dict[str, str]) -> None:
    ids = ledger.con.execute("select claim_id from raw.claims where _valid_to is null").fetchall()
    assert sorted(stands) == sorted(claim for (claim,) in ids)
    assert len(stands) == 161
    assert dict(ledger.con.execute("select claim_id, verdict from marts.claim_ledger").fetchall()) == stands


@pytest.mark.parametrize(("claim", "figure", "factor"), PERTURBED, ids=[p[0] for p in PERTURBED])
def test_a_verdict_follows_its_figures(
    ledger: Ledger, stands: dict[str, str], claim: str, figure: str, factor: float
) -> None:
    assert stands[claim] in DECIDED
    edit = (
        f"update marts.indicators set value_low = value_low * {factor}, value = value * {factor}, "
        f"value_high = value_high * {factor} where indicator_key = '{figure}'"
    )
    assert ledger.verdicts(edit)[claim] != stands[claim]


@pytest.mark.parametrize("delivery", DELIVERED, ids=[d.claim for d in DELIVERED])
def test_a_series_that_is_delivered_gets_its_claim_tested(
    ledger: Ledger, stands: dict[str, str], delivery: Delivery
) -> None:
    assert stands[delivery.claim] in ("untestable", "insufficient_data")
    edits = [
        _figure(f"new{year}", delivery.series, delivery.substance, delivery.unit, year, value)
        for year, value in delivery.values.items()
    ]
    assert ledger.verdicts(*edits)[delivery.claim] == delivery.verdict


def test_at_least_twenty_verdicts_are_seen_to_flip() -> None:
    assert len({p[0] for p in PERTURBED} | {d.claim for d in DELIVERED}) >= 20


def test_a_figure_that_is_withdrawn_leaves_its_claim_undecided(ledger: Ledger) -> None:
    found = ledger.verdicts(
        "delete from marts.indicators where indicator_key in ('PF0036', 'PF0065', 'PF0029', 'PF0062')"
    )
    assert found["C000-42"] == "supported"  # Antwerp alone
    gone = ledger.verdicts("delete from marts.indicators where series <> 'fx_units_per_eur'")
    assert set(gone.values()) == {"untestable"}


def test_synthetic_rows_move_no_verdict(ledger: Ledger, stands: dict[str, str]) -> None:
    absurd = (
        "insert into marts.indicators by name select * replace (concat('synthetic', indicator_key) as indicator_key, "
        "value * 1000 as value, value_low * 1000 as value_low, value_high * 1000 as value_high, true as is_synthetic) "
        "from marts.indicators"
    )
    wanted = [_figure("s1", "undeliverable_mail_hit_rate_pct", "", "pct", 2018, 2, synthetic=True)]
    assert ledger.verdicts(absurd, *wanted) == stands
    without = ledger.verdicts("delete from marts.indicators where is_synthetic")
    assert without == stands


def test_a_figure_of_the_claims_own_document_never_supports_it(
    ledger: Ledger, stands: dict[str, str]
) -> None:
    assert stands["C000-49"] == "insufficient_data"  # the price in Colombia, told nowhere else
    elsewhere = (
        "update marts.indicators set document = 'elsewhere', value = value_low where indicator_key = 'PF0004'"
    )
    assert ledger.verdicts(elsewhere)["C000-49"] == "supported"


def test_an_end_that_nobody_states_decides_nothing(ledger: Ledger, stands: dict[str, str]) -> None:
    """The largest hashish seizure is "over 360 kg", against 639 kg before; over 10 000 NOK may be over 13 000."""
    assert stands["C000-25"] == "mixed"
    exact = "update marts.indicators set value = value_low where indicator_key = 'PF0046'"
    records = "delete from marts.indicators where series = 'single_seizure_kg' and substance = 'cocaine'"
    assert ledger.verdicts(records)["C000-25"] == "mixed"
    assert ledger.verdicts(exact, records)["C000-25"] == "contradicted"
    elsewhere = "update marts.indicators set document = 'elsewhere' where indicator_key = 'PF0004'"
    assert ledger.verdicts(elsewhere)["C000-49"] == "mixed"


def test_every_query_runs_on_the_published_file_and_returns_what_the_verdict_says(shipped: Home) -> None:
    for claim, verdict, query in shipped.sql("select claim_id, verdict, query_sql from marts.claim_ledger"):
        rows = shipped.sql(query)
        assert (len(rows) > 0) or verdict in ("untestable", "insufficient_data"), claim


def test_the_numbers_that_readers_look_for_are_in_the_evidence(shipped: Home) -> None:
    told = dict(shipped.sql("select claim_id, evidence from marts.claim_ledger"))
    wanted = {
        "C000-28": ("is 73 times", "is 14.3 times", "is 3.67 times"),
        "C000-46": ("is 30 times", "restates the claim's own source"),
        "C000-47": ("is 40 to 50 times", "is 1.33 to 1.67 times"),
        "C000-29": ("is 1.46 times", "is 0.86 times"),
        "C004-26": ("is 11667 SEK",),
        "C004-03": ("46.7 to 100 SEK/g", "0.47 to 1 times"),
        "C004-19": ("no feed carries the series undeliverable_mail_hit_rate_pct",),
        "C004-05": ("a break in what is known, not growth", "se_encrochat_2020"),
    }
    missing = {claim: text for claim, texts in wanted.items() for text in texts if text not in told[claim]}
    assert missing == {}


def test_no_verdict_is_stored_in_a_file() -> None:
    words = ("supported", "contradicted", "insufficient_data", "untestable")
    seeds = PROJECT / "dbt_project" / "seeds"
    stored = {
        path.name: [word for word in words if word in path.read_text("utf-8")]
        for path in (*seeds.glob("claim*.csv"), PROJECT / "sources" / "data" / "claims" / "claims.csv")
    }
    assert {name: found for name, found in stored.items() if found} == {}, json.dumps(stored)


def test_bands_of_a_scale_meet_without_overlap(shipped: Home) -> None:
    bands = shipped.sql(
        "select distinct band_from_pct, band_below_pct from reference.likelihood_scales where scale_id = 'no_police' order by 1"
    )
    assert [low for low, _ in bands] == [0, 10, 40, 60, 90]
    assert [high for _, high in bands] == [10, 40, 60, 90, 100]
    ((raw, low, high),) = shipped.sql(
        "select band_raw, band_from_pct, band_below_pct from reference.likelihood_scales where is_corrected"
    )
    assert (raw, low, high) == ("<90 %", 0, 10)


def _figure(
    key: str, series: str, substance: str, unit: str, year: int, value: float, *, synthetic: bool = False
) -> str:
    named = f"'{substance}'" if substance else "null"
    return (
        "insert into marts.indicators (indicator_key, source, series, substance, country_code, period_start, period_end, "
        "value, unit, kind, publisher, document, is_secondary_source, comparability, is_synthetic) values "
        f"('{key}', 'published_figures', '{series}', {named}, 'SE', '{year}-01-01', '{year}-12-31', {value}, '{unit}', 'measured', "
        f"'Somebody', 'elsewhere', false, 'ok', {synthetic})"
    )
