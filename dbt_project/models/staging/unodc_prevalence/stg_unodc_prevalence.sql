with estimates as (

    select * from {{ source('raw', 'unodc_prevalence') }}
    where _valid_to is null

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
    make_date({{ survey_first_year('year_raw') }}, 1, 1) as period_start,
    make_date({{ survey_last_year('year_raw') }}, 12, 31) as period_end,
    ages,
    estimate_source,
    method,
    adjustment,
    specific_notes,
    _is_synthetic as is_synthetic,
    _valid_from as valid_from
from estimates
