{#- A view: marts do not read it; it is written out once a build, for tracing. -#}
{{ config(materialized='view') }}

with lines as (

    select * from {{ ref('int_seizures__mapped') }} where is_in_seizure_marts

),

stated as (

    select * from {{ ref('int_seizures__stated') }}

),

records as (

    select * from {{ ref('int_seizures__records') }}

),

final as (

    select
        source,
        seizure_key,
        delivery_id,
        source_line,
        country_code,
        substance_group,
        substance_code,
        cast(null as varchar) as period_grain,
        seized_on
    from lines
    union all
    select
        source,
        cast(null as varchar) as seizure_key,
        delivery_id,
        source_line,
        country_code,
        substance_group,
        substance_code,
        period_grain,
        period_start as seized_on
    from stated
    union all
    select
        source,
        cast(null as varchar) as seizure_key,
        delivery_id,
        source_line,
        country_code,
        substance_group,
        substance_code,
        period_grain,
        period_start as seized_on
    from records

)

select * from final
