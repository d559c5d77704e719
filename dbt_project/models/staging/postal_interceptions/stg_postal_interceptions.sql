with observations as (

    select * from {{ source('raw', 'postal_interceptions') }}
    where _valid_to is null

)

select
    'postal_interceptions' as source,
    _delivery_id as delivery_id,
    _line as source_line,
    country_code,
    agency,
    period_start,
    period_end,
    selection,
    mail_type,
    items_examined,
    items_with_drugs,
    items_in_stream,
    is_synthetic,
    _valid_from as valid_from
from observations
