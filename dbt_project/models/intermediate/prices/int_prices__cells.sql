with quotes as (

    select * from {{ ref('int_prices__mapped') }}
    where is_priced

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

cells as (

    select
        source,
        country_code,
        substance_code,
        market_level,
        lot_band,
        currency,
        period_grain,
        period_start,
        max(price_unit) as price_unit,
        count(*) as n_quotes,
        count(ln_unit_price_eur) as n_quotes_eur,
        count(ln_unit_price_eur_real) as n_quotes_eur_real,
        count(ln_pure_price_eur) as n_quotes_pure,
        count(case when purity_base > 0 then 1 end) as n_quotes_purity,
        {{ quantile('unit_price_low', 0.5) }} as unit_price_low,
        {{ quantile('unit_price', 0.5) }} as unit_price_median,
        {{ quantile('unit_price_high', 0.5) }} as unit_price_high,
        {{ geometric_mean('ln_unit_price') }} as unit_price_geomean,
        cast(round({{ mean_decimal('ln_unit_price') }}, 12) as decimal(18, 12)) as ln_unit_price_mean,
        {{ geometric_mean('ln_unit_price_eur') }} as unit_price_eur,
        {{ geometric_mean('ln_unit_price_eur_real') }} as unit_price_eur_real,
        {{ geometric_mean('ln_pure_price_eur') }} as pure_price_eur,
        bool_or(is_ecb_rate_used) as is_ecb_rate_used,
        bool_or(is_synthetic) as is_synthetic,
        bool_and(is_synthetic) as is_all_synthetic
    from by_period
    group by source, country_code, substance_code, market_level, lot_band, currency, period_grain, period_start

),

final as (

    select
        cells.*,
        {{ period_end('cells.period_grain', 'cells.period_start') }} as period_end,
        known.known_on > {{ period_end('cells.period_grain', 'cells.period_start') }}
        and (cells.period_grain <> 'year' or delivered.n_half_years = 2) as is_complete
    from cells
    inner join known
        on
            cells.source = known.source
            and cells.country_code = known.country_code
    inner join delivered
        on
            cells.source = delivered.source
            and cells.country_code = delivered.country_code
            and cells.period_grain = delivered.period_grain
            and cells.period_start = delivered.period_start

)

select * from final
