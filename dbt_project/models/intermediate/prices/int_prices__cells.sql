with quotes as (

    select * from {{ ref('int_prices__mapped') }}
    where is_priced

),

ranks as (

    select * from {{ ref('int_intervals__ranks') }}

),

grains as (

    {{ period_grains() }}

),

by_period as (

    select
        quotes.*,
        grains.period_grain,
        {{ period_start('grains.period_grain', 'quotes.quoted_on') }} as period_start,
        {{ period_start("'half_year'", 'quotes.quoted_on') }} as half_year_start
    from quotes
    cross join grains

),

-- Some publishers collect prices twice a year: a year counts as delivered when both its halves hold quotes.
delivered as (

    select
        source,
        country_code,
        period_grain,
        period_start,
        count(distinct half_year_start) as n_half_years
    from by_period
    group by source, country_code, period_grain, period_start

),

known as (

    select
        source,
        country_code,
        cast(max(valid_from) as date) as known_on
    from quotes
    group by source, country_code

),

ranked as (

    select
        *,
        row_number() over (
            partition by
                source,
                country_code,
                substance_code,
                market_level,
                lot_band,
                currency,
                period_grain,
                period_start
            order by unit_price asc nulls last
        ) as value_rank,
        count(unit_price) over (
            partition by
                source,
                country_code,
                substance_code,
                market_level,
                lot_band,
                currency,
                period_grain,
                period_start
        ) as n_values
    from by_period

),

quoted as (

    select
        ranked.source,
        ranked.country_code,
        ranked.substance_code,
        ranked.market_level,
        ranked.lot_band,
        ranked.currency,
        ranked.period_grain,
        ranked.period_start,
        max(ranked.price_unit) as price_unit,
        count(*) as n_quotes,
        count(ranked.ln_unit_price_eur) as n_quotes_eur,
        count(ranked.ln_unit_price_eur_real) as n_quotes_eur_real,
        count(ranked.ln_pure_price_eur) as n_quotes_pure,
        count(case when ranked.purity_base > 0 then 1 end) as n_quotes_purity,
        {{ quantile('ranked.unit_price_low', 0.5) }} as unit_price_low,
        {{ quantile('ranked.unit_price', 0.5) }} as unit_price_median,
        {{ quantile('ranked.unit_price_high', 0.5) }} as unit_price_high,
        {{ value_at_rank('ranked.unit_price', 'ranked.value_rank', 'ranks.p50_lo') }} as unit_price_median_lo,
        {{ value_at_rank('ranked.unit_price', 'ranked.value_rank', 'ranks.p50_hi') }} as unit_price_median_hi,
        {{ geometric_mean('ranked.ln_unit_price') }} as unit_price_geomean,
        cast(round({{ mean_decimal('ranked.ln_unit_price') }}, 12) as decimal(18, 12)) as ln_unit_price_mean,
        {{ geometric_mean('ranked.ln_unit_price_eur') }} as unit_price_eur,
        {{ geometric_mean('ranked.ln_unit_price_eur_real') }} as unit_price_eur_real,
        {{ geometric_mean('ranked.ln_pure_price_eur') }} as pure_price_eur,
        bool_or(ranked.is_ecb_rate_used) as is_ecb_rate_used,
        bool_or(ranked.is_synthetic) as is_synthetic,
        bool_and(ranked.is_synthetic) as is_all_synthetic
    from ranked
    left join ranks on ranked.n_values = ranks.n
    group by
        ranked.source,
        ranked.country_code,
        ranked.substance_code,
        ranked.market_level,
        ranked.lot_band,
        ranked.currency,
        ranked.period_grain,
        ranked.period_start

),

seen as (

    select
        source,
        country_code,
        substance_code,
        market_level,
        lot_band,
        currency,
        max(price_unit) as price_unit
    from quoted
    group by source, country_code, substance_code, market_level, lot_band, currency

),

country_years as (

    select
        source,
        country_code,
        year(quoted_on) as calendar_year,
        bool_or(is_synthetic) as is_synthetic,
        bool_and(is_synthetic) as is_all_synthetic
    from quotes
    group by source, country_code, year(quoted_on)

),

periods as (

    select
        period_grain,
        period_start
    from by_period
    group by period_grain, period_start

),

-- Under control a cell quoted at any time stands in every period, so that a row's being there tells nothing.
cells as (

    select
        seen.source,
        seen.country_code,
        seen.substance_code,
        seen.market_level,
        seen.lot_band,
        seen.currency,
        seen.price_unit,
        periods.period_grain,
        periods.period_start,
        coalesce(quoted.n_quotes, 0) as n_quotes,
        coalesce(quoted.n_quotes_eur, 0) as n_quotes_eur,
        coalesce(quoted.n_quotes_eur_real, 0) as n_quotes_eur_real,
        coalesce(quoted.n_quotes_pure, 0) as n_quotes_pure,
        coalesce(quoted.n_quotes_purity, 0) as n_quotes_purity,
        quoted.unit_price_low,
        quoted.unit_price_median,
        quoted.unit_price_high,
        quoted.unit_price_median_lo,
        quoted.unit_price_median_hi,
        quoted.unit_price_geomean,
        quoted.ln_unit_price_mean,
        quoted.unit_price_eur,
        quoted.unit_price_eur_real,
        quoted.pure_price_eur,
        coalesce(quoted.is_ecb_rate_used, false) as is_ecb_rate_used,
        coalesce(quoted.is_synthetic, country_years.is_synthetic) as is_synthetic,
        {{ is_restricted('coalesce(quoted.is_all_synthetic, country_years.is_all_synthetic)') }} as is_controlled
    from seen
    inner join country_years
        on
            seen.source = country_years.source
            and seen.country_code = country_years.country_code
    inner join periods on country_years.calendar_year = year(periods.period_start)
    left join quoted
        on
            periods.period_grain = quoted.period_grain
            and periods.period_start = quoted.period_start
            and seen.source = quoted.source
            and seen.country_code = quoted.country_code
            and seen.substance_code = quoted.substance_code
            and seen.market_level = quoted.market_level
            and seen.lot_band = quoted.lot_band
            and seen.currency = quoted.currency

),

-- A year's prices of a drug at one level split into lot bands; the quotes with a purity are a part of the quotes.
judged as (

    select
        *,
        {{
            is_in_withheld_breakdown(
                '(is_controlled and ' ~ is_small('n_quotes') ~ ')',
                family=['source', 'country_code', 'substance_code', 'market_level', 'currency'],
                cell=['source', 'country_code', 'substance_code', 'market_level', 'lot_band', 'currency'],
            ) | indent(8)
        }} as is_withheld,
        {{
            is_in_withheld_breakdown(
                '(is_controlled and (' ~ is_small('n_quotes') ~ ' or ' ~ is_small('n_quotes_purity') ~ '))',
                family=['source', 'country_code', 'substance_code', 'market_level', 'currency'],
                cell=['source', 'country_code', 'substance_code', 'market_level', 'lot_band', 'currency'],
            ) | indent(8)
        }} as is_purity_withheld
    from cells

),

final as (

    select
        judged.*,
        {{ period_end('judged.period_grain', 'judged.period_start') }} as period_end,
        known.known_on > {{ period_end('judged.period_grain', 'judged.period_start') }}
        and (judged.period_grain <> 'year' or delivered.n_half_years = 2) as is_complete
    from judged
    inner join known
        on
            judged.source = known.source
            and judged.country_code = known.country_code
    left join delivered
        on
            judged.source = delivered.source
            and judged.country_code = delivered.country_code
            and judged.period_grain = delivered.period_grain
            and judged.period_start = delivered.period_start
    where judged.n_quotes > 0 or judged.is_withheld

)

select * from final
