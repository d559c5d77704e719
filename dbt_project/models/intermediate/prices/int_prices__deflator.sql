-- What a price in a country's own currency is divided by to give 2015 euros: consumer prices of the country
-- relative to 2015, times units of the currency per euro in 2015. Dividing a euro price of today by the country's
-- index would take inflation out twice where the currency has fallen with it.
{{ config(materialized='view') }}

with indices as (

    select * from {{ ref('int_cpi__chained') }}

),

countries as (

    select * from {{ ref('countries') }}

),

currencies as (

    select * from {{ ref('country_currencies') }}

),

rates as (

    select
        currency,
        units_per_eur
    from {{ ref('int_fx__periods') }}
    where period_grain = 'year' and period_start = make_date(2015, 1, 1)
    union all
    select
        'EUR' as currency,
        cast(1 as decimal(18, 9)) as units_per_eur

),

final as (

    select
        currencies.country_code,
        currencies.currency,
        indices.calendar_year,
        {{ ln_decimal('rates.units_per_eur') }} + indices.ln_index as ln_deflator
    from indices
    inner join countries on indices.country_iso3 = countries.country_iso3
    inner join currencies
        on
            countries.country_code = currencies.country_code
            and indices.calendar_year >= currencies.used_from_year
    inner join rates on currencies.currency = rates.currency

)

select * from final
