-- Fiscal year 2019 runs from October 2018 to September 2019.
with totals as (

    select
        *,
        case month
            when 'JAN' then 1
            when 'FEB' then 2
            when 'MAR' then 3
            when 'APR' then 4
            when 'MAY' then 5
            when 'JUN' then 6
            when 'JUL' then 7
            when 'AUG' then 8
            when 'SEP' then 9
            when 'OCT' then 10
            when 'NOV' then 11
            when 'DEC' then 12
        end as month_number
    from {{ source('raw', 'cbp_seizures') }}
    where _valid_to is null

)

select
    'cbp_seizures' as source,
    _delivery_id as delivery_id,
    _line as source_line,
    _row_hash as row_hash,
    _ordinal as ordinal,
    make_date(case when month_number >= 10 then fiscal_year - 1 else fiscal_year end, month_number, 1) as seized_on,
    component,
    land_filter,
    area,
    substance_raw,
    events,
    quantity_lb,
    _is_synthetic as is_synthetic,
    _valid_from as valid_from
from totals
