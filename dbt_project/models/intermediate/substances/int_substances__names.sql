-- A name may stand in several languages; the seed's tests promise that it means one substance in all of them.
with names as (

    select * from {{ ref('substance_names') }}

),

final as (

    select
        name,
        min(substance_code) as substance_code,
        max(substance_code) as last_substance_code,
        cast(count(*) as bigint) as n_languages
    from names
    group by name

)

select * from final
