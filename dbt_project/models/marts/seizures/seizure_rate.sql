with counts as (

    select * from {{ ref('int_seizures__counts') }}

),

intervals as (

    select * from {{ ref('int_intervals__exact') }} where kind = 'rate_ratio'

),

countries as (

    select * from {{ ref('countries') }}

),

substance_groups as (

    select * from {{ ref('substance_groups') }}

),

dated as (

    select
        *,
        {{
            crosses_break("'seizures'", 'counts.country_code', 'counts.period_start', 'counts.period_end', 'counts.substance_group')
            | indent(8)
        }} as is_across_break
    from counts

),

reasoned as (

    select
        *,
        case
            when is_withheld then 'suppressed'
            when not is_complete then 'period_incomplete'
            when not is_prev_complete then 'no_complete_previous_period'
            when is_prev_withheld then 'suppressed'
            when is_across_break then 'across_break'
            when n_seizures < 5 or n_seizures_prev < 5 then 'n_below_5'
        end as rate_reason,
        case
            when is_dispersion_withheld then 'suppressed'
            when not has_twelve_months then 'no_twelve_complete_months'
            when n_twelve_months < 5 then 'n_below_5'
        end as dispersion_reason
    from dated

),

final as (

    select
        reasoned.source,
        reasoned.country_code,
        countries.country_label,
        reasoned.substance_group,
        substance_groups.substance_group_label,
        reasoned.period_grain,
        reasoned.period_start,
        reasoned.period_end,
        reasoned.is_complete,
        case when not reasoned.is_withheld then reasoned.n_seizures end as n_seizures,
        case
            when not reasoned.is_withheld and not reasoned.is_prev_withheld and not reasoned.is_across_break
                then reasoned.n_seizures_prev
        end as n_seizures_prev,
        case
            when reasoned.rate_reason is null
                then {{ safe_divide('reasoned.n_seizures', 'reasoned.n_seizures_prev') }}
        end as rate_ratio,
        case when reasoned.rate_reason is null then intervals.lo end as rate_ratio_lo,
        case when reasoned.rate_reason is null then intervals.hi end as rate_ratio_hi,
        case when reasoned.dispersion_reason is null then reasoned.variance_over_mean end as dispersion,
        reasoned.rate_reason,
        reasoned.dispersion_reason,
        {{ comparability('reasoned.is_across_break', 'reasoned.is_complete') | indent(8) }} as comparability,
        reasoned.is_synthetic
    from reasoned
    inner join countries on reasoned.country_code = countries.country_code
    inner join substance_groups on reasoned.substance_group = substance_groups.substance_group
    left join intervals
        on
            reasoned.n_seizures = intervals.x
            and reasoned.n_seizures_prev = intervals.n

)

select * from final
