"""Promises of the marts on what is behind seizure figures: size, novelty, effort, routes. Rates and shares: seizure_marts.py."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from great_expectations.expectations.expectation import Expectation

from expectations.disclosure import small_cells_withheld
from expectations.mart import PERIOD, Mart, figure_or_reason, one_of, ordered

CONCENTRATION = Mart(
    "seizure_concentration",
    grain=("source", "country_code", "substance_group", "period_grain", "period_start"),
    promised=(
        *(*PERIOD, "mass_kg", "mass_kg_ex_top1", "mass_kg_ex_top3", "top1_share_pct", "top3_share_pct"),
        *("median_g", "geomean_g", "gini", "rank", "baseline_id", "baseline_kg", "ratio_to_baseline"),
    ),
    lines="int_seizures__evidence",
    line_keys=("source", "country_code", "substance_group"),
    line_date="seized_on",
    filled_from="intermediate.int_concentration__periods",
)

WARNING = Mart(
    "early_warning",
    grain=("source", "country_code", "substance_code", "period_grain", "period_start"),
    promised=(*PERIOD, "n_seizures", "n_last_4", "first_seen_start", "upper_bound", "is_alarm"),
    lines="int_seizures__evidence",
    line_keys=("source", "country_code", "substance_code"),
    line_date="seized_on",
    filled_from="intermediate.int_early_warning__counts",
)
EFFORT = Mart(
    "enforcement_effort",
    grain=("source", "country_code", "substance_group", "period_grain", "period_start"),
    promised=(*PERIOD, "n_seizures", "effort", "rate", "rate_lo", "rate_hi", "rate_reason", "caveat"),
    lines="int_seizures__evidence",
    line_keys=("country_code", "substance_group"),
    line_date="seized_on",
    filled_from="intermediate.int_enforcement__counts",
)
ROUTES = Mart(
    "route_port",
    grain=("source", "country_code", "substance_group", "period_start", "breakdown", "category"),
    promised=(
        *(*PERIOD, "port_class", "port_size_class", "n_seizures", "share_count_pct", "share_count_pct_lo"),
        *("share_count_pct_hi", "hhi", "hhi_n"),
    ),
    lines="int_seizures__evidence",
    line_keys=("source", "country_code", "substance_group"),
    line_date="seized_on",
    filled_from="intermediate.int_routes__counts",
    texts=("category",),
)


def seizure_concentration(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Masses as added up, what is left of them without the largest, and ratios to declared baselines."""
    mart = CONCENTRATION
    yield mart.nothing_from(
        "masses_are_what_was_added_up",
        f"select p.source, p.country_code, p.substance_group, p.period_grain, p.period_start, p.period_end, m.mass_kg "
        f"from intermediate.int_concentration__periods as p left join {mart.table} as m "
        "using (source, country_code, substance_group, period_grain, period_start) "
        "where not p.is_withheld and m.mass_kg is distinct from cast(p.mass_g as double) / 1000",
        "mass_kg",
    )
    yield ordered(mart, "remainders_in_order", "mass_kg_ex_top3", "mass_kg_ex_top1", "mass_kg")
    yield mart.between("mass_kg_ex_top3", 0, None)
    yield mart.never(
        "remainder_and_share_agree",
        "abs(mass_kg - mass_kg_ex_top1 - top1_share_pct * mass_kg / 100) > 1e-9 * mass_kg "
        "or abs(mass_kg - mass_kg_ex_top3 - top3_share_pct * mass_kg / 100) > 1e-9 * mass_kg",
        "top3_share_pct",
    )
    yield mart.between("gini", 0, 1)
    yield mart.never(
        "sizes_of_enough_seizures", "median_g is not null and not coalesce(n >= 20, false)", "median_g"
    )
    yield figure_or_reason(mart, "mass_kg", "mass_reason")
    yield figure_or_reason(mart, "mass_kg_ex_top1", "top1_reason")
    yield figure_or_reason(mart, "mass_kg_ex_top3", "top3_reason")
    yield figure_or_reason(mart, "gini", "size_reason")
    yield ordered(mart, "interval_around_median", "median_g_lo", "median_g", "median_g_hi")
    yield mart.never(
        "median_has_its_interval",
        "(median_g is null) <> (median_g_lo is null or median_g_hi is null)",
        "median_g_lo",
    )
    yield figure_or_reason(mart, "geomean_g", "geomean_reason")
    yield mart.never(
        "geomean_has_its_own_n",
        "geomean_g is not null and not coalesce(n_geomean between 20 and n, false)",
        "n_geomean",
    )
    yield figure_or_reason(mart, "rank", "rank_reason")
    yield figure_or_reason(mart, "ratio_to_baseline", "baseline_reason")
    yield mart.never("rank_among_the_ranked", "not rank between 1 and n_ranked", "rank")
    yield mart.nothing_from(
        "ratio_is_to_its_declared_baseline",
        f"select m.* from {mart.table} as m left join reference.baselines as b "
        "using (baseline_id, source, country_code, substance_group, period_grain) "
        "where m.ratio_to_baseline is not null and not coalesce(b.why is not null and "
        "abs(m.ratio_to_baseline * m.baseline_kg - m.mass_kg) <= 1e-9 * greatest(m.mass_kg, 1), false)",
        "ratio_to_baseline",
    )
    yield one_of(mart, "top_basis", ("all_lines", "published_records"))
    yield from _comparable(mart)
    yield small_cells_withheld(mart, restricted, "n")
    yield small_cells_withheld(mart, restricted, "n - n_geomean", "seizures_of_0_g")


def early_warning(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Counts as added up; no alarm without history, bound and five seizures."""
    mart = WARNING
    yield mart.nothing_from(
        "counts_are_what_was_added_up",
        "select c.source, c.country_code, c.substance_code, c.period_grain, c.period_start, c.period_end, m.n_seizures "
        f"from intermediate.int_early_warning__counts as c left join {mart.table} as m "
        "using (source, country_code, substance_code, period_grain, period_start) "
        "where not c.is_withheld and m.n_seizures is distinct from c.n_seizures",
        "n_seizures",
    )
    yield figure_or_reason(mart, "upper_bound", "bound_reason")
    yield figure_or_reason(mart, "is_alarm", "alarm_reason")
    yield mart.never(
        "bound_of_three_years",
        "upper_bound is not null and n_history_periods * case period_grain when 'year' then 12 else 6 end < 36",
        "upper_bound",
    )
    yield mart.never("bound_not_below_the_mean", "upper_bound < history_mean", "upper_bound")
    yield mart.never(
        "alarm_is_above_the_bound",
        "is_alarm and not coalesce(n_last_4 >= 5 and n_seizures > upper_bound, false)",
        "is_alarm",
    )
    yield mart.never(
        "nothing_seized_before_it_was_first_seen",
        "n_seizures > 0 and not coalesce(first_seen_start <= period_start, false)",
        "first_seen_start",
    )
    yield from _comparable(mart)
    yield small_cells_withheld(mart, restricted, "n_seizures")


def enforcement_effort(restricted: Sequence[str]) -> Iterator[Expectation]:
    """A rate has effort, interval and caveat; its absence a reason."""
    mart = EFFORT
    yield figure_or_reason(mart, "rate", "rate_reason")
    yield mart.not_null("caveat")
    yield ordered(mart, "interval_around_rate", "rate_lo", "rate", "rate_hi")
    yield mart.never(
        "rate_of_enough_seizures",
        "rate is not null and not coalesce(n_seizures >= 5 and is_complete "
        "and abs(rate * effort - n_seizures * rate_per) <= 1e-6 * n_seizures * rate_per, false)",
        "rate",
    )
    yield mart.never(
        "effort_names_its_figure",
        "effort is not null and not coalesce(effort_figure_id in (select figure_id from raw.published_figures), false)",
        "effort",
    )
    yield from _comparable(mart)
    yield small_cells_withheld(mart, restricted, "n_seizures")


def route_port(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Shares sum to 100 within a breakdown; no class is made up; published records have none."""
    mart = ROUTES
    whole = "partition by source, country_code, substance_group, period_start, breakdown"
    yield mart.nothing_from(
        "shares_sum_to_100",
        f"select * from {mart.table} qualify count(share_count_pct) over ({whole}) > 0 "
        f"and abs(sum(share_count_pct) over ({whole}) - 100) > 1e-6",
        "share_count_pct",
    )
    yield figure_or_reason(mart, "share_count_pct", "share_reason")
    yield figure_or_reason(mart, "hhi", "hhi_reason")
    yield figure_or_reason(mart, "mass_kg", "mass_reason")
    yield mart.never(
        "no_mass_of_a_withheld_count",
        "n_seizures is null and share_reason = 'suppressed' and mass_kg is not null",
        "mass_kg",
    )
    yield ordered(
        mart, "interval_around_share", "share_count_pct_lo", "share_count_pct", "share_count_pct_hi"
    )
    yield mart.never(
        "share_of_enough_seizures",
        "share_count_pct is not null and not coalesce(n_seizures_all >= 30, false)",
        "share_count_pct",
    )
    yield mart.between("hhi", 0, 1)
    yield mart.never(
        "size_class_is_cited",
        "port_size_class is not null and locode not in (select locode from reference.port_sizes) "
        "or (port_size_class is null) <> (port_size_reason is not null)",
        "port_size_class",
    )
    yield mart.never(
        "published_records_have_no_share",
        "(breakdown = 'published_record') <> (source = 'published_figures') "
        "or (breakdown = 'published_record' and (share_count_pct is not null or figure_ids is null))",
        "share_count_pct",
    )
    yield from _comparable(mart)
    yield small_cells_withheld(mart, restricted, "n_seizures")


def _comparable(mart: Mart) -> Iterator[Expectation]:
    """A break is named."""
    yield mart.never(
        "break_is_named", "(comparability = 'break') <> (break_ids is not null)", "comparability"
    )
