with prices as (

    select * from {{ source('raw', 'unodc_prices') }}
    where _valid_to is null

)

select
    'unodc_prices' as source,
    _delivery_id as delivery_id,
    _line as source_line,
    drug as substance_raw,
    country as country_raw,
    year as calendar_year,
    price_usd_per_g,
    _is_synthetic as is_synthetic,
    _valid_from as valid_from
from prices
