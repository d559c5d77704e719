"""The part of the small build that weighs what is published, and an input that trips each of its promises."""

from __future__ import annotations

import duckdb

INTERMEDIATE = {
    "int_claims__lines": "claim_id varchar, source varchar, delivery_id integer, source_line integer",
    "int_claims__keys": "claim_id varchar, indicator_key varchar, source varchar",
    "int_claims__verdicts": "claim_id varchar, verdict varchar",
    "int_triangulation__changes": "substance_group varchar, country_code varchar, year integer",
    "int_triangulation__lines": """substance_group varchar, country_code varchar, year integer, source varchar,
        delivery_id integer, source_line integer""",
}
GONE = ("raw.claims", "raw.oc_index", "intermediate.int_triangulation__changes")
# SQL that breaks a promise; {t} is the mart.
TRIPS = {
    ("claim_ledger", "every_claim_is_there"): "insert into raw.claims (claim_id, _is_synthetic) values ('C2', false)",
    ("claim_ledger", "verdict_listed"): "update {t} set verdict = 'likely'",
    ("claim_ledger", "verdict_follows_from_its_tests"): "update {t} set verdict = 'contradicted'",
    ("claim_ledger", "nothing_synthetic"): "update {t} set is_synthetic = true",
    ("claim_ledger", "no_figure_is_synthetic"): "update marts.indicators set is_synthetic = true",
    ("claim_ledger", "evidence_is_a_sentence"): "update {t} set evidence = 'It is so'",
    ("claim_ledger", "a_judged_claim_says_its_figures"): "update {t} set window_start = null",
    ("claim_ledger", "an_untestable_claim_has_no_figures"): "update {t} set verdict = 'untestable'",
    ("claim_ledger", "found_in_order"): "update {t} set value_found_low = 101",
    ("claim_ledger", "bound_type_listed"): "update {t} set bound_type = 'rough'",
    ("claim_ledger", "found_says_its_bounds"): "update {t} set bound_type = null",
    ("claim_ledger", "window_in_order"): "update {t} set window_start = '2024-01-01'",
    ("claim_ledger", "query_reads_real_rows"): "update {t} set query_sql = 'select * from marts.indicators'",
    ("claim_ledger", "mart_exists"): "update {t} set mart = 'crystal_ball'",
    ("forecast_ledger", "every_likelihood_word_is_there"):
        "insert into raw.claims (claim_id, likelihood_word_raw, _is_synthetic) values ('C2', 'kan', false)",
    ("forecast_ledger", "bands_are_those_the_claims_state"): "update {t} set band_below_pct = 95",
    ("forecast_ledger", "statement_kind_listed"): "update {t} set statement_kind = 'hunch'",
    ("forecast_ledger", "band_from_pct_or_reason"): "update {t} set band_from_pct = null",
    ("forecast_ledger", "came_true_or_reason"): "update {t} set came_true = null",
    ("forecast_ledger", "brier_lo_or_reason"): "update {t} set brier_lo = null",
    ("forecast_ledger", "brier_lo_in_range"): "update {t} set brier_lo = -0.1",
    ("forecast_ledger", "brier_hi_in_range"): "update {t} set brier_hi = 1.1",
    ("forecast_ledger", "scores_in_order"): "update {t} set brier_lo = 0.2",
    ("violence_for_hire", "counts_all_there_as_published"): "update {t} set n_high = 98",
    ("violence_for_hire", "outcome_listed"): "update {t} set outcome = 'planned'",
    ("violence_for_hire", "bound_type_listed"): "update {t} set bound_type = 'rough'",
    ("violence_for_hire", "n_low_in_range"): "update {t} set n_low = -1",
    ("violence_for_hire", "counts_in_order"): "update {t} set n_low = 100",
    ("violence_for_hire", "share_of_known_pct_lo_in_range"): "update {t} set share_of_known_pct_lo = -1",
    ("violence_for_hire", "share_of_known_pct_hi_in_range"): "update {t} set share_of_known_pct_hi = 101",
    ("violence_for_hire", "shares_in_order"): "update {t} set share_of_known_pct_lo = 99",
    ("violence_for_hire", "comparability_listed"): "update {t} set comparability = 'roughly'",
    ("oc_index", "scores_all_there_as_published"): "update {t} set score = 3",
    ("oc_index", "score_in_range"): "update {t} set score = 11",
    ("oc_index", "change_or_reason"): "update {t} set change = null",
    ("oc_index", "change_is_of_like_scores"): "update {t} set change = 2",
    ("oc_index", "comparability_listed"): "update {t} set comparability = 'roughly'",
    **{
        ("triangulation", f"{kind}_direction_listed"): f"update {{t}} set {kind}_direction = 'sideways'"
        for kind in ("seizures_count", "seizures_kg", "price", "purity", "wastewater", "survey", "seizures", "use")
    },
    ("triangulation", "direction_with_its_change"): "update {t} set price_direction = 'up'",
    ("triangulation", "direction_is_that_of_the_change"): "update {t} set seizures_kg_direction = 'down'",
    ("triangulation", "reading_or_reason"): "update {t} set reading_reason = null",
    ("triangulation", "reading_known"): "update {t} set reading = 'omen'",
    ("triangulation", "n_independent_series_in_range"): "update {t} set n_independent_series = 0",
    ("triangulation", "rank_corr_price_in_range"): "update {t} set rank_corr_price = -1.1",
    ("triangulation", "rank_corr_price_next_year_in_range"): "update {t} set rank_corr_price_next_year = 1.1",
    ("triangulation", "rank_corr_price_or_reason"): "update {t} set rank_corr_reason = null",
    ("triangulation", "rank_correlation_of_enough_years"): "update {t} set rank_corr_price = 0.5",
    ("triangulation", "comparability_listed"): "update {t} set comparability = 'roughly'",
    ("triangulation", "nothing_synthetic"): "update {t} set is_synthetic = true",
}  # fmt: skip


def write_claims(con: duckdb.DuckDBPyConnection) -> None:
    """A claim with a likelihood word that came true, a two-digit count, two scores, and one year of seizures."""
    con.execute("""
        insert into raw.claims (claim_id, likelihood_word_raw, likelihood_low, likelihood_high, _line, _is_synthetic)
        values ('C1', 'sannsynlig', 60, 90, 2, false);
        insert into intermediate.int_claims__lines values ('C1', 'claims', 6, 2);
        insert into intermediate.int_claims__keys values ('C1', 'PF1', 'published_figures');
        insert into intermediate.int_claims__verdicts values ('C1', 'supported');
        insert into raw.oc_index (edition_year, country, cocaine_trade, _line, _is_synthetic)
        values (2021, 'Norway', 4.5, 2, false), (2023, 'Norway', 5, 3, false);
        insert into raw.published_figures (figure_id, series, value_low, value_high, unit, _line, _is_synthetic)
        values ('PF8', 'violence_contracts_executed_count', 10, 99, 'count', 3, false);
        insert into intermediate.int_indicators__mapped
            (delivery_id, source_line, indicator_key, source, combination, value_low, value, value_high)
        values (6, 3, 'PF8', 'published_figures', 'stated', 10, null, 99), (6, 4, 'oc:2021', 'oc_index', 'stated', null, 4.5, null),
            (6, 5, 'oc:2023', 'oc_index', 'stated', null, 5, null);
        insert into intermediate.int_triangulation__changes values ('cocaine', 'NO', 2023);
        insert into intermediate.int_triangulation__lines values ('cocaine', 'NO', 2023, 'unodc_seizures', 6, 6);
        insert into marts.indicators (indicator_key, source, series, country_code, period_start, period_end, value_low, value,
            value_high, unit, kind, publisher, comparability, is_synthetic)
        values ('PF8', 'published_figures', 'violence_contracts_executed_count', 'NO', '2025-01-01', '2025-12-31', 10, null, 99,
                'count', 'stated', 'Politiet', 'ok', false),
            ('oc:2021', 'oc_index', 'oc_index_cocaine_trade_score', 'NO', '2021-01-01', '2021-12-31', null, 4.5, null,
                'score 1-10', 'assessed', 'GI-TOC', 'ok', false),
            ('oc:2023', 'oc_index', 'oc_index_cocaine_trade_score', 'NO', '2023-01-01', '2023-12-31', null, 5, null,
                'score 1-10', 'assessed', 'GI-TOC', 'ok', false);
        insert into marts.claim_ledger (claim_id, document, locator, claim, substance_group, country_code, test_kind, verdict,
            evidence, window_start, window_end, mart, value_found, value_found_low, value_found_high, bound_type, value_unit, n_choices,
            query_sql, comparability, source, is_synthetic)
        values ('C1', 'd', 'L1', 'It rises', 'cocaine', 'NO', 'value', 'supported',
            'The figures fit the claim: stated: 100 kg (2023, Kripos), which fits.', '2023-01-01', '2023-12-31', 'indicators',
            '100 kg', 90, 100, 'closed', 'kg', 1, 'select value from marts.indicators where not is_synthetic and indicator_key = ''PF1''',
            'ok', 'claims+published_figures', false);
        insert into marts.forecast_ledger (claim_id, document, locator, statement, statement_kind, country_code, word, scale_id,
            band_raw, band_from_pct, band_below_pct, is_band_corrected, came_true, brier_lo, brier_hi, evidence, comparability,
            source, is_synthetic)
        values ('C1', 'd', 'L1', 'It rises', 'forecast', 'NO', 'sannsynlig', 'no_police', '60-90 %', 60, 90, false, true, 0.01,
            0.16, 'It did.', 'ok', 'claims+published_figures', false);
        insert into marts.violence_for_hire (indicator_key, source, country_code, period_start, period_end, outcome, n_low,
            n_high, bound_type, share_of_known_pct_lo, share_of_known_pct_hi, kind, publisher, comparability, is_synthetic)
        values ('PF8', 'published_figures', 'NO', '2025-01-01', '2025-12-31', 'executed', 10, 99, 'interval', 9, 91, 'stated',
            'Politiet', 'provisional', false);
        insert into marts.oc_index (indicator_key, source, country_code, year, score_code, score_label, score_kind, score,
            previous_year, previous_score, change, change_reason, comparability, is_synthetic)
        values ('oc:2021', 'oc_index', 'NO', 2021, 'cocaine_trade', 'Cocaine trade', 'market', 4.5, null, null, null,
                'first_edition', 'ok', false),
            ('oc:2023', 'oc_index', 'NO', 2023, 'cocaine_trade', 'Cocaine trade', 'market', 5, 2021, 4.5, 0.5, null, 'ok', false);
        insert into marts.triangulation (source, substance_group, country_code, year, period_start, period_end,
            seizures_count_direction, seizures_kg_direction, seizures_kg_change_pct, price_direction, purity_direction,
            wastewater_direction, survey_direction, seizures_direction, use_direction, n_independent_series, reading_reason,
            use_check, n_years_corr, rank_corr_reason, comparability, is_synthetic)
        values ('unodc_seizures', 'cocaine', 'NO', 2023, '2023-01-01', '2023-12-31', 'unknown', 'up', 1865.7, 'unknown',
            'unknown', 'unknown', 'unknown', 'up', 'unknown', 1, 'no_price', 'not_compared', 0, 'fewer_than_8_years', 'ok', false);
    """)
