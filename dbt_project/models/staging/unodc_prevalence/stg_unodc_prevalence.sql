-- "2023" is one year, "2022/23" and "2019-2021" run over several.
with estimates as (

    select * from {{ source('raw', 'unodc_prevalence') }}
    where _valid_to is null

),

dated as (

    select
        *,
        cast(substring(year_raw, 1, 4) as integer) as first_year,
        case length(year_raw)
            when 9 then cast(substring(year_raw, 6, 4) as integer)
            when 7 then cast(concat(substring(year_raw, 1, 2), substring(year_raw, 6, 2)) as integer)
            else cast(year_raw as integer)
        end as stated_last_year
    from estimates

)

select
    'unodc_prevalence' as source,
    _delivery_id as delivery_id,
    _line as source_line,
    _row_hash as row_hash,
    _ordinal as ordinal,
    drug as substance_raw,
    country as country_raw,
    best_pct,
    low_pct,
    high_pct,
    year_raw,
    make_date(first_year, 1, 1) as period_start,
    -- "1999/00" ends in 2000
    make_date(case when stated_last_year < first_year then stated_last_year + 100 else stated_last_year end, 12, 31)
        as period_end,
    ages,
    estimate_source,
    method,
    adjustment,
    specific_notes,
    _is_synthetic as is_synthetic,
    _valid_from as valid_from
from dated
