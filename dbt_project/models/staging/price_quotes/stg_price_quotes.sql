with quotes as (

    select * from {{ source('raw', 'price_quotes') }}
    where _valid_to is null

)

select
    'price_quotes' as source,
    _delivery_id as delivery_id,
    _line as source_line,
    country_code,
    place,
    agency,
    quoted_on,
    substance_raw,
    market_level,
    lot_quantity,
    lot_unit_raw,
    price_low,
    price,
    price_high,
    upper(currency) as currency,
    purity,
    purity_basis,
    is_synthetic,
    _valid_from as valid_from
from quotes
