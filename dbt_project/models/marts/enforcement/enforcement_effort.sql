{% set keys = ['source', 'country_code', 'substance_group', 'period_grain', 'period_start'] -%}
with counts as (

    select * from {{ ref('int_enforcement__counts') }}

),

intervals as (

    select * from {{ ref('int_intervals__exact') }} where kind = 'garwood'

),

effort_series as (

    select * from {{ ref('effort_series') }}

),

countries as (

    select * from {{ ref('countries') }}

),

substance_groups as (

    select * from {{ ref('substance_groups') }}

),

reasoned as (

    select
        *,
        case
            when is_withheld then 'suppressed'
            when effort is null then 'no_published_effort'
            when effort = 0 then 'effort_is_zero'
            when not is_complete then 'period_incomplete'
            when n_seizures < 5 then 'n_below_5'
        end as rate_reason
    from counts

),

crossed as (

    {{
        crossed_breaks(
            'reasoned',
            keys,
            topic='seizures',
            country_code='reasoned.country_code',
            substance_group='reasoned.substance_group',
            agency_scope='reasoned.agency_scope',
            earlier_start='reasoned.period_start',
            later_end='reasoned.period_end',
        )
    }}

),

final as (

    select
        case
            when reasoned.effort is null or reasoned.source = 'published_figures' then reasoned.source
            when reasoned.source < 'published_figures' then concat(reasoned.source, '+published_figures')
            else concat('published_figures+', reasoned.source)
        end as source,
        reasoned.country_code,
        countries.country_label,
        reasoned.substance_group,
        substance_groups.substance_group_label,
        reasoned.period_grain,
        reasoned.period_start,
        reasoned.period_end,
        reasoned.is_complete,
        reasoned.agency_scope,
        case when not reasoned.is_withheld then reasoned.n_seizures end as n_seizures,
        reasoned.effort_series,
        effort_series.effort_label,
        reasoned.effort,
        reasoned.rate_per,
        case
            when reasoned.rate_reason is null
                then {{ safe_divide('reasoned.n_seizures * reasoned.rate_per', 'reasoned.effort') }}
        end as rate,
        case when reasoned.rate_reason is null then intervals.lo * cast(reasoned.rate_per as double) end as rate_lo,
        case when reasoned.rate_reason is null then intervals.hi * cast(reasoned.rate_per as double) end as rate_hi,
        reasoned.rate_reason,
        coalesce(
            effort_series.caveat,
            'No effort is published for this source, country, period and agency: a change may be one of effort alone'
        ) as caveat,
        {{
            comparability('crossed.break_ids is not null', 'reasoned.is_complete') | indent(8)
        }} as comparability,
        crossed.break_ids,
        reasoned.effort_figure_id,
        reasoned.is_synthetic
    from reasoned
    inner join countries on reasoned.country_code = countries.country_code
    inner join substance_groups on reasoned.substance_group = substance_groups.substance_group
    left join effort_series on reasoned.effort_series = effort_series.series
    left join intervals
        on
            reasoned.n_seizures = intervals.x
            and reasoned.effort = intervals.n
    left join crossed
        on {{ same('reasoned', 'crossed', keys) }}

)

select * from final
