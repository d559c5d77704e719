-- One row per series of prices and period: the logarithm of the price as quoted, of the exchange rates of the period
-- and of the country's consumer prices. Every logarithm is an exact decimal, so differences of them add up exactly.
with cells as (

    select * from {{ ref('int_prices__cells') }}
    where lot_band <> 'unknown' and (ln_unit_price_mean is not null or is_withheld)

),

lines as (

    select * from {{ ref('int_price_fx__lines') }}
    where price is not null

),

rates as (

    select
        currency,
        period_grain,
        period_start,
        {{ ln_decimal('units_per_eur') }} as ln_units_per_eur
    from {{ ref('int_fx__periods') }}
    where is_complete

),

currencies as (

    select * from {{ ref('country_currencies') }}

),

countries as (

    select * from {{ ref('countries') }}

),

indices as (

    select * from {{ ref('int_cpi__chained') }}

),

prices as (

    select
        source,
        'agencies' as publisher,
        country_code,
        substance_code,
        market_level,
        lot_band,
        currency,
        period_grain,
        period_start,
        period_end,
        is_complete,
        price_unit,
        cast(n_quotes as bigint) as n_quotes,
        is_withheld,
        n_quotes < 3 as is_too_few,
        ln_unit_price_mean as ln_price,
        false as is_imputed,
        is_synthetic
    from cells
    union all
    select
        source,
        publisher,
        country_code,
        substance_code,
        market_level,
        lot_band,
        currency,
        period_grain,
        period_start,
        {{ period_end('period_grain', 'period_start') }} as period_end,
        cast(max(valid_from) as date) > {{ period_end('period_grain', 'period_start') }} as is_complete,
        'g' as price_unit,
        cast(count(*) as bigint) as n_quotes,
        false as is_withheld,
        false as is_too_few,
        cast(round({{ mean_decimal(ln_decimal('price')) }}, 12) as decimal(18, 12)) as ln_price,
        bool_or(is_imputed) as is_imputed,
        bool_or(is_synthetic) as is_synthetic
    from lines
    group by
        source,
        publisher,
        country_code,
        substance_code,
        market_level,
        lot_band,
        currency,
        period_grain,
        period_start

),

final as (

    select
        prices.*,
        currencies.currency as local_currency,
        case
            when prices.currency = 'EUR' then cast(0 as decimal(18, 12)) else quoted.ln_units_per_eur
        end as ln_quoted_per_eur,
        case
            when currencies.currency = 'EUR' then cast(0 as decimal(18, 12)) else local.ln_units_per_eur
        end as ln_local_per_eur,
        indices.ln_index as ln_consumer_prices
    from prices
    left join currencies
        on
            prices.country_code = currencies.country_code
            and year(prices.period_start) >= currencies.used_from_year
    left join rates as quoted
        on
            prices.currency = quoted.currency
            and prices.period_grain = quoted.period_grain
            and prices.period_start = quoted.period_start
    left join rates as local
        on
            currencies.currency = local.currency
            and prices.period_grain = local.period_grain
            and prices.period_start = local.period_start
    left join countries on prices.country_code = countries.country_code
    left join indices
        on
            countries.country_iso3 = indices.country_iso3
            and year(prices.period_start) = indices.calendar_year

)

select * from final
