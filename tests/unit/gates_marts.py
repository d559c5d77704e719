"""A small build with every mart, written by hand: 80 seizure lines of two years, a total, quotes, post, turnover, a figure."""

from __future__ import annotations

from pathlib import Path

import duckdb
import gates_claims
import gates_prices
import yaml
from gates_prices import insert

from expectations.mart import MODELS
from orchestration.contract import BOOKKEEPING, load_contracts
from orchestration.settings import PROJECT
from orchestration.tables import OPS_DDL

SEEDS = PROJECT / "dbt_project" / "seeds"
GRAINS = (("year", "12-31"), ("half_year", "06-30"), ("month", "01-31"))  # every line is of January
INTERMEDIATE = {
    "int_seizures__mapped": """source varchar, seizure_key varchar, row_unit varchar, disclosure varchar, delivery_id integer,
        source_line integer, seized_on date, year_start date, half_year_start date, month_start date, country_code varchar,
        substance_code varchar, substance_group varchar, is_drug boolean, quantity decimal(18,6), unit varchar,
        mass_g decimal(18,6), stated_mass_g decimal(18,6), n_seizures bigint, covers_all_drugs boolean, purity decimal(18,6),
        purity_measure varchar, purity_basis varchar, exclusion varchar, is_in_seizure_marts boolean, is_published boolean,
        is_synthetic boolean""",
    "int_seizures__periods": """source varchar, row_unit varchar, country_code varchar, substance_group varchar,
        period_grain varchar, period_start date, period_end date, covers_all_drugs boolean, n_lines bigint, n_seizures bigint,
        mass_g decimal(38,6), is_withheld boolean, is_mass_withheld boolean""",
    "int_seizures__evidence": """source varchar, delivery_id integer, source_line integer, country_code varchar,
        substance_group varchar, substance_code varchar, period_grain varchar, seized_on date""",
    "int_concentration__periods": """source varchar, country_code varchar, substance_group varchar, period_grain varchar,
        period_start date, period_end date, mass_g decimal(38,6), is_withheld boolean""",
    "int_early_warning__counts": """source varchar, country_code varchar, substance_code varchar, period_grain varchar,
        period_start date, period_end date, n_seizures bigint, is_withheld boolean""",
    "int_enforcement__counts": "source varchar",
    "int_routes__counts": "source varchar",
    "int_revisions__lines": """source varchar, series varchar, category varchar, country_code varchar, substance_group varchar,
        unit varchar, period_start date, delivery_id integer, source_line integer""",
    "int_revisions__values": "source varchar",
    "int_prices__mapped": """delivery_id integer, source_line integer, country_code varchar, substance_code varchar,
        market_level varchar, lot_band varchar, currency varchar, quoted_on date, price_typical decimal(18,6)""",
    "int_postal__mapped": """delivery_id integer, source_line integer, country_code varchar, selection varchar,
        period_start date, n_months integer, items_with_drugs bigint""",
    "int_darknet__mapped": """delivery_id integer, source_line integer, country_code varchar, platform_scope varchar,
        period_start date, n_months integer, turnover decimal(18,6)""",
    "int_wastewater__lines": """source varchar, delivery_id integer, source_line integer, site_id varchar, substance varchar,
        year integer""",
    "int_darknet_listings__lines": """delivery_id integer, source_line integer, country_code varchar, substance_code varchar,
        lot_band varchar, listed_on date""",
    "int_indicators__mapped": """delivery_id integer, source_line integer, indicator_key varchar, source varchar,
        combination varchar, value_low decimal(18,6), value decimal(18,6), value_high decimal(18,6)""",
}
# substance, purity, mass and number of the seizure lines of a year
LINES = (
    (2022, "cocaine.hcl", 70, "0.5", 10),
    (2022, "cocaine.hcl", 80, "19.5", 10),
    (2022, "cannabis.resin", None, "20", 20),
    (2023, "cocaine.hcl", 80, "10", 30),
    (2023, "cannabis.resin", None, "20", 10),
)
SYNTHETIC = {"is_synthetic": True, "comparability": "ok"}


def write_build(path: Path) -> None:
    """Make the build at `path`; it passes every promise."""
    small = {"default_block_size": "16384"}  # copied for every test
    with duckdb.connect(str(path), config=small) as con:
        _tables(con)
        con.execute(
            "insert into ops.deliveries (delivery_id, source, file_name) "
            "select range + 1, 'any', concat('file', range + 1, '.csv') from range(6)"
        )
        _seizures(con)
        _rates_and_shares(con)
        _purity(con)
        _prices(con)
        _post(con)
        _darknet(con)
        _figures(con)
        _listings(con)
        _revisions(con)
        _wastewater(con)
        gates_prices.write_prices(con)
        _concentration(con)
        _warning_effort_and_routes(con)
        gates_claims.write_claims(con)


def _tables(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(OPS_DDL + "create schema intermediate; create schema marts; create schema reference;")
    for name, columns in (INTERMEDIATE | gates_prices.INTERMEDIATE | gates_claims.INTERMEDIATE).items():
        con.execute(f"create table intermediate.{name} ({columns})")
    for name, contract in load_contracts(PROJECT / "sources").items():
        columns = ", ".join(f"{c} {kind}" for c, kind in [*contract.raw_columns(), *BOOKKEEPING])
        con.execute(f"create table raw.{name} ({columns})")
        con.execute(f"create view current.{name} as select * from raw.{name} where _valid_to is null")
    for path in sorted(MODELS.rglob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models") or []:
            columns = ", ".join(f"{c['name']} {c['data_type']}" for c in model["columns"])
            con.execute(f"create table marts.{model['name']} ({columns})")
    for seed in sorted(SEEDS.glob("*.csv")):
        con.execute(
            f"create table reference.{seed.stem} as from read_csv('{seed}', header = true, nullstr = '')"
        )


def _seizures(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "insert into raw.colombia_ponal (seized_on, department, substance_raw, unit_raw, quantity, _line, _is_synthetic) "
        "values ('2023-01-03', 'META', 'COCAINA', 'GRAMO', 5000, 2, false)"
    )
    con.execute("""
        insert into intermediate.int_seizures__mapped by name
        select 'colombia_ponal' as source, 'colombia_ponal-1' as seizure_key, 'aggregate' as row_unit, 'open' as disclosure,
            2 as delivery_id, 2 as source_line, date '2023-01-03' as seized_on, date '2023-01-01' as year_start,
            date '2023-01-01' as half_year_start, date '2023-01-01' as month_start, 'CO' as country_code,
            'cocaine.unspecified' as substance_code, 'cocaine' as substance_group, true as is_drug, 5000 as quantity,
            'g' as unit, 5000 as mass_g, 5000 as stated_mass_g, true as covers_all_drugs,
            true as is_in_seizure_marts, true as is_published,
            false as is_synthetic""")
    for year, code, purity, mass, n in LINES:
        con.execute(f"""
            insert into raw.seizures by name
            select 'NO' as country_code, 'police' as agency, make_date({year}, 1, 5) as seized_on, '{code}' as substance_raw,
                {mass} as quantity, 'g' as unit_raw, {purity or "null"} as purity, 'confirmed' as status,
                true as is_synthetic, true as _is_synthetic, 1 as _delivery_id from range({n})""")
    con.execute("update raw.seizures set _line = rowid + 2")
    con.execute("""
        insert into intermediate.int_seizures__mapped by name
        select 'seizures' as source, 'seizures-' || (_line - 1) as seizure_key, 'seizure' as row_unit,
            'restricted' as disclosure, 1 as delivery_id, _line as source_line, seized_on,
            date_trunc('year', seized_on) as year_start, date_trunc('year', seized_on) as half_year_start,
            date_trunc('year', seized_on) as month_start, country_code, substance_raw as substance_code,
            split_part(substance_raw, '.', 1) as substance_group, true as is_drug, quantity, 'g' as unit, quantity as mass_g,
            quantity as stated_mass_g, 1 as n_seizures, true as covers_all_drugs, purity,
            case when purity is not null then 'pct_mass' end as purity_measure,
            case when purity is not null then 'base' end as purity_basis, true as is_in_seizure_marts,
            true as is_published, true as is_synthetic
        from raw.seizures""")
    con.execute("""
        insert into marts.seizures by name
        select source, seizure_key, row_unit, seized_on, 'day' as date_grain, country_code, 'Oslo' as area,
            'police' as agency, 'street' as place_class, 'unknown' as transport_mode, substance_code, substance_group,
            quantity, unit, mass_g, purity, purity_measure, purity_basis, 'confirmed' as status, is_synthetic
        from intermediate.int_seizures__mapped""")


def _rates_and_shares(con: duckdb.DuckDBPyConnection) -> None:
    for grain, last in GRAINS:
        for year, group, n, n_all, kg, kg_all in (
            (2022, "cocaine", 20, 40, 0.2, 0.6), (2022, "cannabis", 20, 40, 0.4, 0.6),
            (2023, "cocaine", 30, 40, 0.3, 0.5), (2023, "cannabis", 10, 40, 0.2, 0.5),
        ):  # fmt: skip
            cell = {
                "source": "seizures",
                "country_code": "NO",
                "substance_group": group,
                "period_grain": grain,
            }
            cell |= {"period_start": f"{year}-01-01", "period_end": f"{year}-{last}"}
            insert(
                con, "intermediate.int_seizures__periods", **cell, row_unit="seizure", n_lines=n, n_seizures=n,
                mass_g=kg * 1000, is_withheld=False, is_mass_withheld=False, covers_all_drugs=True,
            )  # fmt: skip
            cell |= {"is_complete": True, "n_seizures": n, **SYNTHETIC}
            prev = {
                "n_seizures_prev": 20,
                "rate_ratio": n / 20,
                "rate_ratio_lo": n / 40,
                "rate_ratio_hi": n / 10,
            }
            none = {"rate_reason": "no_complete_previous_period"}
            insert(con, "marts.seizure_rate", **cell, **(prev if year == 2023 else none), dispersion=1.5)
            share, mass = 100 * n / n_all, 100 * kg / kg_all
            insert(
                con, "marts.substance_share", **cell, n_seizures_all=n_all, share_count_pct=share,
                share_count_pct_lo=share - 9, share_count_pct_hi=share + 9, mass_kg=kg, mass_kg_all=kg_all,
                share_mass_pct=mass, share_mass_pct_lo=mass - 9, share_mass_pct_hi=mass + 9, share_mass_pct_ex_top3=40,
            )  # fmt: skip
        total = {
            "source": "colombia_ponal",
            "country_code": "CO",
            "substance_group": "cocaine",
            "period_grain": grain,
        }
        total |= {"period_start": "2023-01-01", "period_end": f"2023-{last}"}
        insert(
            con, "intermediate.int_seizures__periods", **total, row_unit="aggregate", n_lines=1, mass_g=5000,
            is_withheld=False, is_mass_withheld=False, covers_all_drugs=True,
        )  # fmt: skip
        insert(
            con, "marts.substance_share", **total, is_complete=False, mass_kg=5, mass_kg_all=5, share_mass_pct=100,
            count_reason="aggregate_source", ex_top3_reason="aggregate_source", mass_interval_reason="aggregate_source",
            comparability="provisional", is_synthetic=False,
        )  # fmt: skip


def _purity(con: duckdb.DuckDBPyConnection) -> None:
    base = {
        "source": "seizures",
        "row_unit": "seizure",
        "country_code": "NO",
        "substance_code": "cocaine.hcl",
    }
    base |= {"substance_group": "cocaine", "purity_measure": "pct_mass", "purity_basis": "base", **SYNTHETIC}
    for grain, last in GRAINS:
        for year, n, low, middle in ((2022, 20, 70, 75), (2023, 30, 80, 80)):
            cell = {"period_grain": grain, "period_start": f"{year}-01-01", "period_end": f"{year}-{last}"}
            figures = {"n": n, "mean": middle, "median": middle, "p25": low, "p75": 80, "min": low, "max": 80}
            ends = {"median_lo": low, "median_hi": 80, "is_complete": True}
            ends |= {"p25_lo": low, "p25_hi": middle, "p75_lo": middle, "p75_hi": 80}
            insert(con, "marts.purity", **base, **cell, **figures, **ends)
    small = {"size_class": "<1 g", "size_class_order": 1, "median": 70, "gap_reason": "is_small_class"}
    large = {"size_class": "10-100 g", "size_class_order": 3, "median": 80}
    gap = {"gap_to_small_pp": 10, "gap_to_small_lo": 5, "gap_to_small_hi": 15}
    for year, n, size in (
        (2022, 10, small),
        (2022, 10, large | gap),
        (2023, 30, large | {"gap_reason": "small_class_below_10"}),
    ):
        cell = {
            "period_grain": "year",
            "period_start": f"{year}-01-01",
            "period_end": f"{year}-12-31",
            "n": n,
        }
        insert(con, "marts.purity_by_size", **base, **cell, **size, is_complete=True)


def _prices(con: duckdb.DuckDBPyConnection) -> None:
    cell = {
        "country_code": "NO",
        "substance_code": "cocaine.hcl",
        "market_level": "retail",
        "lot_band": "g_under_1",
    }
    cell |= {"currency": "NOK"}
    for line in (2, 3, 4):
        con.execute(f"insert into raw.price_quotes (_line, _is_synthetic) values ({line}, true)")
        insert(
            con, "intermediate.int_prices__mapped", delivery_id=3, source_line=line, quoted_on="2023-01-05",
            price_typical=900, **cell,
        )  # fmt: skip
    figures = {"n_quotes": 3, "price_per_g_low": 800, "price_per_g_median": 900, "price_per_g_high": 1000}
    figures |= {"interval_reason": "fewer_than_6_quotes"}
    figures |= {"price_per_g_eur": 80, "price_per_g_eur_real": 70, "price_per_pure_g_eur": 160}
    for grain, last in GRAINS:
        insert(
            con, "marts.price_level", source="ecb_fx+price_quotes", substance_group="cocaine", period_grain=grain,
            period_start="2023-01-01", period_end=f"2023-{last}", is_complete=True, **cell, **figures, **SYNTHETIC,
        )  # fmt: skip


def _post(con: duckdb.DuckDBPyConnection) -> None:
    cell = {"country_code": "NO", "selection": "undeliverable", "period_start": "2023-01-01"}
    con.execute("insert into raw.postal_interceptions (_line, _is_synthetic) values (2, true)")
    insert(
        con,
        "intermediate.int_postal__mapped",
        delivery_id=4,
        source_line=2,
        n_months=12,
        items_with_drugs=50,
        **cell,
    )
    insert(
        con, "marts.postal_interceptions", source="postal_interceptions", period_grain="year", period_end="2023-12-31",
        is_complete=True, agency_scope="customs", items_examined=2000, items_with_drugs=50, share_pct=2.5,
        share_pct_lo=1.9, share_pct_hi=3.3, estimated_total_low=100, estimated_total_high=900, **cell, **SYNTHETIC,
    )  # fmt: skip


def _darknet(con: duckdb.DuckDBPyConnection) -> None:
    cell = {
        "country_code": "SE",
        "platform_scope": "darknet_market",
        "period_start": "2023-01-01",
        "turnover": 1000,
    }
    con.execute("insert into raw.darknet_turnover (_line, _is_synthetic) values (2, true)")
    insert(con, "intermediate.int_darknet__mapped", delivery_id=5, source_line=2, n_months=12, **cell)
    insert(
        con, "marts.darknet_turnover", source="darknet_turnover", period_grain="year", period_end="2023-12-31",
        is_complete=True, agency_scope="police", currency="SEK", turnover_eur=90, vendors=10, buyers=100,
        turnover_per_vendor=100, turnover_per_buyer=10, turnover_low=1000, turnover_high=1000, dln_turnover="0.5", dln_vendors="0.1", dln_price="0.1", dln_volume_per_vendor="0.3",
        **cell, **SYNTHETIC,
    )  # fmt: skip


def _revisions(con: duckdb.DuckDBPyConnection) -> None:
    """The first half of 2022 was told twice; the first time four seizures of cannabis were missing."""
    cell = {"source": "seizures", "series": "seizures", "country_code": "NO", "substance_group": "cannabis"}
    cell |= {"unit": "lines", "period_start": "2022-01-01"}
    insert(con, "intermediate.int_revisions__lines", **cell, delivery_id=1, source_line=22)
    insert(con, "intermediate.int_revisions__values", source="seizures")
    insert(
        con, "marts.revisions", **cell, period_grain="half_year", period_end="2022-06-30", is_complete=True, first_value=16,
        latest_value=20, revision_pct=25, first_known_at="2022-08-01", latest_known_at="2023-02-01", lag_days=184,
        n_vintages=2, **SYNTHETIC,
    )  # fmt: skip


def _figures(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "insert into raw.published_figures (figure_id, value_low, value, unit, _line, _is_synthetic) "
        "values ('PF1', 90, 100, 'kg', 2, false)"
    )
    insert(
        con, "intermediate.int_indicators__mapped", delivery_id=6, source_line=2, indicator_key="PF1",
        source="published_figures", combination="stated", value_low=90, value=100,
    )  # fmt: skip
    insert(
        con, "marts.indicators", indicator_key="PF1", source="published_figures", series="seizures_kg",
        substance_group="cocaine", country_code="NO", area="Oslo", period_start="2023-01-01", period_end="2023-12-31",
        agency_scope="police", value_low=90, value=100, unit="kg", kind="measured", publisher="Kripos",
        title="Annual report", locator="L12-14", comparability="ok", is_synthetic=False,
    )  # fmt: skip


def _wastewater(con: duckdb.DuckDBPyConnection) -> None:
    load = {"site_id": "NO007", "year": 2023}
    means = {"daily_mean": "0.5", "weekday_mean": "0.4", "weekend_mean": "0.6"}
    insert(con, "raw.euda_wastewater", **load, metabolite="ketamine", _line=2, **means)
    insert(
        con, "intermediate.int_wastewater__lines", **load, substance="ketamine", delivery_id=6, source_line=2
    )
    insert(
        con, "marts.wastewater", **load, source="euda_wastewater", city="Oslo", country_code="NO", substance="ketamine",
        substance_code="ketamine", substance_group="ketamine", period_start="2023-01-01", period_end="2023-12-31", n_days=7,
        n_days_zero=0, population=600_000, load_status="measured", comparability="ok", is_synthetic=False,
        **{f"{name}_mg_per_1000_per_day": value for name, value in means.items()},
    )  # fmt: skip


def _listings(con: duckdb.DuckDBPyConnection) -> None:
    """Ten listings of three vendors."""
    cell = {"country_code": "NL", "substance_code": "cocaine.unspecified", "lot_band": "g_1_10"}
    for line in range(2, 12):
        insert(con, "raw.darknet_listings", _line=line)
    insert(
        con, "intermediate.int_darknet_listings__lines", **cell, delivery_id=6, source_line=2, listed_on="2017-07-31"
    )  # fmt: skip
    insert(
        con, "marts.darknet_listings", **cell, source="darknet_listings", period_grain="month", period_start="2017-07-01",
        period_end="2017-07-31", is_complete=False, substance_group="cocaine", n_listings=10, n_vendors=3,
        price_btc_per_g_low="0.02", price_btc_per_g_median="0.03", price_btc_per_g_high="0.04", claimed_purity_median_pct=90,
        price_btc_per_claimed_pure_g_low="0.03", price_btc_per_claimed_pure_g_median="0.04",
        price_btc_per_claimed_pure_g_high="0.05", price_btc_per_g_median_lo="0.02", price_btc_per_g_median_hi="0.04",
        price_quartile_interval_reason="fewer_than_13_listings", claimed_purity_median_pct_lo=80,
        claimed_purity_median_pct_hi=95, price_btc_per_claimed_pure_g_median_lo="0.03",
        price_btc_per_claimed_pure_g_median_hi="0.05",
        pure_price_quartile_interval_reason="fewer_than_13_claimed_purities", comparability="scope_differs",
        is_synthetic=False,
    )  # fmt: skip


def _concentration(con: duckdb.DuckDBPyConnection) -> None:
    """A published half-year with its three records, and a register's year of 30 seizures."""
    cell = {"country_code": "NO", "substance_group": "cocaine", "period_start": "2023-01-01"}
    published = {
        **cell,
        "source": "published_figures",
        "period_grain": "half_year",
        "period_end": "2023-06-30",
    }
    register = {**cell, "source": "seizures", "period_grain": "year", "period_end": "2023-12-31"}
    for row, grams in ((published, 1_753_000), (register, 300)):
        insert(con, "intermediate.int_concentration__periods", **row, mass_g=grams, is_withheld=False)
    insert(
        con, "marts.seizure_concentration", **published, is_complete=True, agency_scope="all_agencies", n=3, mass_kg=1753,
        mass_kg_ex_top1=950, mass_kg_ex_top3=88, top1_share_pct=100 * 803 / 1753, top3_share_pct=100 * 1665 / 1753,
        top_basis="published_records", size_reason="published_total", geomean_reason="published_total", rank=1, n_ranked=2,
        baseline_id="no_cocaine_published_h1_2021", baseline_kg=24, ratio_to_baseline=1753 / 24, comparability="break",
        break_ids="no_prosecution_2021", is_synthetic=False,
    )  # fmt: skip
    insert(
        con, "marts.seizure_concentration", **register, is_complete=True, n=30, mass_kg=0.3, mass_kg_ex_top1=0.29,
        mass_kg_ex_top3=0.27, top1_share_pct=10 / 3, top3_share_pct=10, top_basis="all_lines", median_g=10, geomean_g=10,
        median_g_lo=9, median_g_hi=11, n_geomean=30,
        gini=0, rank=1, n_ranked=2, baseline_reason="no_baseline", **SYNTHETIC,
    )  # fmt: skip


def _warning_effort_and_routes(con: duckdb.DuckDBPyConnection) -> None:
    """Cocaine: an alarm after five years of 10, 30 seizures in 1 000 cases, three in four of 40 at sea, and Husnes."""
    cell = {"source": "seizures", "country_code": "NO", "period_start": "2023-01-01", "period_grain": "year"}
    cell |= {"period_end": "2023-12-31"}
    known = {"substance_group": "cocaine", "is_complete": True}
    insert(
        con, "intermediate.int_early_warning__counts", **cell, substance_code="cocaine.hcl", n_seizures=30, is_withheld=False
    )  # fmt: skip
    insert(
        con, "marts.early_warning", **cell, **known, substance_code="cocaine.hcl", n_seizures=30, n_last_4=60,
        first_seen_start="2018-01-01", is_first_seen=False, is_seen_from_start=True, n_history_periods=5, history_mean=10,
        history_dispersion=1, upper_bound=20.1, is_alarm=True, **SYNTHETIC,
    )  # fmt: skip
    con.execute("insert into intermediate.int_enforcement__counts values ('seizures')")
    cell["source"] = "published_figures+seizures"
    insert(
        con, "marts.enforcement_effort", **cell, **known, agency_scope="all_agencies", n_seizures=30, effort=1000,
        rate_per=1000, rate=30, rate_lo=20.2, rate_hi=42.8, caveat="a trace", effort_figure_id="PF1", **SYNTHETIC,
    )  # fmt: skip
    con.execute("insert into intermediate.int_routes__counts values ('seizures')")
    cell["source"] = "seizures"
    for mode, n in (("sea", 30), ("road", 10)):
        insert(
            con, "marts.route_port", **cell, **known, breakdown="transport_mode", category=mode,
            port_size_reason="port_not_known", n_seizures=n, n_seizures_all=40, share_count_pct=2.5 * n,
            share_count_pct_lo=2.5 * n - 9, share_count_pct_hi=2.5 * n + 9, hhi=0.625, hhi_n=40,
            mass_reason="no_mass_reported", **SYNTHETIC,
        )  # fmt: skip
    cell["source"] = "published_figures"
    insert(
        con, "marts.route_port", **cell, **known, breakdown="published_record", category="Husnes harbour", locode="NOHUS",
        port_class="port", port_size_reason="no_cited_size", n_seizures=1, mass_kg_low=100, share_reason="published_record",
        mass_reason="open_bound", hhi_reason="published_record", figure_ids="PF1", comparability="ok", is_synthetic=False,
    )  # fmt: skip
