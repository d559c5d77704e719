with claims as (

    select * from {{ source('raw', 'claims') }}
    where _valid_to is null

)

select
    'claims' as source,
    _delivery_id as delivery_id,
    _line as source_line,
    claim_id,
    document,
    publisher,
    published,
    locator,
    claim,
    substance,
    country,
    period,
    direction_or_value,
    unit,
    likelihood_word_raw,
    likelihood_low,
    likelihood_high,
    test_series,
    _is_synthetic as is_synthetic,
    _valid_from as valid_from
from claims
