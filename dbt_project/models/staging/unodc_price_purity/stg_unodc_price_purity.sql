with figures as (

    select * from {{ source('raw', 'unodc_price_purity') }}
    where _valid_to is null

)

select
    'unodc_price_purity' as source,
    _delivery_id as delivery_id,
    _line as source_line,
    drug as substance_raw,
    country_iso3,
    year as calendar_year,
    price_usd_per_g,
    purity_pct,
    _is_synthetic as is_synthetic,
    _valid_from as valid_from
from figures
