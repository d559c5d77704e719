"""Every promise of the marts is tripped by an input of its own, and a sound build keeps all of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import gates_claims
import gates_prices
import pytest
from gates_marts import write_build

from expectations.marts import mart_suites
from expectations.rows import ExpectNoRowsWhere, ExpectQueryReturnsNoRows
from expectations.suite import check_name
from orchestration.gates import CheckResult, run_suites

SUITES = {suite.table: suite for suite in mart_suites()}
PROMISES = [(table, check_name(e)) for table, suite in SUITES.items() for e in suite.expectations]

# SQL that breaks a promise; {t} is the mart. First what all marts promise, then what one mart does.
COMMON = {
    "columns": "alter table {t} add column stowaway varchar",
    "promised_columns": "alter table {t} drop column is_synthetic",
    "allowed_types": "alter table {t} add column total hugeint",
    "no_forbidden_column": "alter table {t} add column suspect_name varchar",
    "has_rows": "delete from {t}",
    "grain_unique": "insert into {t} select * from {t}",
    "source_stated": "update {t} set source = null",
    "is_synthetic_stated": "update {t} set is_synthetic = null",
    "source_known": "update {t} set source = 'hearsay'",
    "synthetic_said": "update {t} set is_synthetic = false, source = 'seizures'",
    "country_code_known": "update {t} set country_code = 'QQ'",
    "substance_code_known": "update {t} set substance_code = 'sugar'",
    "substance_group_known": "update {t} set substance_group = 'sweets'",
    "currency_of_three_letters": "update {t} set currency = 'kr'",
    "period_of_the_calendar": "update {t} set period_end = period_end - 1",
    "purity_measure_listed": "update {t} set purity_measure = 'proof'",
    "purity_basis_listed": "update {t} set purity_basis = 'guess'",
    "median_or_reason": "update {t} set median = null",
    "median_of_enough_figures": "update {t} set n = 9",
    "figures_all_there": "update {t} set n = n - 1",
    "small_n_withheld": "update {t} set n = 4, is_synthetic = false",
    "small_n_seizures_withheld": "update {t} set n_seizures = 4, is_synthetic = false",
    "comparability_said": "update {t} set comparability = null",
    "breakdowns_withheld_whole": "update {t} set is_synthetic = false; "
    "update {t} set n_seizures = null where substance_group = 'cocaine'",
    "nothing_below_a_withheld_cell": "update {t} set is_synthetic = false; "
    "update {t} set n_seizures = null where period_grain = 'year'",
}
ONE_MART = {
    ("seizures", "no_personal_value"): "update {t} set area = 'Oslo 11029012345'",
    ("seizures", "no_line_lost_from_raw"): "delete from intermediate.int_seizures__mapped where source_line = 7",
    ("seizures", "no_mass_lost_from_raw"): "update intermediate.int_seizures__mapped set stated_mass_g = 1 where source_line = 7",
    ("seizures", "no_seizure_lost_from_raw"): "update intermediate.int_seizures__mapped set n_seizures = 2 where source_line = 7",
    ("seizures", "exclusions_named"): "update intermediate.int_seizures__mapped set exclusion = 'mislaid' where source_line = 7",
    ("seizures", "published_lines_all_there"): "delete from {t} where seizure_key = 'seizures-7'",
    ("seizures", "synthetic_lines_marked"): "update intermediate.int_seizures__mapped set is_synthetic = false where source_line = 7",
    ("seizures", "no_real_line_of_a_restricted_source"): "update {t} set is_synthetic = false",
    ("seizures", "seizure_key_is_a_number"): "update {t} set seizure_key = 'seizures-2023/1234' where seizure_key = 'seizures-7'",
    ("seizures", "row_unit_listed"): "update {t} set row_unit = 'heap'",
    ("seizures", "status_listed"): "update {t} set status = 'annulled'",
    ("seizures", "quantity_in_range"): "update {t} set quantity = -3",
    ("seizures", "mass_g_in_range"): "update {t} set mass_g = -3",
    ("seizures", "purity_per_cent"): "update {t} set purity = 101",
    ("seizures", "no_forbidden_column_in_reference"): "alter table reference.districts add column officer varchar",
    ("seizure_rate", "counts_add_up_to_the_lines"): "delete from {t} where substance_group = 'cannabis'",
    ("seizure_rate", "n_seizures_in_range"): "update {t} set n_seizures = -1",
    ("seizure_rate", "rate_ratio_in_range"): "update {t} set rate_ratio = -1",
    ("seizure_rate", "dispersion_in_range"): "update {t} set dispersion = -1",
    ("seizure_rate", "interval_around_ratio"): "update {t} set rate_ratio_lo = rate_ratio + 1",
    ("seizure_rate", "rate_ratio_or_reason"): "update {t} set rate_reason = null, rate_ratio = null",
    ("seizure_rate", "dispersion_or_reason"): "update {t} set dispersion = null",
    ("seizure_rate", "ratio_of_enough_seizures"): "update {t} set is_complete = false",
    ("seizure_rate", "prev_is_a_year_earlier"): "update {t} set n_seizures_prev = 21 where n_seizures_prev = 20",
    ("substance_share", "count_shares_sum_to_100_before_suppression"):
        "delete from intermediate.int_seizures__periods where substance_group = 'cannabis'",
    ("substance_share", "mass_shares_sum_to_100_before_suppression"):
        "update intermediate.int_seizures__periods set mass_g = mass_g * 1.00001 where substance_group = 'cannabis'",
    ("substance_share", "count_shares_sum_to_100"): "update {t} set share_count_pct = share_count_pct + 0.00001",
    ("substance_share", "mass_shares_sum_to_100"): "delete from {t} where substance_group = 'cannabis'",
    ("substance_share", "share_count_pct_in_range"): "update {t} set share_count_pct = 100.1",
    ("substance_share", "share_count_pct_lo_in_range"): "update {t} set share_count_pct_lo = -0.1",
    ("substance_share", "share_count_pct_hi_in_range"): "update {t} set share_count_pct_hi = 100.1",
    ("substance_share", "count_interval_around_share"): "update {t} set share_count_pct_hi = share_count_pct - 1",
    ("substance_share", "share_count_pct_or_reason"): "update {t} set share_count_pct = null",
    ("substance_share", "share_mass_pct_in_range"): "update {t} set share_mass_pct = -0.1",
    ("substance_share", "share_mass_pct_lo_in_range"): "update {t} set share_mass_pct_lo = -0.1",
    ("substance_share", "share_mass_pct_hi_in_range"): "update {t} set share_mass_pct_hi = 100.1",
    ("substance_share", "mass_interval_around_share"): "update {t} set share_mass_pct_lo = share_mass_pct + 1",
    ("substance_share", "share_mass_pct_or_reason"): "update {t} set mass_reason = 'suppressed'",
    ("substance_share", "share_mass_pct_lo_or_reason"): "update {t} set mass_interval_reason = 'suppressed'",
    ("substance_share", "share_mass_pct_ex_top3_in_range"): "update {t} set share_mass_pct_ex_top3 = 100.1",
    ("substance_share", "share_mass_pct_ex_top3_or_reason"): "update {t} set share_mass_pct_ex_top3 = null",
    ("substance_share", "count_share_of_enough_seizures"): "update {t} set n_seizures_all = 29",
    ("substance_share", "mass_share_is_part_of_whole"): "update {t} set mass_kg_all = mass_kg_all * 2",
    ("substance_share", "n_seizures_in_range"): "update {t} set n_seizures = -1",
    ("substance_share", "mass_kg_in_range"): "update {t} set mass_kg = -1",
    ("substance_share", "only_drugs_in_the_denominator"): "update {t} set substance_group = 'doping'",
    ("substance_share", "counts_only_where_a_source_states_them"): "update {t} set n_seizures = 1 where source = 'colombia_ponal'",
    ("substance_share", "nothing_lost_to_suppression_but_what_is_withheld"): "update {t} set mass_kg = null",
    ("purity", "purity_per_cent"): "update {t} set median = 101",
    ("purity", "p25_in_range"): "update {t} set p25 = -1",
    ("purity", "p75_in_range"): "update {t} set p75 = -1",
    ("purity", "quantiles_in_order"): "update {t} set p25 = median + 1",
    ("purity", "interval_around_median"): "update {t} set median_hi = median - 1",
    ("purity", "interval_around_p25"): "update {t} set p25_lo = p25 + 1",
    ("purity", "interval_around_p75"): "update {t} set p75_hi = p75 - 1",
    ("purity", "p25_lo_or_reason"): "update {t} set p25_lo = null",
    ("purity", "p75_hi_or_reason"): "update {t} set p75_hi = null",
    ("purity", "mean_within_range"): "update {t} set mean = max + 1",
    ("purity_by_size", "purity_per_cent"): "update {t} set median = 101",
    ("purity_by_size", "by_year_only"): "update {t} set period_grain = 'month'",
    ("purity_by_size", "size_class_known"): "update {t} set size_class = 'a lot'",
    ("purity_by_size", "interval_around_median"): "update {t} set median_hi = median - 1",
    ("purity_by_size", "interval_around_gap"): "update {t} set gap_to_small_lo = gap_to_small_pp + 1",
    ("purity_by_size", "gap_to_small_pp_or_reason"): "update {t} set gap_to_small_pp = null",
    ("purity_by_size", "gap_is_the_difference_of_medians"): "update {t} set gap_to_small_pp = 9.9 where gap_to_small_pp = 10",
    ("price_level", "no_quote_lost_from_raw"): "delete from intermediate.int_prices__mapped where source_line = 2",
    ("price_level", "quotes_all_there"): "update {t} set n_quotes = 4",
    ("price_level", "price_per_g_low_in_range"): "update {t} set price_per_g_low = -1",
    ("price_level", "price_per_g_eur_in_range"): "update {t} set price_per_g_eur = -1",
    ("price_level", "price_per_g_eur_real_in_range"): "update {t} set price_per_g_eur_real = -1",
    ("price_level", "price_per_pure_g_eur_in_range"): "update {t} set price_per_pure_g_eur = -1",
    ("price_level", "prices_in_order"): "update {t} set price_per_g_high = price_per_g_low - 1",
    ("price_level", "interval_around_median"): "update {t} set price_per_g_median_hi = price_per_g_median - 1",
    ("price_level", "interval_around_unit_median"):
        "update {t} set price_per_unit_median = 1, price_per_unit_median_lo = 2",
    ("price_level", "median_interval_or_reason"): "update {t} set interval_reason = null",
    ("price_level", "price_per_g_median_lo_of_9"): "update {t} set is_synthetic = false, price_per_g_median_lo = 1",
    ("price_level", "price_per_g_median_or_reason"): "update {t} set price_per_g_median = null",
    ("price_level", "price_per_g_eur_or_reason"): "update {t} set price_per_g_eur = null",
    ("price_level", "price_per_g_eur_real_or_reason"): "update {t} set price_per_g_eur_real = null",
    ("price_level", "price_per_pure_g_eur_or_reason"): "update {t} set price_per_pure_g_eur = null",
    ("price_level", "price_of_enough_quotes"): "update {t} set n_quotes = 2",
    ("price_level", "market_level_listed"): "update {t} set market_level = 'corner'",
    ("price_level", "lot_band_known"): "update {t} set lot_band = 'handful'",
    ("price_level", "small_n_quotes_withheld"): "update {t} set is_synthetic = false",
    ("postal_interceptions", "no_personal_value"): "update {t} set agency_scope = 'ola@customs.no'",
    ("postal_interceptions", "no_line_lost_from_raw"): "delete from intermediate.int_postal__mapped",
    ("postal_interceptions", "no_series_lost"): "update {t} set selection = 'random'",
    ("postal_interceptions", "nothing_added"): "update {t} set items_with_drugs = 51",
    ("postal_interceptions", "share_pct_in_range"): "update {t} set share_pct = 100.1",
    ("postal_interceptions", "share_pct_lo_in_range"): "update {t} set share_pct_lo = -0.1",
    ("postal_interceptions", "share_pct_hi_in_range"): "update {t} set share_pct_hi = 100.1",
    ("postal_interceptions", "items_examined_in_range"): "update {t} set items_examined = -1",
    ("postal_interceptions", "interval_around_share"): "update {t} set share_pct_hi = 2.4",
    ("postal_interceptions", "totals_in_order"): "update {t} set estimated_total_low = 901",
    ("postal_interceptions", "share_pct_or_reason"): "update {t} set share_pct = null",
    ("postal_interceptions", "estimated_total_high_or_reason"): "update {t} set estimated_total_high = null",
    ("postal_interceptions", "share_of_enough_items"): "update {t} set items_examined = 999",
    ("postal_interceptions", "selection_listed"): "update {t} set selection = 'lucky'",
    ("postal_interceptions", "targeted_never_extrapolated"): "update {t} set selection = 'targeted'",
    ("postal_interceptions", "small_items_examined_withheld"): "update {t} set items_examined = 4, is_synthetic = false",
    ("postal_interceptions", "small_items_with_drugs_withheld"): "update {t} set items_with_drugs = 1, is_synthetic = false",
    ("darknet_turnover", "no_personal_value"): "update {t} set agency_scope = 'd131dd02c5e6eec4693d9a0698aff95c'",
    ("darknet_turnover", "no_line_lost_from_raw"): "delete from intermediate.int_darknet__mapped",
    ("darknet_turnover", "no_series_lost"): "update {t} set country_code = 'NO'",
    ("darknet_turnover", "nothing_added"): "update {t} set turnover = 1001",
    ("darknet_turnover", "turnover_in_range"): "update {t} set turnover = -1",
    ("darknet_turnover", "turnover_eur_in_range"): "update {t} set turnover_eur = -1",
    ("darknet_turnover", "vendors_in_range"): "update {t} set vendors = -1",
    ("darknet_turnover", "buyers_in_range"): "update {t} set buyers = -1",
    ("darknet_turnover", "turnover_per_vendor_in_range"): "update {t} set turnover_per_vendor = -1",
    ("darknet_turnover", "parts_sum_to_the_change"): "update {t} set dln_volume_per_vendor = 0.300000000001",
    ("darknet_turnover", "dln_turnover_or_reason"): "update {t} set dln_turnover = null",
    ("darknet_turnover", "turnover_eur_or_reason"): "update {t} set turnover_eur = null",
    ("darknet_turnover", "turnover_per_vendor_is_the_ratio"): "update {t} set turnover_per_vendor = 99",
    ("darknet_turnover", "turnover_per_buyer_is_the_ratio"): "update {t} set turnover_per_buyer = 11",
    ("darknet_turnover", "turnover_within_its_range"): "update {t} set turnover_high = 999",
    ("darknet_turnover", "platform_scope_listed"): "update {t} set platform_scope = 'pub'",
    ("darknet_turnover", "small_vendors_withheld"): "update {t} set vendors = 4, is_synthetic = false",
    ("darknet_turnover", "small_buyers_withheld"): "update {t} set buyers = 1, is_synthetic = false",
    ("indicators", "no_personal_value"): "update {t} set locator = 'the case of 110290-1234'",
    ("indicators", "published_figures_all_there"): "update {t} set value = 101",
    ("indicators", "values_add_up_to_the_lines"): "update {t} set value_low = value_low - 1",
    ("indicators", "bounds_in_order"): "update {t} set value_low = 101",
    ("indicators", "has_a_value"): "update {t} set value_low = null, value = null",
    ("indicators", "period_in_order"): "update {t} set period_end = period_start - 1",
    ("indicators", "series_stated"): "update {t} set series = null",
    ("indicators", "unit_stated"): "update {t} set unit = null",
    ("indicators", "kind_stated"): "update {t} set kind = null",
    ("indicators", "publisher_stated"): "update {t} set publisher = null",
    ("indicators", "kind_listed"): "update {t} set kind = 'heard'",
    ("indicators", "agency_scope_listed"): "update {t} set agency_scope = 'both'",
    ("indicators", "no_restricted_source"): "update {t} set source = 'price_quotes'",
    ("darknet_listings", "listings_all_there"): "update {t} set n_listings = 11",
    ("darknet_listings", "price_btc_per_g_low_in_range"): "update {t} set price_btc_per_g_low = -1",
    ("darknet_listings", "price_btc_per_g_median_in_range"): "update {t} set price_btc_per_g_median = -1",
    ("darknet_listings", "price_btc_per_g_high_in_range"): "update {t} set price_btc_per_g_high = -1",
    ("darknet_listings", "price_btc_per_claimed_pure_g_low_in_range"): "update {t} set price_btc_per_claimed_pure_g_low = -1",
    ("darknet_listings", "price_btc_per_claimed_pure_g_median_in_range"): "update {t} set price_btc_per_claimed_pure_g_median = -1",
    ("darknet_listings", "price_btc_per_claimed_pure_g_high_in_range"): "update {t} set price_btc_per_claimed_pure_g_high = -1",
    ("darknet_listings", "claimed_purity_median_pct_in_range"): "update {t} set claimed_purity_median_pct = 101",
    ("darknet_listings", "prices_in_order"): "update {t} set price_btc_per_g_low = 1",
    ("darknet_listings", "pure_prices_in_order"): "update {t} set price_btc_per_claimed_pure_g_low = 1",
    ("darknet_listings", "interval_around_price_btc_per_g_low"):
        "update {t} set price_btc_per_g_low_lo = price_btc_per_g_low + 1",
    ("darknet_listings", "interval_around_price_btc_per_g_median"):
        "update {t} set price_btc_per_g_median_lo = price_btc_per_g_median + 1",
    ("darknet_listings", "interval_around_price_btc_per_g_high"):
        "update {t} set price_btc_per_g_high_lo = price_btc_per_g_high + 1",
    ("darknet_listings", "interval_around_price_btc_per_claimed_pure_g_low"):
        "update {t} set price_btc_per_claimed_pure_g_low_lo = price_btc_per_claimed_pure_g_low + 1",
    ("darknet_listings", "interval_around_price_btc_per_claimed_pure_g_median"):
        "update {t} set price_btc_per_claimed_pure_g_median_lo = price_btc_per_claimed_pure_g_median + 1",
    ("darknet_listings", "interval_around_price_btc_per_claimed_pure_g_high"):
        "update {t} set price_btc_per_claimed_pure_g_high_lo = price_btc_per_claimed_pure_g_high + 1",
    ("darknet_listings", "interval_around_claimed_purity_median_pct"):
        "update {t} set claimed_purity_median_pct_lo = claimed_purity_median_pct + 1",
    ("darknet_listings", "price_btc_per_g_median_lo_or_reason"): "update {t} set price_btc_per_g_median_lo = null",
    ("darknet_listings", "price_btc_per_g_low_lo_or_reason"): "update {t} set price_btc_per_g_low_lo = 0",
    ("darknet_listings", "price_btc_per_g_high_hi_or_reason"): "update {t} set price_btc_per_g_high_hi = 9",
    ("darknet_listings", "claimed_purity_median_pct_lo_or_reason"): "update {t} set claimed_purity_median_pct_lo = null",
    ("darknet_listings", "price_btc_per_claimed_pure_g_median_hi_or_reason"):
        "update {t} set price_btc_per_claimed_pure_g_median_hi = null",
    ("darknet_listings", "price_btc_per_claimed_pure_g_low_lo_or_reason"):
        "update {t} set pure_price_quartile_interval_reason = null",
    ("darknet_listings", "price_btc_per_claimed_pure_g_high_hi_or_reason"):
        "update {t} set pure_price_quartile_interval_reason = null",
    ("darknet_listings", "price_btc_per_g_median_or_reason"): "update {t} set price_btc_per_g_median = null",
    ("darknet_listings", "claimed_purity_median_pct_or_reason"): "update {t} set claimed_purity_median_pct = null",
    ("darknet_listings", "price_btc_per_claimed_pure_g_median_or_reason"): "update {t} set price_btc_per_claimed_pure_g_median = null",
    ("darknet_listings", "vendors_behind_listings"): "update {t} set n_vendors = 11",
    ("darknet_listings", "price_of_several_vendors"): "update {t} set n_vendors = 2",
    ("darknet_listings", "purity_of_enough_listings"): "update {t} set n_listings = 9",
    ("darknet_listings", "lot_band_known"): "update {t} set lot_band = 'handful'",
    ("revisions", "no_personal_value"): "update {t} set category = 'customs, 11029012345'",
    ("revisions", "first_value_in_range"): "update {t} set first_value = -1",
    ("revisions", "latest_value_in_range"): "update {t} set latest_value = -1",
    ("revisions", "revision_pct_in_range"): "update {t} set revision_pct = -101",
    ("revisions", "lag_days_in_range"): "update {t} set lag_days = -1",
    ("revisions", "n_vintages_in_range"): "update {t} set n_vintages = 0",
    ("revisions", "revision_pct_or_reason"): "update {t} set revision_pct = null",
    ("revisions", "revision_is_of_its_values"): "update {t} set first_value = 17",
    ("revisions", "revision_takes_two_vintages"): "update {t} set first_known_at = '2022-06-30'",
    ("revisions", "latest_seizures_are_what_stands"): "update {t} set latest_value = 21",
    ("purity", "breakdowns_withheld_whole"): "update {t} set is_synthetic = false; insert into {t} by name select * "
        "replace ('methamphetamine' as substance_code, null as n) from {t} where period_grain = 'year'",
    ("purity", "nothing_below_a_withheld_cell"): "update {t} set is_synthetic = false; "
        "update {t} set n = null where period_grain = 'half_year'",
    ("purity", "min_of_twenty"): "update {t} set is_synthetic = false, n = 19",
    ("purity", "p25_lo_of_20"): "update {t} set is_synthetic = false, n = 19",
    ("purity", "max_of_twenty"): "update {t} set is_synthetic = false",
    ("purity_by_size", "breakdowns_withheld_whole"): "update {t} set is_synthetic = false; update {t} set n = null where size_class_order = 1",
    ("purity_by_size", "nothing_below_a_withheld_cell"): "update {t} set is_synthetic = false; insert into {t} by name select * "
        "replace ('half_year' as period_grain, null as n) from {t}",
    ("price_level", "breakdowns_withheld_whole"): "update {t} set is_synthetic = false; insert into {t} by name select * "
        "replace ('g_1_10' as lot_band, 'suppressed' as price_reason) from {t}",
    ("price_level", "nothing_below_a_withheld_cell"): "update {t} set is_synthetic = false; "
        "update {t} set price_reason = 'suppressed' where period_grain = 'year'",
    ("price_level", "small_n_quotes_purity_withheld"): "update {t} set is_synthetic = false, n_quotes_purity = 1",
    ("postal_interceptions", "breakdowns_withheld_whole"): "update {t} set is_synthetic = false; insert into {t} by name select * "
        "replace ('random' as selection, 'suppressed' as share_reason) from {t}",
    ("postal_interceptions", "nothing_below_a_withheld_cell"): "update {t} set is_synthetic = false; insert into {t} by name "
        "select * replace ('half_year' as period_grain, date '2023-06-30' as period_end) from {t}; "
        "update {t} set share_reason = 'suppressed' where period_grain = 'year'",
    ("darknet_turnover", "breakdowns_withheld_whole"): "update {t} set is_synthetic = false; insert into {t} by name select * "
        "replace ('open_web' as platform_scope, 'suppressed' as turnover_eur_reason) from {t}",
    ("darknet_turnover", "nothing_below_a_withheld_cell"): "update {t} set is_synthetic = false; insert into {t} by name "
        "select * replace ('half_year' as period_grain, date '2023-06-30' as period_end) from {t}; "
        "update {t} set turnover_eur_reason = 'suppressed' where period_grain = 'year'",
    ("darknet_turnover", "turnover_withheld_with_its_sellers"): "update {t} set turnover_eur_reason = 'suppressed'",
    ("seizure_rate", "no_ratio_across_a_break"): "update {t} set comparability = 'break'",
    ("darknet_turnover", "no_change_across_a_break"): "update {t} set comparability = 'break'",
    ("seizure_rate", "dispersion_of_months_that_are_shown"): "update {t} set n_seizures = null where period_grain = 'month'",
    ("substance_share", "no_total_beside_a_withheld_group"): "update {t} set is_synthetic = false; "
        "update {t} set n_seizures = null where substance_group = 'cannabis' and period_grain = 'half_year'",
    ("substance_share", "largest_not_told_by_month"): "update {t} set is_synthetic = false",
    ("revisions", "year_withheld_whole"): "update {t} set is_synthetic = false, revision_reason = 'suppressed'",
    ("revisions", "small_counts_withheld"): "update {t} set first_value = 4, is_synthetic = false",
    ("wastewater", "no_personal_value"): "update {t} set city = 'Oslo 11029012345'",
    ("wastewater", "loads_all_there_as_published"): "update {t} set weekend_mean_mg_per_1000_per_day = 0.7",
    ("wastewater", "daily_mean_mg_per_1000_per_day_in_range"): "update {t} set daily_mean_mg_per_1000_per_day = -1",
    ("wastewater", "weekday_mean_mg_per_1000_per_day_in_range"): "update {t} set weekday_mean_mg_per_1000_per_day = -1",
    ("wastewater", "weekend_mean_mg_per_1000_per_day_in_range"): "update {t} set weekend_mean_mg_per_1000_per_day = -1",
    ("wastewater", "year_in_range"): "update {t} set year = 23",
    ("wastewater", "n_days_in_range"): "update {t} set n_days = 8",
    ("wastewater", "population_in_range"): "update {t} set population = 0",
    ("wastewater", "load_status_listed"): "update {t} set load_status = 'faint'",
    ("wastewater", "zero_says_what_it_means"): "update {t} set daily_mean_mg_per_1000_per_day = 0",
    ("wastewater", "days_of_a_week"): "update {t} set n_days_zero = 8",
    ("wastewater", "no_plant_is_named"): "alter table {t} add column location varchar",
    ("seizure_concentration", "masses_are_what_was_added_up"): "update {t} set mass_kg = mass_kg + 1",
    ("seizure_concentration", "remainders_in_order"): "update {t} set mass_kg_ex_top1 = 87",
    ("seizure_concentration", "mass_kg_ex_top3_in_range"): "update {t} set mass_kg_ex_top3 = -1",
    ("seizure_concentration", "remainder_and_share_agree"): "update {t} set top3_share_pct = 90",
    ("seizure_concentration", "gini_in_range"): "update {t} set gini = 1.1",
    ("seizure_concentration", "sizes_of_enough_seizures"): "update {t} set n = 19 where n = 30",
    ("seizure_concentration", "interval_around_median"): "update {t} set median_g_lo = 11",
    ("seizure_concentration", "median_has_its_interval"): "update {t} set median_g_hi = null",
    ("seizure_concentration", "geomean_g_or_reason"): "update {t} set geomean_g = null",
    ("seizure_concentration", "geomean_has_its_own_n"): "update {t} set n_geomean = 31",
    ("seizure_concentration", "small_seizures_of_0_g_withheld"):
        "update {t} set is_synthetic = false, n_geomean = 28 where n = 30",
    ("seizure_concentration", "mass_kg_or_reason"): "update {t} set mass_kg = null",
    ("seizure_concentration", "mass_kg_ex_top1_or_reason"): "update {t} set mass_kg_ex_top1 = null",
    ("seizure_concentration", "mass_kg_ex_top3_or_reason"): "update {t} set mass_kg_ex_top3 = null",
    ("seizure_concentration", "gini_or_reason"): "update {t} set size_reason = null",
    ("seizure_concentration", "rank_or_reason"): "update {t} set rank = null",
    ("seizure_concentration", "ratio_to_baseline_or_reason"): "update {t} set baseline_reason = null, ratio_to_baseline = null",
    ("seizure_concentration", "rank_among_the_ranked"): "update {t} set rank = 3",
    ("seizure_concentration", "ratio_is_to_its_declared_baseline"): "update {t} set baseline_id = 'whatever'",
    ("seizure_concentration", "top_basis_listed"): "update {t} set top_basis = 'some'",
    **{
        (mart, "break_is_named"): "update {t} set comparability = 'break', break_ids = null"
        for mart in ("seizure_concentration", "early_warning", "enforcement_effort", "route_port")
    },
    ("early_warning", "counts_are_what_was_added_up"): "update {t} set n_seizures = 15",
    ("early_warning", "upper_bound_or_reason"): "update {t} set upper_bound = null",
    ("early_warning", "is_alarm_or_reason"): "update {t} set is_alarm = null",
    ("early_warning", "bound_of_three_years"): "update {t} set n_history_periods = 2",
    ("early_warning", "bound_not_below_the_mean"): "update {t} set upper_bound = 9",
    ("early_warning", "alarm_is_above_the_bound"): "update {t} set upper_bound = 31",
    ("early_warning", "nothing_seized_before_it_was_first_seen"): "update {t} set first_seen_start = '2024-01-01'",
    ("enforcement_effort", "rate_or_reason"): "update {t} set rate = null",
    ("enforcement_effort", "caveat_stated"): "update {t} set caveat = null",
    ("enforcement_effort", "interval_around_rate"): "update {t} set rate_lo = 31",
    ("enforcement_effort", "rate_of_enough_seizures"): "update {t} set effort = 1001",
    ("enforcement_effort", "effort_names_its_figure"): "update {t} set effort_figure_id = 'PF2'",
    ("route_port", "no_personal_value"): "update {t} set category = 'Oslo 11029012345'",
    ("route_port", "shares_sum_to_100"): "update {t} set share_count_pct = 74",
    ("route_port", "share_count_pct_or_reason"): "update {t} set share_count_pct = null",
    ("route_port", "mass_kg_or_reason"): "update {t} set mass_reason = null",
    ("route_port", "no_mass_of_a_withheld_count"):
        "update {t} set n_seizures = null, share_reason = 'suppressed', mass_kg = 1",
    ("route_port", "hhi_or_reason"): "update {t} set hhi = null",
    ("route_port", "interval_around_share"): "update {t} set share_count_pct_lo = 76",
    ("route_port", "share_of_enough_seizures"): "update {t} set n_seizures_all = 29",
    ("route_port", "hhi_in_range"): "update {t} set hhi = 1.1",
    ("route_port", "size_class_is_cited"): "update {t} set port_size_class = 'huge', locode = 'NOHUS'",
    ("route_port", "published_records_have_no_share"): "update {t} set figure_ids = null",
    **gates_prices.TRIPS,
    **gates_claims.TRIPS,
}  # fmt: skip


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build that keeps every promise."""
    path = tmp_path_factory.mktemp("marts") / "build.duckdb"
    write_build(path)
    return path


def broken(sound: Path, folder: Path, sql: str) -> Path:
    """A copy of the sound build on which `sql` was run."""
    path = folder / "build.duckdb"
    shutil.copyfile(sound, path)
    with duckdb.connect(str(path)) as con:
        con.execute(sql)
    return path


def judged(build: Path, table: str, name: str) -> CheckResult:
    """The result of one promise."""
    suite = SUITES[table]
    wanted = [e for e in suite.expectations if check_name(e) == name]
    [result] = run_suites(build, [replace(suite, expectations=wanted)], lambda *_: True)
    return result


def test_a_sound_build_keeps_every_promise(sound: Path) -> None:
    assert not [r for r in run_suites(sound, list(SUITES.values())) if not r.success]


def test_every_promise_has_an_input_that_trips_it_and_no_input_is_left_over() -> None:
    assert {p for p in PROMISES if p not in ONE_MART and p[1] not in COMMON} == set()
    assert set(ONE_MART) <= set(PROMISES)
    assert set(COMMON) <= {name for _, name in PROMISES}


@pytest.fixture(scope="module")
def writable(sound: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the sound build, open for writing; whoever changes it rolls back."""
    path = tmp_path_factory.mktemp("writable") / "build.duckdb"
    shutil.copyfile(sound, path)
    with duckdb.connect(str(path)) as con:
        yield con


@pytest.mark.parametrize(("table", "name"), PROMISES, ids=[f"{t}-{n}" for t, n in PROMISES])
def test_a_broken_promise_finds_its_rows(
    sound: Path, tmp_path: Path, writable: duckdb.DuckDBPyConnection, table: str, name: str
) -> None:
    """Asked as GX asks it, but without GX, which takes a hundred times as long; that GX asks so is shown below."""
    trip = (ONE_MART.get((table, name)) or COMMON[name]).format(t=f"marts.{table}")
    [expectation] = [e for e in SUITES[table].expectations if check_name(e) == name]
    if isinstance(expectation, ExpectNoRowsWhere):
        count = f"select count(*) from marts.{table} where {expectation.condition}"
    elif isinstance(expectation, ExpectQueryReturnsNoRows):
        count = f"select count(*) from ({expectation.query})"
    else:
        assert judged(broken(sound, tmp_path, trip), table, name).refuses
        return
    assert writable.execute(count).fetchone() == (0,)
    writable.execute("begin")
    try:
        writable.execute(trip)
        (found,) = writable.execute(count).fetchone() or (0,)
    finally:
        writable.execute("rollback")
    assert found > 0


@pytest.mark.parametrize("table", SUITES)
def test_a_broken_promise_refuses(sound: Path, tmp_path: Path, table: str) -> None:
    name = "grain_unique"
    result = judged(broken(sound, tmp_path, COMMON[name].format(t=f"marts.{table}")), table, name)
    assert result.refuses
    assert "could not be evaluated" not in result.observed


@pytest.mark.parametrize("table", SUITES)
def test_an_empty_mart_is_sound_when_its_sources_are_absent(sound: Path, tmp_path: Path, table: str) -> None:
    lines = (
        "int_seizures__mapped",
        "int_prices__mapped",
        "int_postal__mapped",
        "int_darknet__mapped",
        "int_revisions__values",
        "int_price_chain__figures",
        "int_price_fx__lines",
        "int_price_index__lines",
        "int_supply__inputs",
        "int_concentration__periods",
        "int_early_warning__counts",
        "int_enforcement__counts",
        "int_routes__counts",
    )
    gone = "; ".join(
        [
            *(f"delete from intermediate.{t}" for t in lines),
            "delete from raw.published_figures",
            "delete from raw.darknet_listings",
            "delete from raw.euda_wastewater",
            *(f"delete from {table}" for table in gates_claims.GONE),
        ]
    )
    build = broken(sound, tmp_path, f"delete from marts.{table}; {gone}")
    assert judged(build, table, "has_rows").success


@pytest.mark.parametrize(
    ("table", "name", "sql", "place"),
    [
        ("seizures", "mass_g_in_range", "set mass_g = -1 where seizure_key = 'seizures-7'", "file1.csv, line 8, column mass_g"),
        ("substance_share", "share_mass_pct_in_range", "set share_mass_pct = 101 where source = 'colombia_ponal'",
         "file2.csv, line 2, column share_mass_pct"),
        ("purity", "mean_within_range", "set mean = 99 where period_start > '2022-12-31'", "file1.csv, line 42, column mean"),
        ("price_level", "n", "set n_quotes = 1", "file3.csv, line 2, column n_quotes"),
        ("postal_interceptions", "share_pct_in_range", "set share_pct = 101", "file4.csv, line 2, column share_pct"),
        ("darknet_turnover", "vendors_in_range", "set vendors = -1", "file5.csv, line 2, column vendors"),
        ("indicators", "has_a_value", "set value = null, value_low = null", "file6.csv, line 2, column value"),
        ("wastewater", "load_status_listed", "set load_status = ''", "file6.csv, line 2, column load_status"),
    ],
)  # fmt: skip
def test_a_broken_promise_says_which_file_and_line_is_behind_it(
    sound: Path, tmp_path: Path, table: str, name: str, sql: str, place: str
) -> None:
    name = "price_of_enough_quotes" if table == "price_level" else name
    result = judged(broken(sound, tmp_path, f"update marts.{table} {sql}"), table, name)
    assert result.places[0] == place
    assert result.samples[0].startswith(place)


def test_withheld_shares_are_not_missing_ones(sound: Path, tmp_path: Path) -> None:
    build = broken(
        sound,
        tmp_path,
        "update intermediate.int_seizures__periods set is_withheld = true, is_mass_withheld = true where row_unit = 'seizure'; "
        "update marts.substance_share set n_seizures = null, n_seizures_all = null, share_count_pct = null, "
        "mass_kg = null, mass_kg_all = null, share_mass_pct = null, share_mass_pct_ex_top3 = null, "
        "share_mass_pct_lo = null, share_mass_pct_hi = null, mass_interval_reason = 'suppressed', "
        "count_reason = 'suppressed', mass_reason = 'suppressed', ex_top3_reason = 'suppressed' where source = 'seizures'",
    )
    results = run_suites(build, [SUITES["substance_share"]])
    assert not [r for r in results if not r.success]
