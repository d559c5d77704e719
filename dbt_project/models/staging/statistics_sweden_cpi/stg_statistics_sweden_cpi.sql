with months as (

    select * from {{ source('raw', 'statistics_sweden_cpi') }}
    where _valid_to is null and measure = '00000808'

)

select
    'statistics_sweden_cpi' as source,
    _delivery_id as delivery_id,
    _line as source_line,
    'SE' as country_code,
    month_code,
    make_date(cast(substring(month_code, 1, 4) as integer), cast(substring(month_code, 6, 2) as integer), 1)
        as period_start,
    2020 as base_year,
    index_value as cpi_index,
    'Statistics Sweden' as publisher,
    'TAB6596' as table_code,
    _is_synthetic as is_synthetic,
    _valid_from as valid_from
from months
