{% set keys = ['source', 'country_code', 'substance_group', 'period_grain', 'period_start'] -%}
with periods as (

    select * from {{ ref('int_concentration__periods') }}

),

baselines as (

    select * from {{ ref('baselines') }}

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
            when mass_g is null then 'no_mass_reported'
        end as mass_reason,
        case
            when row_unit = 'aggregate' then 'aggregate_source'
            when is_withheld or (is_controlled and n_known < 20) then 'suppressed'
            when mass_g is null then 'no_mass_reported'
            when mass_g = 0 then 'no_mass_in_period'
            when row_unit = 'published' and n_known < 1 then 'no_seizure_published'
        end as top1_reason,
        case
            when row_unit = 'published' and n_known between 1 and 2 then 'fewer_than_3_published'
        end as top3_published_reason,
        case
            when row_unit = 'aggregate' then 'aggregate_source'
            when row_unit = 'published' then 'published_total'
            when is_withheld then 'suppressed'
            when mass_g is null then 'no_mass_reported'
            when n_known < 20 then 'n_below_20'
        end as size_reason,
        (is_complete and mass_g is not null and not is_withheld) as is_ranked,
        {{
            is_in_withheld_breakdown(
                '(is_controlled and ' ~ is_small('n_known - n_positive') ~ ')',
                family=['source', 'country_code', 'substance_group'],
                cell=['source', 'country_code', 'substance_group'],
            ) | indent(8)
        }} as are_zeros_withheld
    from periods

),

ranked as (

    select
        *,
        coalesce(top1_reason, top3_published_reason) as top3_reason,
        -- How many weigh nothing is a count like any other, and a year's is that of its halves.
        case
            when size_reason is not null then size_reason
            when are_zeros_withheld then 'suppressed'
            when n_positive < 20 then 'n_below_20'
        end as geomean_reason,
        case
            when mass_reason is not null then mass_reason
            when not is_complete then 'period_incomplete'
        end as rank_reason,
        cast(
            rank() over (
                partition by source, country_code, substance_group, period_grain, is_ranked
                order by mass_g desc nulls last
            ) as bigint
        ) as mass_rank,
        cast(
            count(*) over (partition by source, country_code, substance_group, period_grain, is_ranked) as bigint
        ) as n_ranked
    from reasoned

),

-- A baseline is the mean of the source's own figures over the declared periods, and stands only where all of them do.
-- Half-years are held against the same half.
measured_baselines as (

    select
        baselines.baseline_id,
        baselines.source,
        baselines.country_code,
        baselines.substance_group,
        baselines.period_grain,
        baselines.first_start,
        baselines.last_start,
        max(ranked.period_end) as last_end,
        sum(ranked.mass_g) as sum_g,
        cast(count(*) as bigint) as n_periods,
        bool_or(ranked.is_synthetic) as is_synthetic
    from baselines
    inner join ranked
        on
            baselines.source = ranked.source
            and baselines.country_code = ranked.country_code
            and baselines.substance_group = ranked.substance_group
            and baselines.period_grain = ranked.period_grain
            and ranked.period_start between baselines.first_start and baselines.last_start
            and month(ranked.period_start) = month(baselines.first_start)
    where ranked.is_ranked
    group by
        baselines.baseline_id,
        baselines.source,
        baselines.country_code,
        baselines.substance_group,
        baselines.period_grain,
        baselines.first_start,
        baselines.last_start
    having count(*) = year(baselines.last_start) - year(baselines.first_start) + 1

),

compared as (

    select
        ranked.*,
        measured_baselines.baseline_id,
        measured_baselines.sum_g as baseline_sum_g,
        measured_baselines.n_periods as n_baseline_periods,
        measured_baselines.first_start as baseline_start,
        measured_baselines.last_end as baseline_end,
        measured_baselines.is_synthetic as is_baseline_synthetic,
        case
            when ranked.mass_reason is not null then ranked.mass_reason
            when measured_baselines.baseline_id is null then 'no_baseline'
            when not ranked.is_complete then 'period_incomplete'
            when measured_baselines.sum_g = 0 then 'baseline_is_zero'
        end as baseline_reason
    from ranked
    left join measured_baselines
        on
            ranked.source = measured_baselines.source
            and ranked.country_code = measured_baselines.country_code
            and ranked.substance_group = measured_baselines.substance_group
            and ranked.period_grain = measured_baselines.period_grain
            and month(ranked.period_start) = month(measured_baselines.first_start)

),

-- Breaks between the first and the last day of baseline and period; without a baseline, those within the period.
crossed as (

    {{
        crossed_breaks(
            'compared',
            keys,
            topic='seizures',
            country_code='compared.country_code',
            substance_group='compared.substance_group',
            agency_scope="coalesce(compared.agency_scope, 'unstated')",
            earlier_start='least(compared.period_start, coalesce(compared.baseline_start, compared.period_start))',
            later_end='greatest(compared.period_end, coalesce(compared.baseline_end, compared.period_end))',
        )
    }}

),

final as (

    select
        compared.source,
        compared.country_code,
        countries.country_label,
        compared.substance_group,
        substance_groups.substance_group_label,
        compared.period_grain,
        compared.period_start,
        compared.period_end,
        compared.is_complete,
        compared.agency_scope,
        case when not compared.is_withheld then compared.n_known end as n,
        case when compared.mass_reason is null then {{ safe_divide('compared.mass_g', 1000) }} end as mass_kg,
        case
            when compared.top1_reason is null then {{ safe_divide('compared.mass_g - compared.top1_g', 1000) }}
        end as mass_kg_ex_top1,
        case
            when compared.top3_reason is null then {{ safe_divide('compared.mass_g - compared.top3_g', 1000) }}
        end as mass_kg_ex_top3,
        case when compared.top1_reason is null then {{ share_pct('compared.top1_g', 'compared.mass_g') }} end
            as top1_share_pct,
        case when compared.top3_reason is null then {{ share_pct('compared.top3_g', 'compared.mass_g') }} end
            as top3_share_pct,
        case
            when compared.top1_reason is not null then null
            when compared.row_unit = 'published' then 'published_records'
            else 'all_lines'
        end as top_basis,
        case when compared.size_reason is null then compared.median_g end as median_g,
        case when compared.size_reason is null then compared.median_g_lo end as median_g_lo,
        case when compared.size_reason is null then compared.median_g_hi end as median_g_hi,
        case when compared.geomean_reason is null then compared.geomean_g end as geomean_g,
        case when compared.geomean_reason is null then compared.n_positive end as n_geomean,
        case
            when compared.size_reason is null
                then {{ gini('compared.n_known', 'compared.mass_g', 'compared.ranked_g') }}
        end as gini,
        case when compared.rank_reason is null then compared.mass_rank end as rank,
        case when compared.rank_reason is null then compared.n_ranked end as n_ranked,
        case when compared.baseline_reason is null then compared.baseline_id end as baseline_id,
        case
            when compared.baseline_reason is null
                then {{ safe_divide('compared.baseline_sum_g', '1000 * compared.n_baseline_periods') }}
        end as baseline_kg,
        case
            when compared.baseline_reason is null
                then {{ safe_divide('compared.mass_g * compared.n_baseline_periods', 'compared.baseline_sum_g') }}
        end as ratio_to_baseline,
        case
            when compared.baseline_reason is null and compared.top1_reason is null
                then {{ safe_divide(
                    '(compared.mass_g - compared.top1_g) * compared.n_baseline_periods', 'compared.baseline_sum_g'
                ) }}
        end as ratio_to_baseline_ex_top1,
        case
            when compared.baseline_reason is null and compared.top3_reason is null
                then {{ safe_divide(
                    '(compared.mass_g - compared.top3_g) * compared.n_baseline_periods', 'compared.baseline_sum_g'
                ) }}
        end as ratio_to_baseline_ex_top3,
        compared.mass_reason,
        compared.top1_reason,
        compared.top3_reason,
        compared.size_reason,
        compared.geomean_reason,
        compared.rank_reason,
        compared.baseline_reason,
        {{
            comparability('crossed.break_ids is not null', 'compared.is_complete') | indent(8)
        }} as comparability,
        crossed.break_ids,
        compared.figure_ids,
        (compared.is_synthetic or coalesce(compared.is_baseline_synthetic, false)) as is_synthetic
    from compared
    inner join countries on compared.country_code = countries.country_code
    inner join substance_groups on compared.substance_group = substance_groups.substance_group
    left join crossed
        on {{ same('compared', 'crossed', keys) }}

)

select * from final
