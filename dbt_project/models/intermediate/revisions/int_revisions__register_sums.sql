{{ config(materialized='view') }}

-- The lines of int_revisions__registers counted and weighed. They are added up by what they say and when they
-- stood, before each moment asks for its own: a million lines are some thousand sums. A line's mass counts to
-- the third decimal of a gram, as its kilograms do to the sixth.
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

written_units as (

    select unit_raw
    from history
    group by unit_raw

),

weights as (

    select
        written_units.unit_raw,
        units.grams_central
    from written_units
    inner join units on {{ normalise('written_units.unit_raw') }} = units.unit_raw

),

weighed as (

    select
        history.country_code,
        history.seized_on,
        case when history.agency = 'customs' then history.joint_case_id end as customs_case_id,
        history.substance_raw,
        history._is_synthetic,
        history._valid_from,
        history._valid_to,
        cast(
            {{ grams('history.quantity', 'weights.grams_central') | indent(12) }} as decimal(18, 3)
        ) as mass_g
    from history
    left join weights on history.unit_raw = weights.unit_raw

),

sums as (

    select
        country_code,
        year(seized_on) as seized_year,
        {{ period_start("'half_year'", 'seized_on') }} as period_start,
        customs_case_id,
        substance_raw,
        _is_synthetic,
        _valid_from,
        _valid_to,
        cast(count(*) as bigint) as n_lines,
        cast(count(mass_g) as bigint) as n_mass_lines,
        sum(mass_g) as mass_g
    from weighed
    group by
        country_code,
        year(seized_on),
        {{ period_start("'half_year'", 'seized_on') }},
        customs_case_id,
        substance_raw,
        _is_synthetic,
        _valid_from,
        _valid_to

),

standing as (

    {{ as_known('seizures', ['history.country_code', 'history.seized_year'], history='sums') }}

),

counted as (

    {{ without_joint_copies('standing') }}

),

final as (

    select
        counted.scope,
        counted.vintage_at,
        counted.country_code,
        coalesce(substances.substance_group, 'unknown') as substance_group,
        counted.period_start,
        cast(sum(counted.n_lines) as bigint) as n_lines,
        cast(sum(counted.n_mass_lines) as bigint) as n_mass_lines,
        cast(cast(sum(counted.mass_g) as decimal(34, 3)) * cast(0.001 as decimal(4, 3)) as decimal(18, 6)) as mass_kg,
        bool_or(counted._is_synthetic) as is_synthetic,
        bool_and(counted._is_synthetic) as is_all_synthetic
    from counted
    left join names on {{ normalise('counted.substance_raw') }} = names.name
    left join substances on names.substance_code = substances.substance_code
    group by
        counted.scope,
        counted.vintage_at,
        counted.country_code,
        coalesce(substances.substance_group, 'unknown'),
        counted.period_start

)

select * from final
