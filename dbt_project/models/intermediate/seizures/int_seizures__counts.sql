-- Numbers of seizures beside those of a year earlier, and how much months vary. Totals count where their source states
-- the number of seizures behind them.
with periods as (

    select * from {{ ref('int_seizures__periods') }} where n_seizures is not null

),

-- Sample variance over mean of the twelve months that end with this one: 1 for a Poisson process.
twelve_months as (

    select
        source,
        country_code,
        substance_group,
        period_end,
        count(*) over last_twelve as n_months,
        min(period_start) over last_twelve as first_month,
        bool_and(is_complete) over last_twelve as is_covered,
        bool_or(is_withheld) over last_twelve as is_withheld,
        cast(sum(n_seizures) over last_twelve as bigint) as n_sum,
        cast(sum(n_seizures * n_seizures) over last_twelve as bigint) as n_sum_of_squares,
        period_start
    from periods
    where period_grain = 'month'
    window last_twelve as (
        partition by source, country_code, substance_group
        order by period_start asc
        rows between 11 preceding and current row
    )

),

dispersions as (

    select
        source,
        country_code,
        substance_group,
        period_end,
        n_sum,
        is_withheld,
        (
            n_months = 12
            and is_covered
            and 12 * (year(period_start) - year(first_month)) + month(period_start) - month(first_month) = 11
        ) as has_twelve_months,
        {{ safe_divide('12 * n_sum_of_squares - n_sum * n_sum', '11 * n_sum') }} as variance_over_mean
    from twelve_months

),

final as (

    select
        periods.source,
        periods.country_code,
        periods.substance_group,
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        coalesce(previous.is_complete, false) as is_prev_complete,
        periods.n_seizures,
        case
            when periods.is_complete and previous.is_complete then previous.n_seizures
        end as n_seizures_prev,
        coalesce(dispersions.has_twelve_months, false) as has_twelve_months,
        dispersions.n_sum as n_twelve_months,
        case when dispersions.has_twelve_months then dispersions.variance_over_mean end as variance_over_mean,
        (periods.is_synthetic or coalesce(previous.is_synthetic, false)) as is_synthetic,
        periods.is_withheld,
        coalesce(previous.is_withheld, false) as is_prev_withheld,
        -- It is a sum of squared months, which would narrow down months that are withheld.
        (periods.is_withheld or coalesce(dispersions.is_withheld, false)) as is_dispersion_withheld
    from periods
    left join periods as previous
        on
            periods.source = previous.source
            and periods.country_code = previous.country_code
            and periods.substance_group = previous.substance_group
            and periods.period_grain = previous.period_grain
            and {{ a_year_earlier('periods.period_start') }} = previous.period_start
    left join dispersions
        on
            periods.source = dispersions.source
            and periods.country_code = dispersions.country_code
            and periods.substance_group = dispersions.substance_group
            and periods.period_end = dispersions.period_end

)

select * from final
