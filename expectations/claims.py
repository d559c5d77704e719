"""Promises of the marts that weigh what is published: claims, forecasts, hired violence, crime scores, triangulation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from great_expectations.expectations.expectation import Expectation

from expectations.mart import Mart, figure_or_reason, one_of, ordered

VERDICTS = ("supported", "contradicted", "mixed", "scope_differs", "insufficient_data", "untestable")
DIRECTIONS = ("up", "flat", "down", "unknown")
KINDS = ("seizures_count", "seizures_kg", "price", "purity", "wastewater", "survey")

LEDGER = Mart(
    "claim_ledger",
    grain=("claim_id",),
    promised=(
        *("document", "locator", "claim", "verdict", "evidence", "baseline", "mart"),
        *("value_found", "value_claimed", "window_start", "window_end", "query_sql", "comparability"),
    ),
    lines="int_claims__lines",
    line_keys=("claim_id",),
    line_date=None,
    filled_from="raw.claims where _valid_to is null",
)
FORECASTS = Mart(
    "forecast_ledger",
    grain=("claim_id",),
    promised=(
        *("word", "scale_id", "band_raw", "band_from_pct", "band_below_pct", "horizon_start", "horizon_end"),
        *("came_true", "outcome_reason", "brier_lo", "brier_hi"),
    ),
    lines="int_claims__lines",
    line_keys=("claim_id",),
    line_date=None,
    filled_from="raw.claims where _valid_to is null and likelihood_word_raw is not null",
)
VIOLENCE = Mart(
    "violence_for_hire",
    grain=("indicator_key",),
    promised=("country_code", "period_start", "outcome", "n_low", "n_high", "bound_type", "comparability"),
    lines="int_indicators__mapped",
    line_keys=("indicator_key",),
    line_date=None,
    filled_from="raw.published_figures where _valid_to is null and series like 'violence_contracts_%'",
)
CRIME = Mart(
    "oc_index",
    grain=("country_code", "year", "score_code"),
    promised=("score", "previous_score", "change", "change_reason", "comparability"),
    lines="int_indicators__mapped",
    line_keys=("indicator_key",),
    line_date=None,
    filled_from="raw.oc_index where _valid_to is null",
)
TRIANGULATION = Mart(
    "triangulation",
    grain=("substance_group", "country_code", "year"),
    promised=(
        *(f"{kind}_direction" for kind in KINDS),
        *("seizures_direction", "use_direction", "n_independent_series", "reading", "comparability"),
    ),
    lines="int_triangulation__lines",
    line_keys=("substance_group", "country_code", "year"),
    line_date=None,
    filled_from="intermediate.int_triangulation__changes",
)


def claim_ledger(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Every claim has a verdict that follows from its tests, and none rests on a synthetic row."""
    mart = LEDGER
    yield mart.nothing_from(
        "every_claim_is_there",
        "select r.claim_id from raw.claims as r where r._valid_to is null and not r._is_synthetic "
        f"and r.claim_id not in (select claim_id from {mart.table})",
    )
    yield one_of(mart, "verdict", VERDICTS)
    yield mart.nothing_from(
        "verdict_follows_from_its_tests",
        f"select m.claim_id from {mart.table} as m inner join intermediate.int_claims__verdicts as v "
        "on m.claim_id = v.claim_id where m.verdict is distinct from v.verdict",
        "verdict",
    )
    yield mart.never("nothing_synthetic", "is_synthetic", "is_synthetic")
    yield mart.nothing_from(
        "no_figure_is_synthetic",
        "select k.claim_id from intermediate.int_claims__keys as k "
        "inner join marts.indicators as i on k.indicator_key = i.indicator_key where i.is_synthetic",
    )
    yield mart.never(
        "evidence_is_a_sentence",
        "not coalesce(evidence like '%.' and length(evidence) > 40, false)",
        "evidence",
    )
    yield mart.never(
        "a_judged_claim_says_its_figures",
        "verdict not in ('insufficient_data', 'untestable') "
        "and (value_found is null or window_start is null or window_end is null or value_found_low is null)",
        "value_found",
    )
    yield mart.never(
        "an_untestable_claim_has_no_figures",
        "verdict = 'untestable' and value_found is not null",
        "value_found",
    )
    yield ordered(mart, "found_in_order", "value_found_low", "value_found_high")
    yield one_of(mart, "bound_type", ("closed", "nominal"))
    yield mart.never(
        "found_says_its_bounds", "(value_found_low is null) <> (bound_type is null)", "bound_type"
    )
    yield mart.never("window_in_order", "window_start > window_end", "window_start")
    yield mart.never(
        "query_reads_real_rows",
        "query_sql not like 'select % from marts.indicators where not is_synthetic and %'",
        "query_sql",
    )
    yield mart.nothing_from(
        "mart_exists",
        f"select claim_id from {mart.table} where mart not in "
        "(select table_name from duckdb_tables() where schema_name = 'marts')",
        "mart",
    )


def forecast_ledger(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Bands of the published scale, and a score only for what was resolved."""
    mart = FORECASTS
    yield mart.nothing_from(
        "every_likelihood_word_is_there",
        "select r.claim_id from raw.claims as r where r._valid_to is null and not r._is_synthetic "
        f"and r.likelihood_word_raw is not null and r.claim_id not in (select claim_id from {mart.table})",
    )
    yield mart.nothing_from(
        "bands_are_those_the_claims_state",
        f"select m.claim_id from {mart.table} as m inner join raw.claims as r on m.claim_id = r.claim_id "
        "and r._valid_to is null where r.likelihood_low is not null "
        "and (m.band_from_pct is distinct from r.likelihood_low or m.band_below_pct is distinct from r.likelihood_high)",
        "band_from_pct",
    )
    yield one_of(mart, "statement_kind", ("forecast", "assessment", "no_period"))
    yield figure_or_reason(mart, "band_from_pct", "band_reason")
    yield figure_or_reason(mart, "came_true", "outcome_reason")
    yield figure_or_reason(mart, "brier_lo", "brier_reason")
    for column in ("brier_lo", "brier_hi"):
        yield mart.between(column, 0, 1)
    yield ordered(mart, "scores_in_order", "brier_lo", "brier_hi")


def violence_for_hire(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Counts as intervals, and shares that the intervals allow."""
    mart = VIOLENCE
    yield mart.nothing_from(
        "counts_all_there_as_published",
        f"select i.indicator_key from marts.indicators as i left join {mart.table} as m "
        "on i.indicator_key = m.indicator_key where i.series like 'violence_contracts_%' and not i.is_synthetic "
        "and (m.n_low is distinct from coalesce(i.value, i.value_low) or m.n_high is distinct from coalesce(i.value, i.value_high))",
        "n_low",
    )
    yield one_of(mart, "outcome", ("executed", "averted"))
    yield one_of(mart, "bound_type", ("exact", "interval", "at_least", "at_most"))
    yield mart.between("n_low", 0, None)
    yield ordered(mart, "counts_in_order", "n_low", "n_high")
    for column in ("share_of_known_pct_lo", "share_of_known_pct_hi"):
        yield mart.between(column, 0, 100)
    yield ordered(mart, "shares_in_order", "share_of_known_pct_lo", "share_of_known_pct_hi")
    yield one_of(mart, "comparability", ("ok", "provisional"))


def oc_index(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Scores as published; a change of method is no change of score."""
    mart = CRIME
    yield mart.nothing_from(
        "scores_all_there_as_published",
        f"select i.indicator_key from marts.indicators as i left join {mart.table} as m "
        "on i.indicator_key = m.indicator_key where i.source = 'oc_index' and not i.is_synthetic "
        "and m.score is distinct from i.value",
        "score",
    )
    yield mart.between("score", 1, 10)
    yield figure_or_reason(mart, "change", "change_reason")
    yield mart.never(
        "change_is_of_like_scores",
        "change is not null and (comparability <> 'ok' or change is distinct from score - previous_score)",
        "change",
    )
    yield one_of(mart, "comparability", ("ok", "method_changed"))


def triangulation(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Directions of a year, none without its change, and a reading of the declared table."""
    mart = TRIANGULATION
    for kind in (*KINDS, "seizures", "use"):
        yield one_of(mart, f"{kind}_direction", DIRECTIONS)
    yield mart.never(
        "direction_with_its_change",
        " or ".join(f"({k}_direction = 'unknown') <> ({k}_change_pct is null)" for k in KINDS),
        "seizures_kg_direction",
    )
    yield mart.never(
        "direction_is_that_of_the_change",
        " or ".join(
            f"({k}_direction = 'up' and {k}_change_pct <= 0) or ({k}_direction = 'down' and {k}_change_pct >= 0)"
            for k in KINDS
        ),
        "seizures_kg_change_pct",
    )
    yield figure_or_reason(mart, "reading", "reading_reason")
    yield mart.never(
        "reading_known",
        "reading is not null and reading not in (select reading from reference.triangulation_readings)",
        "reading",
    )
    yield mart.between("n_independent_series", 1, 5)
    for column in ("rank_corr_price", "rank_corr_price_next_year"):
        yield mart.between(column, -1.000001, 1.000001)
    yield figure_or_reason(mart, "rank_corr_price", "rank_corr_reason")
    yield mart.never(
        "rank_correlation_of_enough_years", "rank_corr_price is not null and n_years_corr < 8", "n_years_corr"
    )
    yield one_of(mart, "comparability", ("ok", "break"))
    yield mart.never("nothing_synthetic", "is_synthetic", "is_synthetic")
