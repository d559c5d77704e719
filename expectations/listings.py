"""Promises of the mart of darknet listings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from great_expectations.expectations.expectation import Expectation

from expectations.mart import PERIOD, Mart, figure_or_reason, ordered
from expectations.suite import Note, no_rows_from

PRICES = ("price_btc_per_g_low", "price_btc_per_g_median", "price_btc_per_g_high")
PURE_PRICES = (
    "price_btc_per_claimed_pure_g_low",
    "price_btc_per_claimed_pure_g_median",
    "price_btc_per_claimed_pure_g_high",
)
LISTINGS = Mart(
    "darknet_listings",
    grain=("source", "country_code", "substance_code", "lot_band", "period_grain", "period_start"),
    promised=(
        *(*PERIOD, "n_listings", "n_vendors", *PRICES, *PURE_PRICES),
        "claimed_purity_median_pct",
    ),
    lines="int_darknet_listings__lines",
    line_keys=("country_code", "substance_code", "lot_band"),
    line_date="listed_on",
    filled_from="raw.darknet_listings where _valid_to is null",
)


def darknet_listings(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Every listing in one cell; prices of several vendors, in order."""
    mart = LISTINGS
    yield no_rows_from(
        "select 'darknet_listings' as source where (select count(*) from raw.darknet_listings where _valid_to is null) "
        f"<> (select coalesce(sum(n_listings), 0) from {mart.table})",
        Note("listings_all_there", "n_listings", show="source"),
    )
    for column in (*PRICES, *PURE_PRICES):
        yield mart.between(column, 0, None)
    yield mart.between("claimed_purity_median_pct", 0, 100)
    yield ordered(mart, "prices_in_order", *PRICES)
    yield ordered(mart, "pure_prices_in_order", *PURE_PRICES)
    for column in (*PRICES, *PURE_PRICES, "claimed_purity_median_pct"):
        yield ordered(mart, f"interval_around_{column}", f"{column}_lo", column, f"{column}_hi")
    yield figure_or_reason(mart, "price_btc_per_g_median_lo", "price_median_interval_reason")
    for column in ("price_btc_per_g_low_lo", "price_btc_per_g_high_hi"):
        yield figure_or_reason(mart, column, "price_quartile_interval_reason")
    yield figure_or_reason(mart, "claimed_purity_median_pct_lo", "purity_reason")
    yield figure_or_reason(mart, "price_btc_per_claimed_pure_g_median_hi", "pure_price_reason")
    for column in ("price_btc_per_claimed_pure_g_low_lo", "price_btc_per_claimed_pure_g_high_hi"):
        yield figure_or_reason(mart, column, "pure_price_quartile_interval_reason")
    yield figure_or_reason(mart, "price_btc_per_g_median", "price_reason")
    yield figure_or_reason(mart, "claimed_purity_median_pct", "purity_reason")
    yield figure_or_reason(mart, "price_btc_per_claimed_pure_g_median", "pure_price_reason")
    yield mart.never(
        "vendors_behind_listings", "not coalesce(n_vendors between 1 and n_listings, false)", "n_vendors"
    )
    yield mart.never(
        "price_of_several_vendors",
        "price_btc_per_g_median is not null and (n_listings < 3 or n_vendors < 3)",
        "n_vendors",
    )
    yield mart.never(
        "purity_of_enough_listings",
        "coalesce(claimed_purity_median_pct, price_btc_per_claimed_pure_g_median) is not null "
        "and (n_listings < 10 or n_vendors < 3)",
        "n_listings",
    )
    yield mart.never(
        "lot_band_known",
        "lot_band <> 'unknown' and lot_band not in (select lot_band from reference.lot_bands)",
        "lot_band",
    )
