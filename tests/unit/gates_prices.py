"""Rows of the marts of the price chain, exchange rates, indices and supply, and what trips each of their promises."""

from __future__ import annotations

from typing import Any

import duckdb

INTERMEDIATE = {
    "int_price_chain__figures": """delivery_id integer, source_line integer, figure_id varchar, substance_group varchar,
        stage varchar, country_code varchar, place varchar, period_start date, nok_per_kg_low decimal(18,2),
        nok_per_kg_high decimal(18,2)""",
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
    ("price_chain", "comparability_listed"): "update {t} set comparability = 'roughly'",
}  # fmt: skip
YEAR = {"period_grain": "year", "period_start": "2023-01-01", "period_end": "2023-12-31", "is_complete": True}


def insert(con: duckdb.DuckDBPyConnection, table: str, **row: Any) -> None:
    """One row; the columns not named are null."""
    marks = ", ".join("?" * len(row))
    con.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values()))


def write_prices(con: duckdb.DuckDBPyConnection) -> None:
    """The rows, into tables that are there."""
    _chain(con)


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
