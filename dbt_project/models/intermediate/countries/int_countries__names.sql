-- Every name a country goes by: its label, and the names sources use besides.
with countries as (

    select * from {{ ref('countries') }}

),

names as (

    select * from {{ ref('country_names') }}

),

final as (

    select
        {{ normalise('country_label') }} as name,
        country_code,
        cast(null as varchar) as area
    from countries
    union all
    select
        name,
        country_code,
        area
    from names

)

select * from final
