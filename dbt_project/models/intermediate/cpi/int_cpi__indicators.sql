{#- From 1990 on, the first year of the price series that the index deflates. -#}
{{ config(materialized='view') }}

with years as (

    select * from {{ ref('stg_cpi') }}

),

chained as (

    select * from {{ ref('int_cpi__chained') }}
    where calendar_year >= 1990 and calendar_year <> 2015

),

countries as (

    select * from {{ ref('countries') }}

),

-- A group of countries has no ISO code: it is named as the area, but for the European Union.
placed as (

    select
        years.*,
        case when years.country_iso3 = 'EUU' then 'EU' else countries.country_code end as country_code,
        case
            when countries.country_code is null and years.country_iso3 <> 'EUU' then years.country
        end as area,
        make_date(years.calendar_year, 1, 1) as period_start,
        make_date(years.calendar_year, 12, 31) as period_end
    from years
    left join countries on years.country_iso3 = countries.country_iso3

),

inflation as (

    select
        {{ indicator_columns('placed', {
            'indicator_key':
                "concat('cpi:inflation:', placed.country_iso3, ':', cast(placed.calendar_year as varchar))",
            'series': "'cpi_inflation_pct'",
            'country_code': 'placed.country_code',
            'area': 'placed.area',
            'value': 'placed.inflation_pct',
            'unit': "'pct'",
            'publisher': "'World Bank'",
            'title': "'Inflation, consumer prices (annual %), FP.CPI.TOTL.ZG'",
            'locator': "concat(placed.country_iso3, ', ', cast(placed.calendar_year as varchar))",
        }) }}
    from placed

),

-- Every yearly change between 2015 and the year of the index stands behind it.
indexed as (

    select
        {{ indicator_columns('placed', {
            'indicator_key':
                "concat('cpi:index:', placed.country_iso3, ':', cast(chained.calendar_year as varchar))",
            'series': "'cpi_index_2015_100'",
            'country_code': 'placed.country_code',
            'area': 'placed.area',
            'period_start': 'make_date(chained.calendar_year, 1, 1)',
            'period_end': 'make_date(chained.calendar_year, 12, 31)',
            'value': 'cast(round(100 * chained.index_to_2015, 6) as decimal(18, 6))',
            'combination': "'shared'",
            'unit': "'2015 = 100'",
            'publisher': "'World Bank'",
            'title': "'Inflation, consumer prices (annual %), FP.CPI.TOTL.ZG, chain-linked here'",
            'locator': "concat(placed.country_iso3, ', 2015 to ', cast(chained.calendar_year as varchar))",
        }) }}
    from chained
    inner join placed
        on
            chained.country_iso3 = placed.country_iso3
            and (
                (placed.calendar_year > 2015 and chained.calendar_year >= placed.calendar_year)
                or (placed.calendar_year <= 2015 and chained.calendar_year < placed.calendar_year)
            )

),

final as (

    select * from inflation
    union all
    select * from indexed

)

select * from final
