"""Promises of the marts made from seizure lines: seizures, seizure_rate, substance_share, purity, purity_by_size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from great_expectations.expectations.expectation import Expectation

from expectations.disclosure import (
    breakdowns_withheld_whole,
    controlled,
    extremes_of_twenty,
    no_extreme_at_an_end,
    small_cells_withheld,
)
from expectations.mart import (
    NEVER,
    PERIOD,
    Mart,
    figure_or_reason,
    forbidden,
    one_of,
    ordered,
)
from expectations.suite import Note, literals, no_rows_from

LINES = "intermediate.int_seizures__mapped"
EXCLUSIONS = ("annulled", "joint_case_copy", "purchase", "repeated_line", "subtotal")
MEASURES, BASES = ("pct_mass", "pct_thc", "mg_per_tablet"), ("base", "salt", "unknown")
NOT_DRUGS = ("doping", "precursor", "all_drugs", "mixed")
CELL = ("source", "country_code", "substance_group", "period_grain", "period_start")
PURITY_CELL = (
    "source",
    "country_code",
    "substance_code",
    "purity_measure",
    "purity_basis",
    "period_grain",
    "period_start",
)
# Lines as delivered, but for corrections, with what each source calls its quantity and unit.
RAW_LINES = """
    select 'seizures' as source, quantity, unit_raw from current.seizures where _valid_to is null
    union all select 'colombia_ponal', quantity, unit_raw from current.colombia_ponal where _valid_to is null
    union all select 'dea_stride', net_weight_g, 'g' from current.dea_stride where _valid_to is null
    union all select 'unodc_seizures', kilograms, 'kg' from current.unodc_seizures where _valid_to is null
    union all select 'cbp_seizures', quantity_lb, 'lb' from current.cbp_seizures where _valid_to is null
    union all select 'emcdda_seizure_counts', null, null
        from (unpivot (from current.emcdda_seizure_counts) on columns('^y[0-9]{4}$'))"""
# What the same lines state in numbers: every line of a register is one seizure.
RAW_COUNTS = """
    select 'seizures' as source, count(*) as n from current.seizures
    union all select 'cbp_seizures', sum(events) from current.cbp_seizures
    union all select 'emcdda_seizure_counts', sum(stated) from (
        unpivot (from current.emcdda_seizure_counts) on columns('^y[0-9]{4}$') into name year value stated)"""

SEIZURES = Mart(
    "seizures",
    grain=("source", "seizure_key"),
    promised=(
        *("row_unit", "seized_on", "country_code", "area", "agency", "place_class", "transport_mode"),
        *("substance_code", "substance_group", "quantity", "unit", "mass_g"),
        *("purity", "purity_measure", "purity_basis"),
    ),
    lines="int_seizures__mapped",
    line_keys=("seizure_key",),
    line_date=None,
    filled_from=f"{LINES} where is_published",
    texts=("area",),
)
RATE = Mart(
    "seizure_rate",
    grain=CELL,
    promised=(
        *PERIOD,
        "n_seizures",
        "n_seizures_prev",
        "rate_ratio",
        "rate_ratio_lo",
        "rate_ratio_hi",
        "dispersion",
    ),
    lines="int_seizures__mapped",
    line_keys=("source", "country_code", "substance_group"),
    line_date="seized_on",
    filled_from=f"{LINES} where n_seizures is not null and is_in_seizure_marts",
)
SHARE = Mart(
    "substance_share",
    grain=CELL,
    promised=(
        *(
            *PERIOD,
            "n_seizures",
            "n_seizures_all",
            "share_count_pct",
            "share_count_pct_lo",
            "share_count_pct_hi",
        ),
        *(
            "mass_kg",
            "mass_kg_all",
            "share_mass_pct",
            "share_mass_pct_lo",
            "share_mass_pct_hi",
            "share_mass_pct_ex_top3",
        ),
    ),
    lines="int_seizures__mapped",
    line_keys=("source", "country_code", "substance_group"),
    line_date="seized_on",
    filled_from=f"{LINES} where covers_all_drugs and is_in_seizure_marts and is_drug",
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


def seizures(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Lines: all of them, no restricted one, each with listed codes."""
    mart = SEIZURES
    yield from _nothing_lost_from_raw()
    yield no_rows_from(
        f"select delivery_id, source_line, exclusion from {LINES} where (exclusion is null) <> is_in_seizure_marts "
        f"or exclusion not in ({literals(EXCLUSIONS)})",
        Note("exclusions_named", show="exclusion"),
    )
    yield no_rows_from(
        f"with l as (select source, count(*) as n, sum(mass_g) as g from {LINES} where is_published group by source), "
        f"m as (select source, count(*) as n, sum(mass_g) as g from {mart.table} group by source) "
        "select source from l full outer join m using (source) "
        "where l.n is distinct from m.n or l.g is distinct from m.g",
        Note("published_lines_all_there", show="source"),
    )
    yield no_rows_from(
        f"select m.source, m.seizure_key, l.delivery_id, l.source_line from {mart.table} as m "
        f"inner join {LINES} as l using (seizure_key) where m.is_synthetic <> l.is_synthetic",
        Note("synthetic_lines_marked", "is_synthetic", show="source, seizure_key"),
    )
    real = f"not is_synthetic and source in ({literals(restricted)})"
    yield mart.never("no_real_line_of_a_restricted_source", real, "is_synthetic")
    yield mart.never(
        "seizure_key_is_a_number",
        "not coalesce(starts_with(seizure_key, source || '-') "
        "and try_cast(substr(seizure_key, length(source) + 2) as bigint) > 0, false)",
        "seizure_key",
    )
    yield one_of(mart, "row_unit", ("seizure", "exhibit", "aggregate"))
    yield one_of(mart, "status", ("preliminary", "confirmed"))
    yield one_of(mart, "purity_measure", MEASURES)
    yield one_of(mart, "purity_basis", BASES)
    yield mart.between("quantity", 0, None)
    yield mart.between("mass_g", 0, None)
    yield mart.never(
        "purity_per_cent", "purity_measure <> 'mg_per_tablet' and purity not between 0 and 100", "purity"
    )
    yield no_rows_from(
        "select table_name, column_name from duckdb_columns() where schema_name = 'reference' "
        f"and {forbidden(NEVER)}",
        Note("no_forbidden_column_in_reference", show="table_name"),
    )


def _nothing_lost_from_raw() -> Iterator[Expectation]:
    """Raw and mapped lines agree per source, by number and, with the units' grams, by mass."""
    both = f"""
        with delivered as (
            select r.source, count(*) as n,
                sum(case when cast(u.grams_central as decimal(13, 6)) = 1 then cast(r.quantity as decimal(38, 6))
                    else cast(cast(r.quantity as decimal(25, 6)) * cast(u.grams_central as decimal(13, 6)) as decimal(38, 6))
                end) as g
            from ({RAW_LINES}) as r
            left join reference.units as u on lower(trim(replace(r.unit_raw, chr(160), ' '))) = u.unit_raw
            group by r.source
        ), mapped as (
            select source, count(*) as n, sum(stated_mass_g) as g from {LINES} group by source
        )
        select source from delivered full outer join mapped using (source)"""
    yield no_rows_from(
        f"{both} where delivered.n is distinct from mapped.n", Note("no_line_lost_from_raw", show="source")
    )
    yield no_rows_from(
        f"{both} where delivered.g is distinct from mapped.g", Note("no_mass_lost_from_raw", show="source")
    )
    yield no_rows_from(
        f"with delivered as ({RAW_COUNTS}), "
        f"mapped as (select source, sum(n_seizures) as n from {LINES} group by source) "
        "select source from delivered full outer join mapped using (source) "
        "where coalesce(delivered.n, 0) <> coalesce(mapped.n, 0)",
        Note("no_seizure_lost_from_raw", show="source"),
    )


def seizure_rate(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Counts add up to those of the lines; ratios stand with interval or reason."""
    mart = RATE
    yield _shown_counts_are_the_lines(mart)
    yield mart.between("n_seizures", 0, None)
    yield mart.between("rate_ratio", 0, None)
    yield mart.between("dispersion", 0, None)
    yield ordered(mart, "interval_around_ratio", "rate_ratio_lo", "rate_ratio", "rate_ratio_hi")
    yield figure_or_reason(mart, "rate_ratio", "rate_reason")
    yield figure_or_reason(mart, "dispersion", "dispersion_reason")
    yield mart.never(
        "no_ratio_across_a_break",
        "comparability = 'break' and coalesce(rate_ratio, n_seizures_prev) is not null",
        "rate_ratio",
    )
    yield mart.never(
        "ratio_of_enough_seizures",
        "rate_ratio is not null and not coalesce(is_complete and n_seizures >= 5 and n_seizures_prev >= 5 "
        "and abs(rate_ratio * n_seizures_prev - n_seizures) <= 1e-6 * n_seizures, false)",
        "rate_ratio",
    )
    yield mart.nothing_from(
        "prev_is_a_year_earlier",
        f"select m.* from {mart.table} as m left join {mart.table} as p on m.source = p.source "
        "and m.country_code = p.country_code and m.substance_group = p.substance_group "
        "and m.period_grain = p.period_grain and p.period_start = m.period_start - interval 1 year "
        "where m.n_seizures_prev is not null "
        "and not coalesce(m.is_complete and p.is_complete and m.n_seizures_prev = p.n_seizures, false)",
        "n_seizures_prev",
    )
    yield small_cells_withheld(mart, restricted, "n_seizures")
    yield from _groups_withheld_whole(mart, restricted)
    yield mart.nothing_from(
        "dispersion_of_months_that_are_shown",
        f"select m.* from {mart.table} as m inner join {mart.table} as h on m.source = h.source "
        "and m.country_code = h.country_code and m.substance_group = h.substance_group and h.period_grain = 'month' "
        "and h.period_end <= m.period_end and h.period_end > m.period_end - interval 1 year "
        f"where m.dispersion is not null and h.n_seizures is null and h.source in ({literals(restricted)})",
        "dispersion",
    )


def substance_share(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Shares of a whole: within 0 and 100, summing to 100, with nothing lost between lines and shares."""
    mart = SHARE
    yield from _shares_before_suppression()
    for what in ("count", "mass"):
        yield _shown_shares_sum_to_100(mart, what)
        share = f"share_{what}_pct"
        for column in (share, f"{share}_lo", f"{share}_hi"):
            yield mart.between(column, 0, 100)
        yield ordered(mart, f"{what}_interval_around_share", f"{share}_lo", share, f"{share}_hi")
        yield figure_or_reason(mart, share, f"{what}_reason")
    yield figure_or_reason(mart, "share_mass_pct_lo", "mass_interval_reason")
    yield mart.between("share_mass_pct_ex_top3", 0, 100)
    yield figure_or_reason(mart, "share_mass_pct_ex_top3", "ex_top3_reason")
    yield mart.never(
        "count_share_of_enough_seizures",
        "share_count_pct is not null and not coalesce(n_seizures_all >= 30 "
        "and abs(share_count_pct * n_seizures_all - 100 * n_seizures) <= 1e-6 * n_seizures_all, false)",
        "share_count_pct",
    )
    yield mart.never(
        "mass_share_is_part_of_whole",
        "share_mass_pct is not null and not coalesce("
        "abs(share_mass_pct * mass_kg_all - 100 * mass_kg) <= 1e-6 * mass_kg_all, false)",
        "share_mass_pct",
    )
    yield mart.between("n_seizures", 0, None)
    yield mart.between("mass_kg", 0, None)
    yield mart.never(
        "only_drugs_in_the_denominator", f"substance_group in ({literals(NOT_DRUGS)})", "substance_group"
    )
    yield mart.nothing_from(
        "counts_only_where_a_source_states_them",
        f"select m.* from {mart.table} as m where m.n_seizures is not null "
        f"and m.source in (select source from {LINES} where n_seizures is null group by source)",
        "n_seizures",
    )
    yield _shown_is_what_was_added_up(mart)
    yield small_cells_withheld(mart, restricted, "n_seizures")
    yield from _groups_withheld_whole(mart, restricted)
    yield mart.nothing_from(
        "no_total_beside_a_withheld_group",
        f"select * from {mart.table} where {controlled(restricted)} "
        "window whole as (partition by source, country_code, period_grain, period_start) "
        "qualify (n_seizures_all is not null and bool_or(n_seizures is null) over whole) "
        "or (mass_kg_all is not null and bool_or(mass_kg is null and mass_reason <> 'no_mass_reported') over whole)",
        "n_seizures_all",
    )
    yield mart.never(
        "largest_not_told_by_month",
        f"{controlled(restricted)} and period_grain = 'month' and share_mass_pct_ex_top3 is not null",
        "share_mass_pct_ex_top3",
    )


def _groups_withheld_whole(mart: Mart, restricted: Sequence[str]) -> Iterator[Expectation]:
    """Groups split a country's year; half-years and months split a group's."""
    country = ("source", "country_code")
    return breakdowns_withheld_whole(
        mart, restricted, "n_seizures is null", country, (*country, "substance_group")
    )


def _shares_before_suppression() -> Iterator[Expectation]:
    """The groups, before anything is withheld, are all of the lines: their shares sum to 100."""
    for what, lines, periods in (
        ("count", "coalesce(sum(n_seizures), 0)", "coalesce(sum(n_seizures), 0)"),
        ("mass", "coalesce(sum(mass_g), 0)", "coalesce(sum(mass_g), 0)"),
    ):
        yield no_rows_from(
            f"""with lines as (
                {_per_grain(f"{lines} as whole", "covers_all_drugs and is_drug")}
            ), parts as (
                select source, country_code, period_grain, period_start, {periods} as added
                from intermediate.int_seizures__periods where covers_all_drugs
                and substance_group in (select substance_group from reference.substances where is_drug) group by all
            )
            select source, country_code, period_grain, period_start
            from lines full outer join parts using (source, country_code, period_grain, period_start)
            where coalesce(whole, 0) <> coalesce(added, 0)
            and coalesce(abs(100 * cast(added as double) / nullif(cast(whole as double), 0) - 100) > 1e-6, true)""",
            Note(
                f"{what}_shares_sum_to_100_before_suppression",
                show="source, country_code, period_grain, period_start",
            ),
        )


def _shown_shares_sum_to_100(mart: Mart, what: str) -> Expectation:
    """Where a period's shares are shown they sum to 100; a group without any reported mass has none to add."""
    nothing = "no_mass_reported" if what == "mass" else ""
    return mart.nothing_from(
        f"{what}_shares_sum_to_100",
        f"select * from {mart.table} "
        "window whole as (partition by source, country_code, period_grain, period_start) "
        f"qualify count(share_{what}_pct) over whole > 0 "
        f"and (bool_or(share_{what}_pct is null and {what}_reason is distinct from '{nothing}') over whole "
        f"or abs(sum(share_{what}_pct) over whole - 100) > 1e-6)",
        f"share_{what}_pct",
    )


def _shown_is_what_was_added_up(mart: Mart) -> Expectation:
    """A group's figures are those of the periods table, and no group of it is missing."""
    return mart.nothing_from(
        "nothing_lost_to_suppression_but_what_is_withheld",
        f"select p.source, p.country_code, p.substance_group, p.period_grain, p.period_start, p.period_end, m.mass_kg "
        f"from intermediate.int_seizures__periods as p left join {mart.table} as m "
        "using (source, country_code, substance_group, period_grain, period_start) "
        "where p.covers_all_drugs "
        "and p.substance_group in (select substance_group from reference.substances where is_drug) "
        "and (m.source is null "
        "or (not p.is_mass_withheld and m.mass_kg is distinct from cast(p.mass_g as double) / 1000) "
        "or (not p.is_withheld and m.n_seizures is distinct from p.n_seizures))",
        "mass_kg",
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


def _shown_counts_are_the_lines(mart: Mart) -> Expectation:
    """Where no group of a period is withheld, its counts add up to what the lines of the period stand for."""
    return mart.nothing_from(
        "counts_add_up_to_the_lines",
        f"""with lines as (
            {_per_grain("sum(n_seizures) as n", "n_seizures is not null")}
        ), shown as (
            select source, country_code, period_grain, period_start, coalesce(sum(n_seizures), 0) as n,
                bool_or(n_seizures is null) as is_withheld
            from {mart.table} group by all
        ), apart as (
            select source, country_code, period_grain, period_start
            from lines as l full outer join shown as s using (source, country_code, period_grain, period_start)
            where not coalesce(s.is_withheld, false) and coalesce(l.n, 0) <> coalesce(s.n, 0)
        )
        select a.*, {", ".join(f"m.{c}" for c in ("substance_group", "period_end", "n_seizures"))}
        from apart as a left join {mart.table} as m using (source, country_code, period_grain, period_start)""",
        "n_seizures",
    )


def _per_grain(measure: str, where: str) -> str:
    """Lines of the seizure marts per source, country and period of each grain."""
    return " union all ".join(
        f"select source, country_code, '{grain}' as period_grain, {grain}_start as period_start, {measure} "
        f"from {LINES} where is_in_seizure_marts and {grain}_start is not null and {where} group by all"
        for grain in ("year", "half_year", "month")
    )
