{{ config(materialized='view') }}

-- The registers' lines, current and past, that are not annulled, with group and mass. Names and units are looked up
-- once for each way in which they are written, and before any moment asks for the lines that stood at it.
with history as (

    select * from {{ source('history', 'seizures') }} where status <> 'annulled'

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

written_names as (

    select substance_raw
    from {{ source('history', 'seizures') }}
    group by substance_raw

),

written_units as (

    select unit_raw
    from {{ source('history', 'seizures') }}
    group by unit_raw

),

known_names as (

    select
        written_names.substance_raw,
        substances.substance_group
    from written_names
    inner join names on {{ normalise('written_names.substance_raw') }} = names.name
    inner join substances on names.substance_code = substances.substance_code

),

weights as (

    select
        written_units.unit_raw,
        units.grams_central
    from written_units
    inner join units on {{ normalise('written_units.unit_raw') }} = units.unit_raw

),

final as (

    select
        history._delivery_id,
        history._line,
        history.country_code,
        year(history.seized_on) as seized_year,
        {{ period_start("'half_year'", 'history.seized_on') }} as period_start,
        case when history.agency = 'customs' then history.joint_case_id end as customs_case_id,
        coalesce(known_names.substance_group, 'unknown') as substance_group,
        {{ grams('history.quantity', 'weights.grams_central') | indent(8) }} as mass_g,
        history._is_synthetic,
        history._valid_from,
        history._valid_to
    from history
    left join known_names on history.substance_raw = known_names.substance_raw
    left join weights on history.unit_raw = weights.unit_raw

)

select * from final
