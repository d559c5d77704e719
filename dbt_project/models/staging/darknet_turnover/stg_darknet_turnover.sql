with observations as (

    select * from {{ source('raw', 'darknet_turnover') }}
    where _valid_to is null

)

select
    'darknet_turnover' as source,
    _delivery_id as delivery_id,
    _line as source_line,
    country_code,
    agency,
    platform_scope,
    period_start,
    period_end,
    turnover,
    upper(currency) as currency,
    vendors,
    buyers,
    price_index,
    is_synthetic,
    _valid_from as valid_from
from observations
