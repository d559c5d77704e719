-- What `beslag trace` keeps of a listing: everything but its vendor.
{{ config(materialized='view') }}

with listings as (

    select * from {{ ref('int_darknet_listings__mapped') }}

),

final as (

    select
        source,
        delivery_id,
        source_line,
        country_code,
        substance_code,
        lot_band,
        period_grain,
        listed_on
    from listings

)

select * from final
