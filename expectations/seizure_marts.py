"""Promises of the marts on how many seizures and how much: seizure_rate, substance_share. Lines: seizure_lines.py."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from great_expectations.expectations.expectation import Expectation

from expectations.disclosure import (
    breakdowns_withheld_whole,
    controlled,
    small_cells_withheld,
)
from expectations.mart import (
    PERIOD,
    Mart,
    figure_or_reason,
    ordered,
)
from expectations.seizure_lines import LINES
from expectations.suite import Note, literals, no_rows_from

NOT_DRUGS = ("doping", "precursor", "all_drugs", "mixed")
CELL = ("source", "country_code", "substance_group", "period_grain", "period_start")
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
