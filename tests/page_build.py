"""A small published file, made by hand: the columns that the page reads, a handful of rows. Nothing here asserts anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

HOSTILE = "</script><img src=x onerror=alert(1)>'\"&"
PERIOD = "period_grain varchar, period_start date, period_end date, is_complete boolean"
PLACE = "source varchar, country_code varchar, country_label varchar, is_synthetic boolean"
GROUP = "substance_group varchar, substance_group_label varchar"
COLUMNS = {
    "marts.substance_share": f"{PLACE}, {GROUP}, {PERIOD}, n_seizures bigint, n_seizures_all bigint, share_count_pct double, "
    "share_count_pct_lo double, share_count_pct_hi double, share_mass_pct double, share_mass_pct_lo double, "
    "share_mass_pct_hi double, share_mass_pct_ex_top3 double, comparability varchar",
    "marts.seizure_concentration": f"{PLACE}, {GROUP}, {PERIOD}, n bigint, mass_kg double, mass_kg_ex_top3 double, "
    "comparability varchar",
    "marts.indicators": f"{PLACE}, {GROUP}, area varchar, series varchar, unit varchar, period_start date, period_end date, "
    "value_low decimal(18,6), value decimal(18,6), value_high decimal(18,6), publisher varchar, comparability varchar",
    "marts.purity": f"{PLACE}, {GROUP}, substance_label varchar, purity_measure varchar, purity_basis varchar, {PERIOD}, "
    "n bigint, median double, median_lo double, median_hi double",
    "marts.purity_by_size": f"{PLACE}, {GROUP}, substance_label varchar, purity_measure varchar, purity_basis varchar, "
    f"{PERIOD}, size_class varchar, size_class_order integer, n bigint, median double, gap_to_small_pp double, "
    "gap_to_small_lo double, gap_to_small_hi double, gap_verdict varchar",
    "marts.price_chain": f"{PLACE}, {GROUP}, {PERIOD}, stage varchar, stage_order integer, place varchar, n_figures bigint, "
    "nok_per_kg_low double, nok_per_kg_high double, ratio_to_producer_low double, ratio_to_producer_high double",
    "marts.price_level": f"{PLACE}, {GROUP}, substance_code varchar, substance_label varchar, market_level varchar, "
    f"lot_band varchar, lot_band_label varchar, {PERIOD}, n_quotes bigint, currency varchar, price_per_g_median double, price_per_g_eur double, "
    "price_per_g_eur_real double, n_quotes_purity bigint, price_per_pure_g_eur double",
    "marts.postal_interceptions": f"{PLACE}, selection varchar, mail_types varchar, {PERIOD}, items_examined bigint, "
    "share_pct double, share_pct_lo double, share_pct_hi double",
    "marts.darknet_turnover": f"{PLACE}, platform_scope varchar, {PERIOD}, turnover decimal(18,6), currency varchar, "
    "vendors bigint, dln_turnover decimal(18,12), dln_vendors decimal(18,12), dln_price decimal(18,12), "
    "dln_volume_per_vendor decimal(18,12)",
    "marts.wastewater": f"{PLACE}, {GROUP}, substance varchar, city varchar, year integer, period_start date, period_end date, "
    "daily_mean_mg_per_1000_per_day decimal(18,6), weekday_mean_mg_per_1000_per_day decimal(18,6), "
    "weekend_mean_mg_per_1000_per_day decimal(18,6), n_days integer, load_status varchar, comparability varchar",
    "marts.triangulation": f"{PLACE}, {GROUP}, year integer, period_start date, period_end date, "
    "seizures_count_direction varchar, seizures_kg_direction varchar, price_direction varchar, purity_direction varchar, "
    "wastewater_direction varchar, survey_direction varchar, reading_label varchar, reading_reason varchar, "
    "comparability varchar",
    "marts.early_warning": f"{PLACE}, {GROUP}, substance_label varchar, {PERIOD}, n_seizures bigint, history_mean double, "
    "upper_bound double, is_alarm boolean, is_first_seen boolean, is_seen_from_start boolean, comparability varchar",
    "marts.claim_ledger": "source varchar, claim_id varchar, document varchar, locator varchar, claim varchar, "
    "country_code varchar, verdict varchar, evidence varchar, baseline varchar, mart varchar, value_found varchar, "
    "value_claimed varchar, is_synthetic boolean",
    "reference.breaks": "country_code varchar, substance_group varchar, breaks_on date, description varchar",
    "meta.build": "build_id varchar, built_at timestamp, as_of date, code_version varchar, schema_version varchar",
    "meta.sources": "source varchar, title varchar, producer varchar, licence varchar, freshness_days bigint",
    "meta.snapshots": "source varchar, sha256 varchar, known_at timestamp, rows_loaded bigint, rows_quarantined bigint",
    "meta.check_results": "suite varchar, check_name varchar, table_name varchar, column_name varchar, severity varchar, "
    "success boolean, failing_rows bigint",
}
NO: dict[str, Any] = {"country_code": "NO", "country_label": "Norway"}
COCAINE: dict[str, Any] = {"substance_group": "cocaine", "substance_group_label": "Cocaine"}


def year(at: int) -> dict[str, Any]:
    """The columns of a whole year."""
    return {
        "period_grain": "year",
        "period_start": f"{at}-01-01",
        "period_end": f"{at}-12-31",
        "is_complete": True,
    }


def row(
    *parts: Mapping[str, Any], source: str = "register", synthetic: bool = False, **cells: Any
) -> dict[str, Any]:
    """A row of a mart: Norwegian cocaine unless said otherwise."""
    return {
        "source": source,
        "is_synthetic": synthetic,
        **NO,
        **COCAINE,
        **{k: v for p in parts for k, v in p.items()},
        **cells,
    }


def share(at: int, pct: float, **cells: Any) -> dict[str, Any]:
    """A share by number with an interval of a point to either side."""
    return row(
        year(at), n_seizures=50, n_seizures_all=500, share_count_pct=pct, share_count_pct_lo=pct - 1,
        share_count_pct_hi=pct + 1, **cells,
    )  # fmt: skip


ROWS: dict[str, list[dict[str, Any]]] = {
    "marts.substance_share": [share(2022, 8), share(2023, 10, share_mass_pct=30, share_mass_pct_ex_top3=4)],
    "marts.seizure_concentration": [row(year(2023), n=40, mass_kg=2000, mass_kg_ex_top3=500, comparability="ok")],
    "marts.indicators": [
        row(year(2023), series="price_street_typical", unit="USD/g", source="unodc_prices", value=120, publisher="UNODC"),
        row(year(2023), series="price_street_typical", unit="USD/g", source="unodc_prices", value=80, publisher="UNODC",
            country_code="SE", country_label="Sweden"),
    ],
    "marts.purity": [
        row(year(at), substance_label="Cocaine", purity_measure="pct_mass", purity_basis="base", n=40, median=m,
            median_lo=m - 2, median_hi=m + 2, synthetic=True)
        for at, m in ((2022, 70), (2023, 75))
    ],
    "marts.purity_by_size": [
        row(year(2023), substance_label="Cocaine", purity_measure="pct_mass", purity_basis="base", size_class=size,
            size_class_order=i, n=20, median=median, gap_to_small_pp=gap, gap_verdict=verdict, synthetic=True)
        for i, (size, median, gap, verdict) in enumerate((("<1 g", 70, None, None), ("1-10 g", 71, 1, "undecided")))
    ],
    "marts.price_chain": [
        row(year(2023), stage="producer", stage_order=1, place="Colombia", n_figures=1, nok_per_kg_low=10_000),
        row(year(2023), stage="import", stage_order=2, place="Antwerp", n_figures=1, nok_per_kg_low=300_000,
            ratio_to_producer_low=30, ratio_to_producer_high=30),
        row(year(2023), stage="wholesale", stage_order=3, place="Oslo", n_figures=1, nok_per_kg_low=400_000,
            nok_per_kg_high=500_000, ratio_to_producer_low=40, ratio_to_producer_high=50),
    ],
    "marts.price_level": [],
    "marts.postal_interceptions": [
        row(year(2023), selection="undeliverable", mail_types="letter+parcel", items_examined=6000, share_pct=4,
            share_pct_lo=3, share_pct_hi=5, synthetic=True),
    ],
    "marts.darknet_turnover": [
        row(year(2021), platform_scope="darknet_market", turnover=4e8, currency="SEK", vendors=600, dln_turnover=0.2,
            dln_vendors=-0.1, dln_price=-0.1, dln_volume_per_vendor=0.4, synthetic=True, country_code="SE",
            country_label="Sweden"),
    ],
    "marts.wastewater": [
        row(year(2024), substance="cocaine", city=city, year=2024, daily_mean_mg_per_1000_per_day=load,
            weekday_mean_mg_per_1000_per_day=load - 50, weekend_mean_mg_per_1000_per_day=load + 50, n_days=7,
            load_status="measured", comparability="ok")
        for city, load in (("Oslo", 600), (HOSTILE, 300))
    ],
    "marts.triangulation": [
        row(year(2023), year=2023, seizures_count_direction="up", price_direction="down", reading_label="More is trafficked",
            comparability="ok"),
    ],
    "marts.early_warning": [
        row(year(2023), substance_label="Nitazenes", n_seizures=9, upper_bound=5.5, history_mean=2, is_alarm=True,
            is_first_seen=False, is_seen_from_start=False, comparability="ok"),
    ],
    "marts.claim_ledger": [
        {"source": "claims", "claim_id": "C1", "document": "a.txt", "locator": "L1", "claim": HOSTILE, "country_code": "NO",
         "verdict": verdict, "evidence": "figures", "value_found": "2", "value_claimed": "up", "is_synthetic": False}
        for verdict in ("supported", "mixed", "supported")
    ],
    "reference.breaks": [],
    "meta.build": [{"build_id": "20240301T000000000-abc", "built_at": "2024-03-01 00:00:00", "code_version": "abc",
                    "schema_version": "1.0"}],
    "meta.sources": [{"source": s, "title": t, "producer": "Agency", "licence": "CC0", "freshness_days": days}
                     for s, t, days in (("register", HOSTILE, 400), ("unodc_prices", "UNODC prices", 10))],
    "meta.snapshots": [{"source": s, "sha256": s, "known_at": "2024-01-01", "rows_loaded": 5, "rows_quarantined": 0}
                       for s in ("register", "unodc_prices")],
    "meta.check_results": [{"suite": "raw.a", "check_name": "rows", "table_name": "a", "severity": "error", "success": True}],
}  # fmt: skip


def published(path: Path, changes: Mapping[str, Sequence[Mapping[str, Any]] | None] | None = None) -> Path:
    """Write the file; `changes` gives tables other rows, or takes them away (None)."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as con:
        con.execute("create schema marts; create schema reference; create schema meta")
        for table, rows in ({**ROWS, **(changes or {})}).items():
            if rows is None:
                continue
            con.execute(f"create table {table} ({COLUMNS[table]})")
            known = [part.split()[0] for part in COLUMNS[table].replace("(18,", "(18;").split(", ")]
            for cells in rows:
                names = [name for name in cells if name in known]
                con.execute(
                    f"insert into {table} ({', '.join(names)}) values ({', '.join('?' * len(names))})",
                    [cells[name] for name in names],
                )
    return path
