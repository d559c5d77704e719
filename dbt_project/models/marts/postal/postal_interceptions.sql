with periods as (

    select * from {{ ref('int_postal__periods') }}

),

priors as (

    select * from {{ ref('postal_priors') }}

),

intervals as (

    select * from {{ ref('int_intervals__exact') }}
    where kind = 'clopper_pearson'

),

countries as (

    select * from {{ ref('countries') }}

),

judged as (

    select
        *,
        {{
            is_in_withheld_breakdown(
                '(' ~ is_restricted('is_all_synthetic') ~ ' and ('
                ~ is_small('items_examined') ~ ' or ' ~ is_small('items_with_drugs') ~ '))',
                family=['source', 'country_code'],
                cell=['source', 'country_code', 'selection'],
            ) | indent(8)
        }} as is_withheld
    from periods

),

reasoned as (

    select
        *,
        case
            when is_withheld then 'suppressed'
            when items_examined is null or items_with_drugs is null then 'not_reported'
            when items_with_drugs > items_examined then 'more_hits_than_items'
            when items_examined < 1000 then 'fewer_than_1000_examined'
            when items_with_drugs < 5 then 'fewer_than_5_hits'
        end as share_reason
    from judged

),

final as (

    select
        periods.source,
        periods.country_code,
        periods.selection,
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        countries.country_label,
        periods.mail_types,
        periods.agency_scope,
        case when not periods.is_withheld then periods.items_examined end as items_examined,
        case when not periods.is_withheld then periods.items_with_drugs end as items_with_drugs,
        case
            when periods.share_reason is null then {{ share_pct('periods.items_with_drugs', 'periods.items_examined') }}
        end as share_pct,
        case when periods.share_reason is null then 100 * intervals.lo end as share_pct_lo,
        case when periods.share_reason is null then 100 * intervals.hi end as share_pct_hi,
        periods.share_reason,
        case
            when periods.items_in_stream_low = periods.items_in_stream_high then periods.items_in_stream_high
        end as items_in_stream,
        case
            when periods.share_reason is null and not periods.is_scope_mixed
                then
                    cast(
                        floor(periods.items_in_stream_low * intervals.lo * cast(priors.r_low as double)) as bigint
                    )
        end as estimated_total_low,
        case
            when periods.share_reason is null and not periods.is_scope_mixed
                then
                    cast(
                        ceil(periods.items_in_stream_high * intervals.hi * cast(priors.r_high as double)) as bigint
                    )
        end as estimated_total_high,
        case
            when priors.selection is null then 'targeted_not_extrapolated'
            when periods.share_reason is not null then periods.share_reason
            when periods.is_scope_mixed then 'mixed_mail_types'
            when periods.items_in_stream_high is null then 'stream_not_reported'
        end as estimated_total_reason,
        {{
            comparability(
                crosses_break(
                    "'post'", 'periods.country_code', 'periods.period_start', 'periods.period_end'
                ),
                'periods.is_complete',
            ) | indent(8)
        }} as comparability,
        periods.is_synthetic
    from reasoned as periods
    left join priors on periods.selection = priors.selection
    left join intervals
        on
            periods.items_with_drugs = intervals.x
            and periods.items_examined = intervals.n
    left join countries on periods.country_code = countries.country_code

)

select * from final
