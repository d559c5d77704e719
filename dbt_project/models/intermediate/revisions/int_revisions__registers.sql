{{ config(materialized='view') }}

-- Lines of the agencies' registers as they stood at each moment the register of that country and year was told of.
with lines as (

    {{ as_known('seizures', ['history.country_code', 'year(history.seized_on)']) }}

),

police_cases as (

    select
        country_code,
        case_id,
        _valid_from,
        _valid_to
    from {{ source('history', 'seizures') }}
    where agency = 'police' and status <> 'annulled'

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

-- A joint case stands in both agencies' registers; the police case is kept as long as one of its lines stands.
counted as (

    select lines.*
    from lines
    where
        lines.status <> 'annulled'
        and not (
            lines.agency = 'customs'
            and exists (
                select 1 from police_cases
                where
                    police_cases.country_code = lines.country_code
                    and police_cases.case_id = lines.joint_case_id
                    and police_cases._valid_from <= lines.vintage_at
                    and (police_cases._valid_to is null or police_cases._valid_to > lines.vintage_at)
            )
        )

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
