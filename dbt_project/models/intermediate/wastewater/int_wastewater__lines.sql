{#- A view: the pipeline keeps its rows beside the build for `beslag trace`. -#}
{{ config(materialized='view') }}

-- The lines behind each row of the mart: the load, and the site where its population is known.
with mapped as (

    select * from {{ ref('int_wastewater__mapped') }}

),

loads as (

    select
        source,
        delivery_id,
        source_line,
        site_id,
        substance,
        sampled_year as year
    from mapped

),

sites as (

    select
        site_source as source,
        site_delivery_id as delivery_id,
        site_source_line as source_line,
        site_id,
        substance,
        sampled_year as year
    from mapped
    where site_source is not null

),

final as (

    select * from loads
    union all
    select * from sites

)

select * from final
