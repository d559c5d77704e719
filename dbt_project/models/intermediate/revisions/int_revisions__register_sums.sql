{{ config(materialized='view') }}

-- The registers' lines counted and weighed as they stood at each moment the register of that country and year was told
-- of. They are added up by group and by when they stood, before each moment asks for its own: a million lines are some
-- hundred sums. A line's mass counts to the third decimal of a gram, as its kilograms do to the sixth.
with history as (

    select * from {{ ref('int_revisions__register_history') }}

),

sums as (

    select
        country_code,
        seized_year,
        period_start,
        customs_case_id,
        substance_group,
        _is_synthetic,
        _valid_from,
        _valid_to,
        cast(count(*) as bigint) as n_lines,
        cast(count(mass_g) as bigint) as n_mass_lines,
        sum(cast(mass_g as decimal(18, 3))) as mass_g
    from history
    group by
        country_code,
        seized_year,
        period_start,
        customs_case_id,
        substance_group,
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
        scope,
        vintage_at,
        country_code,
        substance_group,
        period_start,
        cast(sum(n_lines) as bigint) as n_lines,
        cast(sum(n_mass_lines) as bigint) as n_mass_lines,
        cast(cast(sum(mass_g) as decimal(34, 3)) * cast(0.001 as decimal(4, 3)) as decimal(18, 6)) as mass_kg,
        bool_or(_is_synthetic) as is_synthetic,
        bool_and(_is_synthetic) as is_all_synthetic
    from counted
    group by
        scope,
        vintage_at,
        country_code,
        substance_group,
        period_start

)

select * from final
