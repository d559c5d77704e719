-- One row per recall period a line gives a figure for.
with estimates as (

    select * from {{ source('raw', 'unodc_prevalence_nps') }}
    where _valid_to is null

),

recalled as (

    select
        *,
        'lifetime' as recall_period,
        lifetime_pct as used_pct
    from estimates
    where lifetime_pct is not null
    union all
    select
        *,
        'past_year' as recall_period,
        past_year_pct as used_pct
    from estimates
    where past_year_pct is not null
    union all
    select
        *,
        'past_month' as recall_period,
        past_month_pct as used_pct
    from estimates
    where past_month_pct is not null

)

select
    'unodc_prevalence_nps' as source,
    _delivery_id as delivery_id,
    _line as source_line,
    _row_hash as row_hash,
    _ordinal as ordinal,
    nps_type,
    substance_raw,
    country as country_raw,
    recall_period,
    used_pct,
    year_raw,
    make_date({{ survey_first_year('year_raw') }}, 1, 1) as period_start,
    make_date({{ survey_last_year('year_raw') }}, 12, 31) as period_end,
    ages,
    estimate_source,
    _is_synthetic as is_synthetic,
    _valid_from as valid_from
from recalled
