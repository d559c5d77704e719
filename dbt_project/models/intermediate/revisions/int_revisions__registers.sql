{{ config(materialized='view') }}

-- Lines of the agencies' registers as they stood at each moment the register of that country and year was told of.
with lines as (

    {{ as_known('seizures', ['history.country_code', 'year(history.seized_on)']) }}

),

standing as (

    select
        *,
        case when agency = 'customs' then joint_case_id end as customs_case_id
    from lines
    where status <> 'annulled'

),

names as (

    select * from {{ ref('int_substances__names') }}

),

substances as (

    select * from {{ ref('substances') }}

),

units as (

    select * from {{ ref('units') }}

),

counted as (

    {{ without_joint_copies('standing') }}

),

final as (

    select
        counted._delivery_id as delivery_id,
        counted._line as source_line,
        counted.scope,
        counted.vintage_at,
        counted.country_code,
        coalesce(substances.substance_group, 'unknown') as substance_group,
        {{ period_start("'half_year'", 'counted.seized_on') }} as period_start,
        {{ grams('counted.quantity', 'units.grams_central') }} as mass_g,
        counted._is_synthetic as is_synthetic
    from counted
    left join names on {{ normalise('counted.substance_raw') }} = names.name
    left join substances on names.substance_code = substances.substance_code
    left join units on {{ normalise('counted.unit_raw') }} = units.unit_raw

)

select * from final
