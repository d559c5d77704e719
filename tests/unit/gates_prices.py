"""Rows of the marts of the price chain, exchange rates, indices and supply, and what trips each of their promises."""

from __future__ import annotations

from typing import Any

import duckdb

INTERMEDIATE = {
    "int_price_chain__figures": """delivery_id integer, source_line integer, figure_id varchar, substance_group varchar,
        stage varchar, country_code varchar, place varchar, period_start date, nok_per_kg_low decimal(18,2),
        nok_per_kg_high decimal(18,2)""",
    "int_price_fx__lines": """source varchar, delivery_id integer, source_line integer, publisher varchar, country_code varchar,
        substance_code varchar, market_level varchar, lot_band varchar, currency varchar, period_grain varchar,
        period_start date""",
    "int_price_index__lines": """source varchar, delivery_id integer, source_line integer, index_scope varchar,
        country_code varchar, substance_code varchar, market_level varchar, lot_band varchar, currency varchar,
        quoted_on date""",
    "int_supply__inputs": """source varchar, delivery_id integer, source_line integer, supply_id varchar""",
}
TRIPS = {
    ("price_chain", "no_personal_value"): "update {t} set place = 'Oslo 11029012345'",
    ("price_chain", "prices_are_the_published_ones"): "update {t} set nok_per_kg_low = 10001 where stage = 'producer'",
    ("price_chain", "never_synthetic"): "update {t} set is_synthetic = true",
    ("price_chain", "stage_listed"): "update {t} set stage = 'corner'",
    ("price_chain", "nok_per_kg_low_in_range"): "update {t} set nok_per_kg_low = -1",
    ("price_chain", "prices_in_order"): "update {t} set nok_per_kg_high = 1",
    ("price_chain", "step_in_order"): "update {t} set ratio_to_previous_high = 1",
    ("price_chain", "mark_up_in_order"): "update {t} set ratio_to_producer_high = 1",
    ("price_chain", "ratio_to_previous_low_or_reason"): "update {t} set ratio_to_previous_low = null",
    ("price_chain", "ratio_to_producer_low_or_reason"): "update {t} set ratio_to_producer_low = null",
    ("price_chain", "bound_type_listed"): "update {t} set bound_type = 'loose'",
    ("price_chain", "open_bound_is_nominal"): "update {t} set bound_type = 'closed'",
    ("price_fx", "no_personal_value"): "update {t} set publisher = 'ola@police.no'",
    ("price_fx", "no_price_lost"): "delete from {t}",
    ("price_fx", "parts_sum_to_the_change"): "update {t} set dln_fx = 0.120000000001 where dln_price_eur is not null",
    ("price_fx", "only_other_money_is_split"): "update {t} set local_currency = currency where dln_price_eur is not null",
    ("price_fx", "real_change_is_nominal_less_inflation"): "update {t} set dln_price_local_real = 0.1",
    ("price_fx", "dln_price_local_or_reason"): "update {t} set dln_price_local = null",
    ("price_fx", "dln_price_eur_or_reason"): "update {t} set split_reason = 'rounding'",
    ("price_fx", "dln_fx_or_reason"): "update {t} set dln_fx = null",
    ("price_fx", "dln_price_local_real_or_reason"): "update {t} set dln_price_local_real = null",
    ("price_fx", "change_of_enough_quotes"): "update {t} set n_quotes_prev = 2",
    ("price_fx", "compared_with_an_earlier_year"): "update {t} set previous_period_start = '2022-07-01'",
    ("price_fx", "imputed_prices_do_not_move"): "update {t} set comparability = 'imputed'",
    ("price_fx", "market_level_listed"): "update {t} set market_level = 'corner'",
    ("price_fx", "small_n_quotes_withheld"): "update {t} set n_quotes = 4, is_synthetic = false",
    ("price_fx", "small_n_quotes_prev_withheld"): "update {t} set n_quotes_prev = 4, is_synthetic = false",
    ("price_index", "no_cell_lost"): "update {t} set lot_band = 'g_1_10'",
    ("price_index", "jevons_in_range"): "update {t} set jevons = -1",
    ("price_index", "laspeyres_in_range"): "update {t} set laspeyres = -1",
    ("price_index", "paasche_in_range"): "update {t} set paasche = -1",
    ("price_index", "fisher_in_range"): "update {t} set fisher = -1",
    ("price_index", "index_scope_listed"): "update {t} set index_scope = 'heap'",
    ("price_index", "base_is_100"): "update {t} set base_period_start = period_start, jevons = 101",
    ("price_index", "base_is_the_declared_one"): "update {t} set base_period_start = '2020-01-01'",
    ("price_index", "index_of_enough_quotes"): "update {t} set n_quotes_base = 4",
    ("price_index", "fisher_lies_between"): "update {t} set fisher = 121 where fisher is not null",
    ("price_index", "jevons_or_reason"): "update {t} set jevons = null",
    ("price_index", "fisher_or_reason"): "update {t} set fisher = null",
    ("price_index", "weight_source_or_reason"): "update {t} set weight_source = null",
    ("price_index", "small_n_quotes_withheld"): "update {t} set n_quotes = 4, is_synthetic = false",
    ("price_index", "small_n_quotes_base_withheld"): "update {t} set n_quotes_base = 4, is_synthetic = false",
    ("supply_range", "every_estimate_has_its_inputs"): "update {t} set n_inputs = 2",
    ("supply_range", "never_synthetic"): "update {t} set is_synthetic = true",
    ("supply_range", "measure_listed"): "update {t} set measure = 'guess'",
    ("supply_range", "value_low_in_range"): "update {t} set value_low = -1",
    ("supply_range", "range_in_order"): "update {t} set value_low = 12",
    ("supply_range", "interception_is_a_range"): "update {t} set value_low = 8.8, value_high = 8.8",
    ("supply_range", "missing_value_says_why"): "update {t} set value_central = null",
    ("supply_range", "bound_type_listed"): "update {t} set bound_type = 'loose'",
    ("supply_range", "conflict_only_where_compared"): "update {t} set is_in_conflict = null",
    ("supply_range", "revised_knowledge_is_no_growth"): "update {t} set comparability = 'ok'",
}  # fmt: skip
YEAR = {"period_grain": "year", "period_start": "2023-01-01", "period_end": "2023-12-31", "is_complete": True}


def insert(con: duckdb.DuckDBPyConnection, table: str, **row: Any) -> None:
    """One row; the columns not named are null."""
    marks = ", ".join("?" * len(row))
    con.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values()))


def write_prices(con: duckdb.DuckDBPyConnection) -> None:
    """The rows, into tables that are there."""
    _chain(con)
    _fx(con)
    _index(con)
    _supply(con)


def _chain(con: duckdb.DuckDBPyConnection) -> None:
    """Cocaine in Colombia and Antwerp."""
    steps = (
        ("producer", 1, "CO", "Colombia", 10_000, {"ratio_to_previous_reason": "first_stage", "ratio_to_producer_reason": "first_stage"}),
        ("import", 2, "BE", "Antwerp", 300_000, {f"ratio_to_{stage}_{end}": 30 for stage in ("previous", "producer") for end in ("low", "high")}),
    )  # fmt: skip
    for stage, order, country, place, price, ratios in steps:
        cell = {"substance_group": "cocaine", "stage": stage, "country_code": country, "place": place}
        insert(
            con, "intermediate.int_price_chain__figures", **cell, delivery_id=6, source_line=order + 1,
            figure_id=f"PF{order}", period_start="2023-01-01", nok_per_kg_low=price,
        )  # fmt: skip
        insert(
            con, "marts.price_chain", **cell, **YEAR, **ratios, stage_order=order, n_figures=1, nok_per_kg_low=price,
            bound_type="nominal", publishers="Kripos", figure_ids=f"PF{order}", comparability="ok",
            source="published_figures", is_synthetic=False,
        )  # fmt: skip


def _fx(con: duckdb.DuckDBPyConnection) -> None:
    """A kroner price, which is not split, and a dollar price, which is."""
    cell = {"country_code": "NO", "substance_code": "cocaine.hcl", "market_level": "retail"}
    cell |= {"period_grain": "year", "period_start": "2023-01-01"}
    period = {
        "period_end": "2023-12-31",
        "is_complete": True,
        "previous_period_start": "2022-01-01",
        "local_currency": "NOK",
    }
    change = {
        "dln_price_local": "0.27",
        "dln_fx": "0.12",
        "dln_consumer_prices": "0.05",
        "dln_price_local_real": "0.22",
    }
    change |= {"n_quotes": 5, "n_quotes_prev": 5, "price_unit": "g"}
    kroner = {"publisher": "agencies", "lot_band": "g_1_10", "currency": "NOK"}
    dollars = {"publisher": "UNODC", "lot_band": "unknown", "currency": "USD"}
    for source, quote, split in (
        (
            "price_quotes",
            kroner,
            {"split_reason": "quoted_in_local_currency", "comparability": "ok", "is_synthetic": True},
        ),
        (
            "unodc_prices",
            dollars,
            {"dln_price_eur": "0.15", "comparability": "scope_differs", "is_synthetic": False},
        ),
    ):
        insert(
            con,
            "intermediate.int_price_fx__lines",
            source=source,
            delivery_id=3,
            source_line=2,
            **cell,
            **quote,
        )
        insert(
            con, "marts.price_fx", source=f"cpi+ecb_fx+{source}", **cell, **quote, **period, **change, **split
        )


def _index(con: duckdb.DuckDBPyConnection) -> None:
    """A cell at 1.2 of its base and the basket it is in."""
    market = {"country_code": "NO", "market_level": "retail", "lot_band": "g_under_1", "currency": "NOK"}
    figures = {
        "base_period_start": "2021-01-01",
        "n_quotes": 6,
        "n_quotes_base": 6,
        "jevons": 120,
        "comparability": "ok",
    }
    cell = {"index_scope": "cell", "substance_code": "cocaine.hcl"}
    basket = {"index_scope": "basket", "substance_code": "all.drugs"}
    weighted = {
        "laspeyres": 110,
        "paasche": 120,
        "fisher": 115,
        "weight_source": "unodc_seizures",
        "n_groups_weighted": 2,
    }
    for source, scope, more in (
        ("price_quotes", cell, {"weighted_reason": "single_cell", "n_cells": 1}),
        ("price_quotes+unodc_seizures", basket, weighted | {"n_cells": 2}),
    ):
        insert(
            con, "intermediate.int_price_index__lines", source="price_quotes", delivery_id=3, source_line=2,
            quoted_on="2023-01-05", **market, **scope,
        )  # fmt: skip
        insert(
            con,
            "marts.price_index",
            source=source,
            is_synthetic=True,
            **market,
            **scope,
            **YEAR,
            **figures,
            **more,
        )


def _supply(con: duckdb.DuckDBPyConnection) -> None:
    """11 of 100 to 150 tonnes."""
    cell = {"supply_id": "interception:S:C"}
    insert(
        con,
        "intermediate.int_supply__inputs",
        source="published_figures",
        delivery_id=6,
        source_line=2,
        **cell,
    )
    insert(
        con, "marts.supply_range", **cell, source="published_figures", measure="interception_of_supply", country_code="SE",
        substance_group="all_drugs", agency_scope="customs", period_start="2023-01-01", period_end="2023-12-31", value_low=7.3,
        value_central=8.8, value_high=11, unit="pct", bound_type="nominal", compared_with="published_share_of_supply",
        compared_low=10, compared_high=10, is_in_conflict=False, revision_factor=10, n_inputs=1, figure_ids="S+C",
        comparability="scope_differs", is_synthetic=False,
    )  # fmt: skip
