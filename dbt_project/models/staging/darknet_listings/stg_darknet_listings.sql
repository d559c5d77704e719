-- The file holds no date: its month is that of the day the contract declares it known.
with listings as (

    select * from {{ source('raw', 'darknet_listings') }}
    where _valid_to is null

)

select
    'darknet_listings' as source,
    _delivery_id as delivery_id,
    _line as source_line,
    listing_no,
    vendor,
    upper({{ normalise("split_part(ships_from_to, '→', 1)") }}) as ships_from_raw,
    upper({{ normalise("split_part(ships_from_to, '→', 2)") }}) as ships_to_raw,
    cast(_valid_from as date) as listed_on,
    'cocaine' as substance_raw,
    lot_g,
    claimed_purity_pct,
    price_btc,
    _is_synthetic as is_synthetic,
    _valid_from as valid_from
from listings
