{{ config(materialized='view') }}

-- What sources other than registers state, a row per line, figure it goes into and moment at which it stood. A further
-- source with figures adds a branch.
with unodc as (

    select * from {{ ref('int_revisions__unodc') }}

),

observations as (

    select * from {{ ref('int_revisions__observations') }}

),

unodc_masses as (

    select
        'unodc_seizures' as source,
        'seized_kg' as series,
        cast(null as varchar) as category,
        delivery_id,
        source_line,
        scope,
        vintage_at,
        country_code,
        substance_group,
        'year' as period_grain,
        period_start,
        'kg' as unit,
        cast(mass_kg as decimal(18, 6)) as value,
        cast(null as bigint) as n,
        false as is_restricted,
        is_synthetic
    from unodc
    where mass_kg is not null

),

observed as (

    select
        source,
        series,
        category,
        delivery_id,
        source_line,
        scope,
        vintage_at,
        country_code,
        cast(null as varchar) as substance_group,
        period_grain,
        period_start,
        unit,
        value,
        cast(n as bigint) as n,
        true as is_restricted,
        is_synthetic
    from observations

),

final as (

    select * from unodc_masses
    union all
    select * from observed

)

select * from final
