{{ config(materialized='view') }}

with series as (

    select
        *,
        make_date(calendar_year, 1, 1) as period_start,
        make_date(calendar_year, 12, 31) as period_end
    from {{ ref('int_unodc_prices__mapped') }}

),

figures as (

    select
        purities.*,
        countries.country_code,
        coalesce(substances.substance_group, 'unknown') as substance_group,
        make_date(purities.calendar_year, 1, 1) as period_start,
        make_date(purities.calendar_year, 12, 31) as period_end
    from {{ ref('stg_unodc_price_purity') }} as purities
    left join {{ ref('countries') }} as countries on purities.country_iso3 = countries.country_iso3
    left join {{ ref('int_substances__names') }} as names
        on {{ normalise('purities.substance_raw') }} = names.name
    left join {{ ref('substances') }} as substances on names.substance_code = substances.substance_code

),

priced as (

    select
        {{ indicator_columns('series', {
            'indicator_key':
                "concat('unodc_prices:', coalesce(series.country_code, series.country_raw), ':', series.substance_raw, ':', "
                ~ "cast(series.calendar_year as varchar))",
            'series': "'price_street_typical'",
            'substance': 'series.substance_raw',
            'substance_group': 'series.substance_group',
            'country_code': 'series.country_code',
            'area': 'series.area',
            'value': 'series.price_usd_per_g',
            'unit': "'USD/g'",
            'market_level': "'retail'",
            'publisher': "'UNODC'",
            'title': "'World Drug Report 2025, annex 8.3 Retail prices'",
            'locator':
                "concat(series.substance_raw, ', ', series.country_raw, ', ', "
                ~ "cast(series.calendar_year as varchar))",
            'comparability': "case when series.is_imputed then 'imputed' else 'ok' end",
        }) }}
    from series

),

priced_once as (

    select
        {{ indicator_columns('figures', {
            'indicator_key':
                "concat('unodc_price_purity:price:', figures.country_code, ':', figures.substance_raw, ':', "
                ~ "cast(figures.calendar_year as varchar))",
            'series': "'price_street_typical'",
            'substance': 'figures.substance_raw',
            'substance_group': 'figures.substance_group',
            'country_code': 'figures.country_code',
            'value': 'figures.price_usd_per_g',
            'unit': "'USD/g'",
            'market_level': "'retail'",
            'publisher': "'UNODC'",
            'title': "'World Drug Report 2025, annex 8.1 Prices and purities'",
            'locator':
                "concat(figures.substance_raw, ', ', figures.country_iso3, ', ', "
                ~ "cast(figures.calendar_year as varchar))",
        }) }}
    from figures
    where figures.price_usd_per_g is not null

),

purities as (

    select
        {{ indicator_columns('figures', {
            'indicator_key':
                "concat('unodc_price_purity:purity:', figures.country_code, ':', figures.substance_raw, ':', "
                ~ "cast(figures.calendar_year as varchar))",
            'series': "'purity_typical_pct'",
            'substance': 'figures.substance_raw',
            'substance_group': 'figures.substance_group',
            'country_code': 'figures.country_code',
            'value': 'figures.purity_pct',
            'unit': "'pct'",
            'market_level': "'retail'",
            'publisher': "'UNODC'",
            'title': "'World Drug Report 2025, annex 8.1 Prices and purities'",
            'locator':
                "concat(figures.substance_raw, ', ', figures.country_iso3, ', ', "
                ~ "cast(figures.calendar_year as varchar))",
        }) }}
    from figures
    where figures.purity_pct is not null

),

final as (

    select * from priced
    union all
    select * from priced_once
    union all
    select * from purities

)

select * from final
