-- A price that stays the same to the cent for three years or more running was hardly asked for again: it is marked
-- as imputed for the whole run, since the file does not tell which of its years was the one reported.
with prices as (

    select * from {{ ref('stg_unodc_prices') }}

),

names as (

    select * from {{ ref('int_substances__names') }}

),

substances as (

    select * from {{ ref('substances') }}

),

countries as (

    select * from {{ ref('int_countries__names') }}

),

-- Years without a gap and with one price share the number of the run.
numbered as (

    select
        *,
        calendar_year
        - row_number() over (
            partition by substance_raw, country_raw, price_usd_per_g order by calendar_year
        ) as run_number
    from prices

),

runs as (

    select
        *,
        count(*) over (partition by substance_raw, country_raw, price_usd_per_g, run_number) as n_years_unchanged
    from numbered

),

final as (

    select
        runs.source,
        runs.delivery_id,
        runs.source_line,
        runs.substance_raw,
        coalesce(substances.substance_group, 'unknown') as substance_group,
        runs.country_raw,
        countries.country_code,
        case when countries.name is null then runs.country_raw end as area,
        runs.calendar_year,
        runs.price_usd_per_g,
        cast(runs.n_years_unchanged as bigint) as n_years_unchanged,
        runs.n_years_unchanged >= 3 as is_imputed,
        runs.is_synthetic,
        runs.valid_from
    from runs
    left join names on {{ normalise('runs.substance_raw') }} = names.name
    left join substances on names.substance_code = substances.substance_code
    left join countries on {{ normalise('runs.country_raw') }} = countries.name

)

select * from final
