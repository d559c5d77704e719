{% set keys = ['source', 'country_code', 'substance_code', 'period_grain', 'period_start'] -%}
with counts as (

    select * from {{ ref('int_early_warning__counts') }}

),

countries as (

    select * from {{ ref('countries') }}

),

substances as (

    select * from {{ ref('substances') }}

),

substance_groups as (

    select * from {{ ref('substance_groups') }}

),

seen as (

    select
        *,
        {{ period_months('period_grain') }} as months,
        min(case when n_seizures > 0 and not is_withheld then period_start end) over (
            partition by source, country_code, substance_code, period_grain
        ) as first_seen_start,
        min(period_start) over (partition by source, country_code, period_grain) as first_covered
    from counts

),

-- Complete periods of the five years before, with the months between them and the period judged.
earlier as (

    select
        seen.source,
        seen.country_code,
        seen.substance_code,
        seen.period_grain,
        seen.period_start,
        seen.months,
        previous.period_start as previous_start,
        previous.n_seizures,
        12 * (year(seen.period_start) - year(previous.period_start))
        + month(seen.period_start) - month(previous.period_start) as months_before
    from seen
    inner join seen as previous
        on
            seen.source = previous.source
            and seen.country_code = previous.country_code
            and seen.substance_code = previous.substance_code
            and seen.period_grain = previous.period_grain
            and seen.period_start > previous.period_start
    where previous.is_complete and not previous.is_withheld

),

histories as (

    select
        source,
        country_code,
        substance_code,
        period_grain,
        period_start,
        cast(count(*) as bigint) as n_periods,
        cast(sum(n_seizures) as bigint) as total,
        cast(sum(n_seizures * n_seizures) as bigint) as total_of_squares,
        cast(sum(case when months_before < 4 * months then n_seizures else 0 end) as bigint) as n_last_3,
        min(previous_start) as history_start
    from earlier
    where months_before <= 60
    group by source, country_code, substance_code, period_grain, period_start

),

joined_up as (

    select
        seen.*,
        coalesce(histories.n_periods, 0) as n_history_periods,
        histories.total,
        seen.n_seizures + coalesce(histories.n_last_3, 0) as n_last_4,
        histories.history_start,
        {{ dispersion('histories.n_periods', 'histories.total', 'histories.total_of_squares') }} as dispersion,
        case
            when seen.is_withheld then 'suppressed'
            when coalesce(histories.n_periods, 0) * seen.months < 36 then 'history_below_3_years'
        end as bound_reason
    from seen
    left join histories
        on {{ same('seen', 'histories', keys) }}

),

bounded as (

    select
        *,
        case
            when bound_reason is null then {{ outbreak_bound('n_history_periods', 'total', 'dispersion') }}
        end as upper_bound,
        coalesce(bound_reason, case when not is_complete then 'period_incomplete' end) as alarm_reason
    from joined_up

),

crossed as (

    {{
        crossed_breaks(
            'bounded',
            keys,
            topic='seizures',
            country_code='bounded.country_code',
            substance_group='bounded.substance_group',
            agency_scope="coalesce(bounded.agency_scope, 'unstated')",
            earlier_start='coalesce(bounded.history_start, bounded.period_start)',
            later_end='bounded.period_end',
        )
    }}

),

final as (

    select
        bounded.source,
        bounded.country_code,
        countries.country_label,
        bounded.substance_code,
        substances.label_en as substance_label,
        bounded.substance_group,
        substance_groups.substance_group_label,
        bounded.period_grain,
        bounded.period_start,
        bounded.period_end,
        bounded.is_complete,
        bounded.agency_scope,
        case when not bounded.is_withheld then bounded.n_seizures end as n_seizures,
        case when not bounded.is_withheld then bounded.n_last_4 end as n_last_4,
        case when not bounded.is_withheld then bounded.first_seen_start end as first_seen_start,
        case when not bounded.is_withheld then bounded.first_seen_start = bounded.period_start end as is_first_seen,
        case when not bounded.is_withheld then bounded.first_seen_start = bounded.first_covered end
            as is_seen_from_start,
        bounded.n_history_periods,
        case when bounded.bound_reason is null then {{ safe_divide('bounded.total', 'bounded.n_history_periods') }} end
            as history_mean,
        case when bounded.bound_reason is null then bounded.dispersion end as history_dispersion,
        bounded.upper_bound,
        case
            when bounded.alarm_reason is null
                then (bounded.n_last_4 >= 5 and cast(bounded.n_seizures as double) > bounded.upper_bound)
        end as is_alarm,
        bounded.bound_reason,
        bounded.alarm_reason,
        {{
            comparability('crossed.break_ids is not null', 'bounded.is_complete') | indent(8)
        }} as comparability,
        crossed.break_ids,
        bounded.is_synthetic
    from bounded
    inner join countries on bounded.country_code = countries.country_code
    inner join substances on bounded.substance_code = substances.substance_code
    inner join substance_groups on bounded.substance_group = substance_groups.substance_group
    left join crossed
        on {{ same('bounded', 'crossed', keys) }}

)

select * from final
