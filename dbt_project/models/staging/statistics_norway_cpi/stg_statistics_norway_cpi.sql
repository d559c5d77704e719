with months as (

    select * from {{ source('raw', 'statistics_norway_cpi') }}
    where _valid_to is null and consumption_group = '00' and measure = 'KpiIndMnd'

)

select
    'statistics_norway_cpi' as source,
    _delivery_id as delivery_id,
    _line as source_line,
    'NO' as country_code,
    month_code,
    make_date(cast(substring(month_code, 1, 4) as integer), cast(substring(month_code, 6, 2) as integer), 1)
        as period_start,
    2025 as base_year,
    index_value as cpi_index,
    'Statistics Norway' as publisher,
    '14700' as table_code,
    _is_synthetic as is_synthetic,
    _valid_from as valid_from
from months
