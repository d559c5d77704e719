{{ config(materialized='view') }}

-- The customs' lines of joint cases as they stood, and counted because the police case did not, at each moment the
-- register of that country and year was told of.
with history as (

    select * from {{ ref('int_revisions__register_history') }} where customs_case_id is not null

),

standing as (

    {{ as_known('seizures', ['history.country_code', 'history.seized_year'], history='history') | indent(4) }}

),

counted as (

    {{ without_joint_copies('standing') }}

),

final as (

    select
        _delivery_id as delivery_id,
        _line as source_line,
        scope,
        vintage_at,
        country_code,
        substance_group,
        period_start,
        mass_g,
        _is_synthetic as is_synthetic
    from counted

)

select * from final
