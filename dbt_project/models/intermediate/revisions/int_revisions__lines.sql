{#- A view: only the sums of its rows are kept in the build. A further source with figures adds a branch. -#}
{{ config(materialized='view') }}

-- One row per line, figure it goes into and moment at which it stood, for every source whose figures are revised.
with registers as (

    select * from {{ ref('int_revisions__registers') }}

),

unodc as (

    select * from {{ ref('int_revisions__unodc') }}

),

observations as (

    select * from {{ ref('int_revisions__observations') }}

),

register_counts as (

    select
        'seizures' as source,
        'seizures' as series,
        cast(null as varchar) as category,
        delivery_id,
        source_line,
        scope,
        vintage_at,
        country_code,
        substance_group,
        'half_year' as period_grain,
        period_start,
        'lines' as unit,
        cast(1 as decimal(18, 6)) as value,
        cast(1 as bigint) as n,
        true as is_restricted,
        is_synthetic
    from registers

),

register_masses as (

    select
        'seizures' as source,
        'seized_kg' as series,
        cast(null as varchar) as category,
        delivery_id,
        source_line,
        scope,
        vintage_at,
        country_code,
        substance_group,
        'half_year' as period_grain,
        period_start,
        'kg' as unit,
        cast(cast(mass_g as decimal(24, 6)) * cast(0.001 as decimal(4, 3)) as decimal(18, 6)) as value,
        cast(1 as bigint) as n,
        true as is_restricted,
        is_synthetic
    from registers
    where mass_g is not null

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

    select * from register_counts
    union all
    select * from register_masses
    union all
    select * from unodc_masses
    union all
    select * from observed

)

select * from final
