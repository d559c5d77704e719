with years as (

    select * from {{ source('raw', 'cpi') }}
    where _valid_to is null

)

select
    'cpi' as source,
    _delivery_id as delivery_id,
    _line as source_line,
    country,
    country_iso3,
    year as calendar_year,
    inflation_pct,
    _is_synthetic as is_synthetic,
    _valid_from as valid_from
from years
