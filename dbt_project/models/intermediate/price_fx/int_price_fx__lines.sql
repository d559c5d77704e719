-- The lines behind marts.price_fx, one row per quote or published price and length of the periods it counts in.
with grains as (

    {{ period_grains() }}

),

quotes as (

    select * from {{ ref('int_prices__mapped') }}
    where is_priced and lot_band <> 'unknown'

),

series as (

    select * from {{ ref('int_unodc_prices__mapped') }}

),

figures as (

    select * from {{ ref('stg_published_figures') }}
    where
        series = 'price_street_median'
        and country_code is not null
        and substring(unit, 4) = '/g'
        and coalesce(value, 0) > 0
        and period_start = make_date(year(period_start), 1, 1)
        and period_end = make_date(year(period_start), 12, 31)

),

names as (

    select * from {{ ref('int_substances__names') }}

),

final as (

    select
        quotes.source,
        quotes.delivery_id,
        quotes.source_line,
        'agencies' as publisher,
        quotes.country_code,
        quotes.substance_code,
        quotes.market_level,
        quotes.lot_band,
        quotes.currency,
        grains.period_grain,
        {{ period_start('grains.period_grain', 'quotes.quoted_on') }} as period_start,
        quotes.quoted_on as priced_on,
        cast(null as decimal(18, 6)) as price,
        false as is_imputed,
        quotes.is_synthetic,
        quotes.valid_from
    from quotes
    cross join grains
    union all
    select
        series.source,
        series.delivery_id,
        series.source_line,
        'UNODC' as publisher,
        series.country_code,
        coalesce(names.substance_code, 'unknown') as substance_code,
        'retail' as market_level,
        'unknown' as lot_band,
        'USD' as currency,
        'year' as period_grain,
        make_date(series.calendar_year, 1, 1) as period_start,
        make_date(series.calendar_year, 1, 1) as priced_on,
        series.price_usd_per_g as price,
        series.is_imputed,
        series.is_synthetic,
        series.valid_from
    from series
    left join names on {{ normalise('series.substance_raw') }} = names.name
    where series.country_code is not null
    union all
    select
        figures.source,
        figures.delivery_id,
        figures.source_line,
        figures.publisher,
        figures.country_code,
        coalesce(names.substance_code, 'unknown') as substance_code,
        'retail' as market_level,
        'unknown' as lot_band,
        substring(figures.unit, 1, 3) as currency,
        'year' as period_grain,
        figures.period_start,
        figures.period_start as priced_on,
        figures.value as price,
        false as is_imputed,
        figures.is_synthetic,
        figures.valid_from
    from figures
    left join names on {{ normalise('figures.substance') }} = names.name

)

select * from final
