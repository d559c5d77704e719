"""Promises of the marts of prices, post, darknet turnover and published figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from great_expectations.expectations.expectation import Expectation

from expectations.disclosure import (
    breakdowns_withheld_whole,
    controlled,
    no_extreme_at_an_end,
    small_cells_withheld,
)
from expectations.mart import PERIOD, Mart, figure_or_reason, one_of, ordered
from expectations.suite import Note, no_rows_from

PRICE = Mart(
    "price_level",
    grain=(
        "source",
        "country_code",
        "substance_code",
        "market_level",
        "lot_band",
        "currency",
        "period_grain",
        "period_start",
    ),
    promised=(
        *(*PERIOD, "n_quotes", "price_per_g_low", "price_per_g_median", "price_per_g_high"),
        *("price_per_g_eur", "price_per_g_eur_real", "price_per_pure_g_eur"),
    ),
    lines="int_prices__mapped",
    line_keys=("country_code", "substance_code", "market_level", "lot_band", "currency"),
    line_date="quoted_on",
    filled_from="intermediate.int_prices__mapped where price_typical > 0",
)
POST = Mart(
    "postal_interceptions",
    grain=("source", "country_code", "selection", "period_grain", "period_start"),
    promised=(
        *(*PERIOD, "items_examined", "items_with_drugs", "share_pct", "share_pct_lo", "share_pct_hi"),
        *("estimated_total_low", "estimated_total_high"),
    ),
    lines="int_postal__mapped",
    line_keys=("country_code", "selection"),
    line_date="period_start",
    filled_from="intermediate.int_postal__mapped where n_months in (1, 6, 12)",  # quarters need their other half
    texts=("agency_scope",),
)
DARKNET = Mart(
    "darknet_turnover",
    grain=("source", "country_code", "platform_scope", "period_grain", "period_start"),
    promised=(
        *(*PERIOD, "turnover", "currency", "turnover_eur", "vendors", "buyers", "turnover_per_vendor"),
        *("dln_turnover", "dln_vendors", "dln_price", "dln_volume_per_vendor"),
    ),
    lines="int_darknet__mapped",
    line_keys=("country_code", "platform_scope"),
    line_date="period_start",
    filled_from="intermediate.int_darknet__mapped where n_months in (1, 6, 12)",
    texts=("agency_scope",),
)
INDICATORS = Mart(
    "indicators",
    grain=("indicator_key",),
    promised=(
        *(
            "series",
            "substance_group",
            "country_code",
            "period_start",
            "period_end",
            "value_low",
            "value",
            "value_high",
        ),
        *("unit", "kind", "publisher", "agency_scope", "locator", "comparability"),
    ),
    lines="int_indicators__mapped",
    line_keys=("indicator_key",),
    line_date=None,
    filled_from="raw.published_figures where _valid_to is null",
    texts=("area", "title", "locator", "publisher"),
)


def price_level(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Every quote in one cell, prices in order."""
    mart = PRICE
    yield no_rows_from(
        "select source from (select 'price_quotes' as source, (select count(*) from raw.price_quotes where _valid_to is null) "
        "as delivered, (select count(*) from intermediate.int_prices__mapped) as mapped) where delivered <> mapped",
        Note("no_quote_lost_from_raw", show="source"),
    )
    yield no_rows_from(
        f"""with quotes as (
            select country_code, count(*) as n from intermediate.int_prices__mapped where price_typical > 0 group by all
        ), shown as (
            select country_code, sum(n_quotes) as n, bool_or(n_quotes is null) as is_withheld from {mart.table}
            where period_grain = 'year' group by all
        )
        select country_code from quotes full outer join shown using (country_code)
        where coalesce(shown.n, 0) > coalesce(quotes.n, 0)
        or (not coalesce(shown.is_withheld, false) and coalesce(shown.n, 0) <> coalesce(quotes.n, 0))""",
        Note("quotes_all_there", "n_quotes", show="country_code"),
    )
    for column in ("price_per_g_low", "price_per_g_eur", "price_per_g_eur_real", "price_per_pure_g_eur"):
        yield mart.between(column, 0, None)
    yield ordered(mart, "prices_in_order", "price_per_g_low", "price_per_g_median", "price_per_g_high")
    yield ordered(
        mart,
        "interval_around_median",
        "price_per_g_median_lo",
        "price_per_g_median",
        "price_per_g_median_hi",
    )
    yield ordered(
        mart,
        "interval_around_unit_median",
        "price_per_unit_median_lo",
        "price_per_unit_median",
        "price_per_unit_median_hi",
    )
    yield figure_or_reason(
        mart,
        "coalesce(price_per_g_median_lo, price_per_unit_median_lo)",
        "interval_reason",
        "median_interval",
    )
    yield no_extreme_at_an_end(
        mart, restricted, ("price_per_g_median_lo", "price_per_unit_median_lo"), "n_quotes", 9
    )
    yield figure_or_reason(mart, "price_per_g_median", "price_reason")
    yield figure_or_reason(mart, "price_per_g_eur", "price_eur_reason")
    yield figure_or_reason(mart, "price_per_g_eur_real", "price_eur_real_reason")
    yield figure_or_reason(mart, "price_per_pure_g_eur", "price_per_pure_g_reason")
    yield mart.never(
        "price_of_enough_quotes",
        "price_per_g_median is not null and not coalesce(n_quotes >= 3, false)",
        "n_quotes",
    )
    yield one_of(mart, "market_level", ("retail", "wholesale", "import", "producer"))
    yield mart.never(
        "lot_band_known",
        "lot_band <> 'unknown' and lot_band not in (select lot_band from reference.lot_bands)",
        "lot_band",
    )
    for count in ("n_quotes", "n_quotes_purity"):
        yield small_cells_withheld(mart, restricted, count)
    cell = ("source", "country_code", "substance_code", "market_level", "currency")
    yield from breakdowns_withheld_whole(
        mart, restricted, "coalesce(price_reason = 'suppressed', false)", cell, (*cell, "lot_band")
    )


def postal_interceptions(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Shares within their intervals; only undeliverable and random mail is extrapolated."""
    mart = POST
    yield from _series_kept(mart, "postal_interceptions", ("country_code", "selection"), "items_with_drugs")
    for column in ("share_pct", "share_pct_lo", "share_pct_hi"):
        yield mart.between(column, 0, 100)
    yield mart.between("items_examined", 0, None)
    yield ordered(mart, "interval_around_share", "share_pct_lo", "share_pct", "share_pct_hi")
    yield ordered(mart, "totals_in_order", "estimated_total_low", "estimated_total_high")
    yield figure_or_reason(mart, "share_pct", "share_reason")
    yield figure_or_reason(mart, "estimated_total_high", "estimated_total_reason")
    yield mart.never(
        "share_of_enough_items",
        "share_pct is not null and not coalesce(items_examined >= 1000 and items_with_drugs between 5 and items_examined "
        "and abs(share_pct * items_examined - 100 * items_with_drugs) <= 1e-6 * items_examined, false)",
        "share_pct",
    )
    yield one_of(mart, "selection", ("undeliverable", "targeted", "random"))
    yield mart.never(
        "targeted_never_extrapolated",
        "selection = 'targeted' and coalesce(estimated_total_low, estimated_total_high) is not null",
        "estimated_total_high",
    )
    for count in ("items_examined", "items_with_drugs"):
        yield small_cells_withheld(mart, restricted, count)
    country = ("source", "country_code")
    hidden = "coalesce(share_reason = 'suppressed', false)"
    yield from breakdowns_withheld_whole(mart, restricted, hidden, country, (*country, "selection"))


def darknet_turnover(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Turnover splits exactly into sellers, volume per seller and price."""
    mart = DARKNET
    yield from _series_kept(mart, "darknet_turnover", ("country_code", "platform_scope"), "turnover")
    for column in ("turnover", "turnover_eur", "vendors", "buyers", "turnover_per_vendor"):
        yield mart.between(column, 0, None)
    yield mart.never(
        "parts_sum_to_the_change",
        "coalesce(dln_turnover, dln_vendors, dln_price, dln_volume_per_vendor) is not null "
        "and dln_turnover is distinct from dln_vendors + dln_price + dln_volume_per_vendor",
        "dln_turnover",
    )
    yield figure_or_reason(mart, "dln_turnover", "dln_reason")
    yield mart.never(
        "no_change_across_a_break", "comparability = 'break' and dln_turnover is not null", "dln_turnover"
    )
    yield figure_or_reason(mart, "turnover_eur", "turnover_eur_reason")
    yield mart.never(
        "turnover_per_vendor_is_the_ratio",
        "turnover_per_vendor is not null and not coalesce("
        "abs(turnover_per_vendor * vendors - turnover) <= 0.000001 * vendors, false)",
        "turnover_per_vendor",
    )
    yield mart.never(
        "turnover_per_buyer_is_the_ratio",
        "turnover_per_buyer is not null and not coalesce("
        "abs(turnover_per_buyer * buyers - turnover) <= 0.000001 * buyers, false)",
        "turnover_per_buyer",
    )
    yield ordered(mart, "turnover_within_its_range", "turnover_low", "turnover", "turnover_high")
    yield one_of(mart, "platform_scope", ("darknet_market", "open_web", "social_media", "hidden_online"))
    for count in ("vendors", "buyers"):
        yield small_cells_withheld(mart, restricted, count)
    country = ("source", "country_code")
    hidden = "coalesce(turnover_eur_reason = 'suppressed', false)"
    yield from breakdowns_withheld_whole(mart, restricted, hidden, country, (*country, "platform_scope"))
    yield mart.never(
        "turnover_withheld_with_its_sellers",
        f"{hidden} and coalesce(turnover, turnover_per_vendor, vendors, buyers) is not null",
        "turnover",
    )


def indicators(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Every published figure as published, every computed one as added up."""
    mart = INDICATORS
    figures = "coalesce(value_low, 0) + coalesce(value, 0) + coalesce(value_high, 0)"
    yield mart.nothing_from(
        "published_figures_all_there",
        f"select r.figure_id as indicator_key from raw.published_figures as r left join {mart.table} as m "
        "on r.figure_id = m.indicator_key and m.source = 'published_figures' where r._valid_to is null "
        "and (m.value_low is distinct from r.value_low or m.value is distinct from r.value "
        "or m.value_high is distinct from r.value_high or m.unit is distinct from r.unit)",
    )
    yield no_rows_from(
        f"""with lines as (
            select source, sum(total) as total from (
                select source, case combination when 'shared' then max(cast({figures} as decimal(38, 6)))
                    else sum(cast({figures} as decimal(38, 6))) end as total
                from intermediate.int_indicators__mapped where combination <> 'mean'
                group by source, indicator_key, combination
            ) group by source
        ), shown as (
            select source, sum(cast({figures} as decimal(38, 6))) as total from {mart.table}
            where source in (select source from lines) group by source
        )
        select source from lines full outer join shown using (source) where lines.total is distinct from shown.total""",
        Note("values_add_up_to_the_lines", "value", show="source"),
    )
    yield ordered(mart, "bounds_in_order", "value_low", "value", "value_high")
    yield mart.never("has_a_value", "coalesce(value_low, value, value_high) is null", "value")
    yield mart.never("period_in_order", "period_start > period_end", "period_start")
    for column in ("series", "unit", "kind", "publisher"):
        yield mart.not_null(column)
    yield one_of(mart, "kind", ("measured", "estimated", "assessed", "stated"))
    agencies = ("customs", "police", "border_patrol", "air_and_marine", "all_agencies", "unstated")
    yield one_of(mart, "agency_scope", agencies)
    yield mart.never("no_restricted_source", controlled(restricted), "source")


def _series_kept(mart: Mart, source: str, keys: tuple[str, str], measure: str) -> Iterator[Expectation]:
    """No line is lost on the way in, no series on the way out, and nothing is added that was not delivered."""
    lines, columns = f"intermediate.{mart.lines}", ", ".join(keys)
    yield no_rows_from(
        f"select '{source}' as source where (select count(*) from raw.{source} where _valid_to is null) "
        f"<> (select count(*) from {lines})",
        Note("no_line_lost_from_raw", show="source"),
    )
    yield no_rows_from(
        f"select {columns} from {lines} where n_months in (1, 6, 12) except select {columns} from {mart.table}",
        Note("no_series_lost", show=columns),
    )
    yield no_rows_from(
        f"select {columns} from (select {columns}, sum({measure}) as shown from {mart.table} where period_grain = 'year' "
        f"and list_contains(string_split(source, '+'), '{source}') group by all) "
        f"left join (select {columns}, sum({measure}) as delivered from {lines} group by all) using ({columns}) "
        "where shown > coalesce(delivered, 0)",
        Note("nothing_added", measure, show=columns),
    )
