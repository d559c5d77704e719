-- Price quotes name substances too, but map them on their own road; this list covers the seizure sources.
{{ config(materialized='view') }}

with lines as (

    select * from {{ ref('int_seizures__mapped') }}

),

final as (

    select
        source,
        substance_raw,
        cast(count(*) as bigint) as n_rows
    from lines
    where not is_substance_mapped
    group by source, substance_raw

)

select * from final
