"""Promises of the marts of the price chain, exchange rates in prices, price indices and supply."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from great_expectations.expectations.expectation import Expectation

from expectations.disclosure import small_cells_withheld
from expectations.mart import PERIOD, Mart, figure_or_reason, one_of, ordered
from expectations.suite import Note, no_rows_from

CHAIN = Mart(
    "price_chain",
    grain=("substance_group", "stage", "country_code", "place", "period_grain", "period_start"),
    promised=(
        *(*PERIOD, "nok_per_kg_low", "nok_per_kg_high", "bound_type", "ratio_to_previous_low"),
        *(
            "ratio_to_previous_high",
            "ratio_to_producer_low",
            "ratio_to_producer_high",
            "figure_ids",
            "comparability",
        ),
    ),
    lines="int_price_chain__figures",
    line_keys=("substance_group", "stage", "country_code", "place", "period_start"),
    line_date=None,
    filled_from="intermediate.int_price_chain__figures as f "
    "where exists (select 1 from intermediate.int_price_chain__figures as g "
    "where f.substance_group = g.substance_group and f.period_start = g.period_start and f.stage <> g.stage)",
    texts=("place", "publishers"),
)
FX = Mart(
    "price_fx",
    grain=(
        *("source", "publisher", "country_code", "substance_code", "market_level", "lot_band", "currency"),
        *("period_grain", "period_start"),
    ),
    promised=(
        *(*PERIOD, "dln_price_local", "dln_price_eur", "dln_fx", "dln_price_local_real", "split_reason"),
        "comparability",
    ),
    lines="int_price_fx__lines",
    line_keys=(
        *("publisher", "country_code", "substance_code", "market_level", "lot_band", "currency"),
        *("period_grain", "period_start"),
    ),
    line_date=None,
    filled_from="intermediate.int_price_fx__lines",
    texts=("publisher",),
)
INDEX = Mart(
    "price_index",
    grain=(
        *("source", "country_code", "index_scope", "substance_code", "market_level", "lot_band", "currency"),
        *("period_grain", "period_start"),
    ),
    promised=(
        *(
            *PERIOD,
            "base_period_start",
            "n_quotes",
            "n_quotes_base",
            "jevons",
            "laspeyres",
            "paasche",
            "fisher",
        ),
        *("weight_source", "comparability"),
    ),
    lines="int_price_index__lines",
    line_keys=("country_code", "index_scope", "substance_code", "market_level", "lot_band", "currency"),
    line_date="quoted_on",
    filled_from="intermediate.int_price_index__lines",
)
SUPPLY = Mart(
    "supply_range",
    grain=("supply_id",),
    promised=(
        *(
            "measure",
            "country_code",
            "substance_group",
            "period_start",
            "period_end",
            "value_low",
            "value_central",
        ),
        *("value_high", "unit", "bound_type", "is_in_conflict", "comparability"),
    ),
    lines="int_supply__inputs",
    line_keys=("supply_id",),
    line_date=None,
    filled_from="intermediate.int_supply__inputs",
)
MEASURES = (
    *("supply", "supply_revision", "implied_turnover", "implied_price", "interception_of_supply"),
    *("consumption_sampled_cities", "interception_of_use"),
)


def price_chain(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Published prices only, in the order of the chain, with ratios that say when a bound is missing."""
    mart = CHAIN
    yield mart.nothing_from(
        "prices_are_the_published_ones",
        f"select m.* from {mart.table} as m left join (select {', '.join(mart.line_keys)}, "
        "min(nok_per_kg_low) as low, max(nok_per_kg_high) as high, count(*) as n, "
        "bool_or(nok_per_kg_low is null) as is_low_open, bool_or(nok_per_kg_high is null) as is_high_open "
        f"from intermediate.{mart.lines} group by all) as r using ({', '.join(mart.line_keys)}) "
        "where m.n_figures is distinct from r.n "
        "or m.nok_per_kg_low is distinct from case when not r.is_low_open then cast(r.low as double) end "
        "or m.nok_per_kg_high is distinct from case when not r.is_high_open then cast(r.high as double) end",
        "nok_per_kg_low",
    )
    yield mart.never("never_synthetic", "is_synthetic", "is_synthetic")
    yield one_of(mart, "stage", ("producer", "import", "wholesale", "retail"))
    yield mart.between("nok_per_kg_low", 0, None)
    yield ordered(mart, "prices_in_order", "nok_per_kg_low", "nok_per_kg_high")
    yield ordered(mart, "step_in_order", "ratio_to_previous_low", "ratio_to_previous_high")
    yield ordered(mart, "mark_up_in_order", "ratio_to_producer_low", "ratio_to_producer_high")
    yield figure_or_reason(mart, "ratio_to_previous_low", "ratio_to_previous_reason")
    yield figure_or_reason(mart, "ratio_to_producer_low", "ratio_to_producer_reason")
    yield one_of(mart, "bound_type", ("closed", "nominal"))
    yield mart.never(
        "open_bound_is_nominal",
        "bound_type <> 'nominal' and (nok_per_kg_low is null or nok_per_kg_high is null)",
        "bound_type",
    )


def price_fx(restricted: Sequence[str]) -> Iterator[Expectation]:
    """A change of price is exactly that of the euro price and that of the rate, where a euro price was quoted."""
    mart = FX
    keys = ", ".join(mart.line_keys)
    yield no_rows_from(
        f"select {keys} from intermediate.{mart.lines} except select {keys} from {mart.table}",
        Note("no_price_lost", show=keys),
    )
    yield mart.never(
        "parts_sum_to_the_change",
        "dln_price_eur is not null and dln_price_local is distinct from dln_price_eur + dln_fx",
        "dln_price_local",
    )
    yield mart.never(
        "only_other_money_is_split",
        "dln_price_eur is not null and (currency is not distinct from local_currency or local_currency = 'EUR')",
        "dln_price_eur",
    )
    yield mart.never(
        "real_change_is_nominal_less_inflation",
        "dln_price_local_real is distinct from dln_price_local - dln_consumer_prices "
        "and dln_price_local_real_reason is null",
        "dln_price_local_real",
    )
    yield figure_or_reason(mart, "dln_price_local", "dln_price_local_reason")
    yield figure_or_reason(mart, "dln_price_eur", "split_reason")
    yield figure_or_reason(mart, "dln_fx", "dln_fx_reason")
    yield figure_or_reason(mart, "dln_price_local_real", "dln_price_local_real_reason")
    yield mart.never(
        "change_of_enough_quotes",
        "dln_price_local is not null and publisher = 'agencies' and not coalesce(n_quotes >= 3 and n_quotes_prev >= 3, false)",
        "n_quotes",
    )
    yield mart.never(
        "compared_with_an_earlier_year",
        "dln_price_local is not null and not coalesce(previous_period_start < period_start "
        "and month(previous_period_start) = month(period_start), false)",
        "previous_period_start",
    )
    yield mart.never(
        "imputed_prices_do_not_move",
        "comparability = 'imputed' and dln_price_local is not null",
        "comparability",
    )
    yield one_of(mart, "market_level", ("retail", "wholesale", "import", "producer"))
    for count in ("n_quotes", "n_quotes_prev"):
        yield small_cells_withheld(mart, restricted, count)


def price_index(restricted: Sequence[str]) -> Iterator[Expectation]:
    """100 in the declared base, from enough quotes, and weighted only by a source that is named."""
    mart = INDEX
    keys = ", ".join(mart.line_keys)
    yield no_rows_from(
        f"select {keys} from intermediate.{mart.lines} where index_scope = 'cell' except select {keys} from {mart.table}",
        Note("no_cell_lost", show=keys),
    )
    for column in ("jevons", "laspeyres", "paasche", "fisher"):
        yield mart.between(column, 0, None)
    yield one_of(mart, "index_scope", ("cell", "basket"))
    yield mart.never(
        "base_is_100",
        "period_start = base_period_start and greatest(abs(jevons - 100), abs(fisher - 100)) > 1e-6",
        "jevons",
    )
    yield mart.never(
        "base_is_the_declared_one",
        "jevons is not null and base_period_start not in "
        "(select make_date(base_year, 1, 1) from reference.price_index_bases)",
        "base_period_start",
    )
    yield mart.never(
        "index_of_enough_quotes",
        "jevons is not null and not coalesce(n_quotes >= 5 and n_quotes_base >= 5, false)",
        "n_quotes",
    )
    yield mart.never(
        "fisher_lies_between",
        "fisher is not null and not coalesce(fisher between least(laspeyres, paasche) - 1e-6 "
        "and greatest(laspeyres, paasche) + 1e-6, false)",
        "fisher",
    )
    yield figure_or_reason(mart, "jevons", "index_reason")
    yield figure_or_reason(mart, "fisher", "weighted_reason")
    yield figure_or_reason(mart, "weight_source", "weighted_reason")
    for count in ("n_quotes", "n_quotes_base"):
        yield small_cells_withheld(mart, restricted, count)


def supply_range(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Ranges of real figures; an interception rate is never a point."""
    mart = SUPPLY
    yield mart.nothing_from(
        "every_estimate_has_its_inputs",
        f"select m.* from {mart.table} as m left join (select supply_id, count(*) as n from intermediate.{mart.lines} "
        "group by supply_id) as r using (supply_id) where m.n_inputs is distinct from r.n",
        "n_inputs",
    )
    yield mart.never("never_synthetic", "is_synthetic", "is_synthetic")
    yield one_of(mart, "measure", MEASURES)
    yield mart.between("value_low", 0, None)
    yield ordered(mart, "range_in_order", "value_low", "value_central", "value_high")
    yield mart.never(
        "interception_is_a_range",
        "starts_with(measure, 'interception') and (coalesce(value_low, value_high) is null or value_high > 100 "
        "or (value_central is not null and not coalesce(value_low < value_high, false)))",
        "value_central",
    )
    yield mart.never(
        "missing_value_says_why",
        "(value_low is null or value_central is null or value_high is null) <> (missing_value_reason is not null)",
        "missing_value_reason",
    )
    yield one_of(mart, "bound_type", ("closed", "nominal"))
    yield mart.never(
        "conflict_only_where_compared",
        "(compared_with is null) <> (is_in_conflict is null)",
        "is_in_conflict",
    )
    yield mart.never(
        "revised_knowledge_is_no_growth",
        "revision_factor is not null and comparability = 'ok'",
        "comparability",
    )
