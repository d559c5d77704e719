with places as (

    select * from {{ source('raw', 'unlocode') }}
    where _valid_to is null

)

select
    'unlocode' as source,
    _delivery_id as delivery_id,
    _line as source_line,
    concat(country_code, location_code) as locode,
    country_code,
    place_name as place_label,
    subdivision as subdivision_code,
    status as status_code,
    functions,
    _is_synthetic as is_synthetic,
    _valid_from as valid_from
from places
