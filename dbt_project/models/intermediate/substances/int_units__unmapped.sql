{{ config(materialized='view') }}

with lines as (

    select * from {{ ref('int_seizures__mapped') }}

),

final as (

    select
        source,
        unit_raw,
        cast(count(*) as bigint) as n_rows
    from lines
    where not is_unit_mapped
    group by source, unit_raw

)

select * from final
