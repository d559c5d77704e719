"""Promises of the marts that look into seizures: seizure_concentration. Counts, rates and shares: seizure_marts.py."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from great_expectations.expectations.expectation import Expectation

from expectations.mart import PERIOD, Mart, figure_or_reason, one_of, ordered, small_cells_withheld

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
    yield mart.not_null("comparability")
    yield one_of(mart, "comparability", ("ok", "break", "provisional"))
    yield mart.never(
        "break_is_named", "(comparability = 'break') <> (break_ids is not null)", "comparability"
    )
    yield small_cells_withheld(mart, restricted, "n")
