"""Promises of the marts on the purity of seizures: purity, purity_by_size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from great_expectations.expectations.expectation import Expectation

from expectations.disclosure import (
    breakdowns_withheld_whole,
    extremes_of_twenty,
    no_extreme_at_an_end,
    small_cells_withheld,
)
from expectations.mart import PERIOD, Mart, figure_or_reason, one_of, ordered
from expectations.seizure_lines import BASES, LINES, MEASURES
from expectations.suite import Note, no_rows_from

PURITY_CELL = (
    "source",
    "country_code",
    "substance_code",
    "purity_measure",
    "purity_basis",
    "period_grain",
    "period_start",
)
PURITY = Mart(
    "purity",
    grain=PURITY_CELL,
    promised=(*PERIOD, "n", "mean", "median", "p25", "p75", "min", "max", "median_lo", "median_hi"),
    lines="int_seizures__mapped",
    line_keys=("source", "country_code", "substance_code", "purity_measure"),
    line_date="seized_on",
    filled_from=f"{LINES} where purity is not null and purity_measure is not null and is_in_seizure_marts",
)
BY_SIZE = Mart(
    "purity_by_size",
    grain=(*PURITY_CELL, "size_class"),
    promised=(*PERIOD, "n", "median", "gap_to_small_pp", "gap_to_small_lo", "gap_to_small_hi"),
    lines="int_seizures__mapped",
    line_keys=("source", "country_code", "substance_code", "purity_measure"),
    line_date="seized_on",
    filled_from=f"{LINES} where purity is not null and purity_measure is not null and mass_g >= 0 and is_in_seizure_marts",
)


def purity(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Quantiles in order, of one measure and basis, from all figures."""
    mart = PURITY
    yield from _purity_cells(mart)
    for high in ("p25", "p75"):
        yield mart.between(high, 0, None)
    yield ordered(mart, "quantiles_in_order", "min", "p25", "median", "p75", "max")
    yield ordered(mart, "interval_around_median", "median_lo", "median", "median_hi")
    yield ordered(mart, "interval_around_p25", "p25_lo", "p25", "p25_hi")
    yield ordered(mart, "interval_around_p75", "p75_lo", "p75", "p75_hi")
    yield figure_or_reason(mart, "p25_lo", "quartile_interval_reason")
    yield figure_or_reason(mart, "p75_hi", "quartile_interval_reason")
    yield ordered(mart, "mean_within_range", "min", "mean", "max")
    yield figure_or_reason(mart, "median", "purity_reason")
    yield mart.never(
        "median_of_enough_figures", "median is not null and not coalesce(n >= 10, false)", "median"
    )
    yield _figures_all_there(mart, "true")
    yield small_cells_withheld(mart, restricted, "n")
    yield from breakdowns_withheld_whole(
        mart,
        restricted,
        "n is null",
        ("source", "country_code", "substance_group"),
        ("source", "country_code", "substance_code", "purity_measure", "purity_basis"),
    )
    for column in ("min", "max"):
        yield extremes_of_twenty(mart, restricted, column)
    yield no_extreme_at_an_end(mart, restricted, ("p25_lo", "p75_hi"), "n", 20)


def purity_by_size(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Medians per size class, with the gap to the smallest."""
    mart = BY_SIZE
    yield from _purity_cells(mart)
    yield mart.never("by_year_only", "period_grain <> 'year'", "period_grain")
    yield mart.never(
        "size_class_known", "size_class not in (select size_class from reference.size_classes)", "size_class"
    )
    yield ordered(mart, "interval_around_median", "median_lo", "median", "median_hi")
    yield ordered(mart, "interval_around_gap", "gap_to_small_lo", "gap_to_small_pp", "gap_to_small_hi")
    yield figure_or_reason(mart, "median", "median_reason")
    yield figure_or_reason(mart, "gap_to_small_pp", "gap_reason")
    yield mart.never(
        "median_of_enough_figures", "median is not null and not coalesce(n >= 10, false)", "median"
    )
    yield mart.nothing_from(
        "gap_is_the_difference_of_medians",
        f"select m.* from {mart.table} as m left join {mart.table} as s on s.size_class_order = 1 and "
        f"{' and '.join(f's.{c} = m.{c}' for c in PURITY_CELL)} where m.gap_to_small_pp is not null "
        "and not coalesce(abs(m.median - s.median - m.gap_to_small_pp) <= 1e-6, false)",
        "gap_to_small_pp",
    )
    yield _figures_all_there(mart, "mass_g >= 0")
    yield small_cells_withheld(mart, restricted, "n")
    cell = ("source", "country_code", "substance_code", "purity_measure", "purity_basis")
    yield from breakdowns_withheld_whole(mart, restricted, "n is null", cell, (*cell, "size_class"))


def _purity_cells(mart: Mart) -> Iterator[Expectation]:
    yield one_of(mart, "purity_measure", MEASURES)
    yield one_of(mart, "purity_basis", BASES)
    yield mart.never(
        "purity_per_cent", "purity_measure <> 'mg_per_tablet' and median not between 0 and 100", "median"
    )


def _figures_all_there(mart: Mart, where: str) -> Expectation:
    """The years' figures are as many as the lines with a figure, but for cells that are withheld."""
    columns = "source, country_code, substance_code, purity_measure"
    return no_rows_from(
        f"with lines as (select {columns}, count(*) as n from {LINES} where purity is not null "
        f"and purity_measure is not null and (exclusion is null or exclusion = 'purchase') and {where} group by all), "
        f"shown as (select {columns}, coalesce(sum(n), 0) as n, bool_or(n is null) as is_withheld "
        f"from {mart.table} where period_grain = 'year' group by all) "
        f"select {columns} from lines full outer join shown using ({columns}) where coalesce(shown.n, 0) > coalesce(lines.n, 0) "
        "or (not coalesce(shown.is_withheld, false) and coalesce(shown.n, 0) <> coalesce(lines.n, 0))",
        Note("figures_all_there", "n", show=columns),
    )
