with countries as (

    select * from {{ source('raw', 'countries') }}
    where _valid_to is null

)

select
    'countries' as source,
    _delivery_id as delivery_id,
    _line as source_line,
    country_code,
    country_iso3,
    numeric_code,
    country,
    region,
    sub_region,
    intermediate_region,
    _is_synthetic as is_synthetic,
    _valid_from as valid_from
from countries
