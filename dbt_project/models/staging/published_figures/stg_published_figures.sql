with figures as (

    select * from {{ source('raw', 'published_figures') }}
    where _valid_to is null

)

select
    'published_figures' as source,
    _delivery_id as delivery_id,
    _line as source_line,
    figure_id,
    series,
    substance,
    country as country_code,
    area,
    period_start,
    period_end,
    value_low,
    value,
    value_high,
    unit,
    market_level,
    agency_scope,
    is_secondary_source,
    kind,
    publisher,
    title,
    published_date,
    url_or_file,
    locator,
    note,
    _is_synthetic as is_synthetic,
    _valid_from as valid_from
from figures
