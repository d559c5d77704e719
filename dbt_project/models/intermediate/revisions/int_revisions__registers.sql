{{ config(materialized='view') }}

-- Lines of the agencies' registers as they stood at each moment the register of that country and year was told of.
with standing as (

    {{
        as_known(
            'seizures',
            ['history.country_code', 'history.seized_year'],
            history=ref('int_revisions__register_history'),
        ) | indent(4)
    }}

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
        customs_case_id is not null as is_joint,
        _is_synthetic as is_synthetic
    from counted

)

select * from final
