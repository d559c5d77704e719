-- Numbers of seizures beside the published effort of the same country, period and agency scope, if there is any.
with registers as (

    select * from {{ ref('int_seizures__periods') }}
    where period_grain <> 'month' and n_seizures is not null

),

stated as (

    select * from {{ ref('int_seizures__stated') }}
    where measure = 'count' and is_whole_group

),

figures as (

    select * from {{ ref('stg_published_figures') }}

),

effort_series as (

    select * from {{ ref('effort_series') }} where is_usable

),

counts as (

    select
        source,
        country_code,
        substance_group,
        period_grain,
        period_start,
        period_end,
        is_complete,
        -- Registers hold police and customs, the European table what each country reports as a whole; others have a
        -- scope for which no effort is published.
        case
            when source in ('seizures', 'emcdda_seizure_counts') then 'all_agencies'
            else 'unstated'
        end as agency_scope,
        n_seizures,
        is_withheld,
        is_synthetic
    from registers
    union all
    select
        source,
        country_code,
        substance_group,
        period_grain,
        period_start,
        period_end,
        is_complete,
        agency_scope,
        cast(value as bigint) as n_seizures,
        false as is_withheld,
        is_synthetic
    from stated

),

efforts as (

    select
        figures.figure_id,
        figures.series,
        figures.country_code,
        figures.period_start,
        figures.period_end,
        figures.agency_scope,
        effort_series.rate_per,
        cast(figures.value as bigint) as effort,
        figures.is_synthetic
    from figures
    inner join effort_series on figures.series = effort_series.series
    where
        figures.area is null
        and figures.substance = 'all_drugs'
        and figures.value is not null
        and figures.agency_scope <> 'unstated'
    qualify
        row_number() over (
            partition by
                figures.series,
                figures.country_code,
                figures.period_start,
                figures.period_end,
                figures.agency_scope
            order by figures.is_secondary_source asc, figures.figure_id asc
        ) = 1

),

final as (

    select
        counts.source,
        counts.country_code,
        counts.substance_group,
        counts.period_grain,
        counts.period_start,
        counts.period_end,
        counts.is_complete,
        counts.agency_scope,
        counts.n_seizures,
        efforts.series as effort_series,
        efforts.figure_id as effort_figure_id,
        efforts.effort,
        efforts.rate_per,
        counts.is_withheld,
        (counts.is_synthetic or coalesce(efforts.is_synthetic, false)) as is_synthetic
    from counts
    left join efforts
        on
            counts.country_code = efforts.country_code
            and counts.period_start = efforts.period_start
            and counts.period_end = efforts.period_end
            and counts.agency_scope = efforts.agency_scope

)

select * from final
