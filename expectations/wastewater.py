"""Promises of the mart of wastewater loads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from great_expectations.expectations.expectation import Expectation

from expectations.mart import Mart, one_of
from expectations.suite import Note, columns_of, no_rows_from

MEANS = (
    "daily_mean_mg_per_1000_per_day",
    "weekday_mean_mg_per_1000_per_day",
    "weekend_mean_mg_per_1000_per_day",
)
WASTEWATER = Mart(
    "wastewater",
    grain=("site_id", "substance", "year"),
    promised=(
        "city",
        "country_code",
        "substance_code",
        "substance_group",
        *MEANS,
        "population",
        "load_status",
    ),
    lines="int_wastewater__lines",
    line_keys=("site_id", "substance", "year"),
    line_date=None,
    filled_from="raw.euda_wastewater where _valid_to is null",
    texts=("city", "plants", "substance"),
)


def wastewater(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Every load as published, and no zero without saying what it may mean."""
    mart = WASTEWATER
    yield mart.nothing_from(
        "loads_all_there_as_published",
        "select r.site_id, r.metabolite as substance, r.year, m.daily_mean_mg_per_1000_per_day from "
        f"current.euda_wastewater as r full outer join {mart.table} as m "
        "on r.site_id = m.site_id and r.metabolite = m.substance and r.year = m.year "
        "where r.site_id is null or m.site_id is null "
        "or m.daily_mean_mg_per_1000_per_day is distinct from r.daily_mean "
        "or m.weekday_mean_mg_per_1000_per_day is distinct from r.weekday_mean "
        "or m.weekend_mean_mg_per_1000_per_day is distinct from r.weekend_mean",
        "daily_mean_mg_per_1000_per_day",
    )
    for column in MEANS:
        yield mart.between(column, 0, None)
    yield mart.between("year", 1990, 2100)
    yield mart.between("n_days", 0, 7)
    yield mart.between("population", 1, 50_000_000)
    yield one_of(mart, "load_status", ("measured", "below_loq_or_zero", "not_reported"))
    yield mart.never(
        "zero_says_what_it_means",
        "(coalesce(daily_mean_mg_per_1000_per_day, 0) = 0) <> (load_status <> 'measured')",
        "load_status",
    )
    yield mart.never("days_of_a_week", "not coalesce(n_days_zero between 0 and n_days, false)", "n_days_zero")
    yield no_rows_from(
        f"select column_name from {columns_of(mart.table)} "
        "where regexp_matches(column_name, 'location|institution|website')",
        Note("no_plant_is_named"),
    )
