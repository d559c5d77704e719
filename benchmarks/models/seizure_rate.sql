with twelve_months as (

    select
        country_code, substance_group, period_end, period_start,
        count(*) over last_twelve as n_months,
        min(period_start) over last_twelve as first_month,
        bool_and(is_complete) over last_twelve as is_covered,
        cast(sum(n_seizures) over last_twelve as bigint) as n_sum,
        cast(sum(n_seizures * n_seizures) over last_twelve as bigint) as n_sum_of_squares
    from {{ ref('periods') }}
    where period_grain = 'month'
    window last_twelve as (
        partition by country_code, substance_group order by period_start rows between 11 preceding and current row
    )

),

dispersions as (

    select
        country_code, substance_group, period_end, n_sum,
        ratio(12 * n_sum_of_squares - n_sum * n_sum, 11 * n_sum) as dispersion
    from twelve_months
    where n_months = 12 and is_covered and first_month = period_start - interval 11 months

),

reasoned as (

    select
        periods.*,
        previous.n_seizures as n_prev,
        coalesce(previous.is_complete, false) as is_prev_complete,
        dispersions.n_sum,
        dispersions.dispersion as dispersion_value,
        crossed.topic is not null as is_across_break,
        periods.is_synthetic or coalesce(previous.is_synthetic, false) as is_any_synthetic
    from {{ ref('periods') }} as periods
    left join {{ ref('periods') }} as previous
        on
            periods.country_code = previous.country_code
            and periods.substance_group = previous.substance_group
            and periods.period_grain = previous.period_grain
            and cast(periods.period_start - interval 1 year as date) = previous.period_start
    left join dispersions
        on
            periods.country_code = dispersions.country_code
            and periods.substance_group = dispersions.substance_group
            and periods.period_end = dispersions.period_end
    left join {{ ref('breaks_crossed') }} as crossed
        on
            crossed.topic = 'seizures'
            and periods.country_code = crossed.country_code
            and periods.substance_group = crossed.substance_group
            and periods.period_grain = crossed.period_grain
            and periods.period_start = crossed.period_start

)

select
    'seizures' as source,
    country_code,
    country_label,
    substance_group,
    substance_group_label,
    period_grain,
    period_start,
    period_end,
    is_complete,
    n_seizures,
    case when is_complete and is_prev_complete and not is_across_break then n_prev end as n_seizures_prev,
    case
        when is_complete and is_prev_complete and not is_across_break and n_seizures >= 5 and n_prev >= 5
            then ratio(n_seizures, n_prev)
    end as rate_ratio,
    case when n_sum >= 5 then dispersion_value end as dispersion,
    case
        when not is_complete then 'period_incomplete'
        when not is_prev_complete then 'no_complete_previous_period'
        when is_across_break then 'across_break'
        when n_seizures < 5 or n_prev < 5 then 'n_below_5'
    end as rate_reason,
    case when n_sum is null then 'no_twelve_complete_months' when n_sum < 5 then 'n_below_5' end as dispersion_reason,
    case when is_across_break then 'break' when not is_complete then 'provisional' else 'ok' end as comparability,
    is_any_synthetic as is_synthetic
from reasoned
inner join {{ ref('countries') }} as countries using (country_code)
inner join {{ ref('substance_groups') }} as substance_groups using (substance_group)
