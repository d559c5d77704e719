-- Periods for which a country delivered anything. One is complete when each of its months holds a line, excluded ones
-- too, and the latest delivery was known after its end.
with months as (

    select
        country_code,
        date_trunc('month', seized_on) as month_start,
        bool_or(is_synthetic) as is_synthetic,
        max(known_on_file) as known_on
    from {{ ref('lines') }}
    group by all

),

periods as (

    select
        country_code,
        period_grain,
        period_start(period_grain, month_start) as period_start,
        count(*) as n_months,
        bool_or(is_synthetic) as is_synthetic
    from months cross join (values ('year'), ('half_year'), ('month')) as grains (period_grain)
    group by all

)

select
    periods.* exclude (n_months),
    period_end(period_grain, period_start) as period_end,
    n_months = period_months(period_grain) and known.known_on > period_end(period_grain, period_start) as is_complete
from periods
inner join (select country_code, max(known_on) as known_on from months group by country_code) as known using (country_code)
