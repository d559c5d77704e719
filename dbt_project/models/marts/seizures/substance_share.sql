-- Sources of one drug are left out, such as a laboratory's register of cocaine: its share is 100 by construction.
with periods as (

    select * from {{ ref('int_seizures__periods') }} where covers_all_drugs

),

drug_groups as (

    select
        substance_group,
        bool_and(is_drug) as is_drug
    from {{ ref('substances') }}
    group by substance_group

),

intervals as (

    select * from {{ ref('int_intervals__mass_shares') }}

),

countries as (

    select * from {{ ref('countries') }}

),

substance_groups as (

    select * from {{ ref('substance_groups') }}

),

drugs as (

    select periods.*
    from periods
    inner join drug_groups on periods.substance_group = drug_groups.substance_group
    where drug_groups.is_drug

),

totalled as (

    select
        *,
        cast(sum(n_seizures) over whole as bigint) as n_all,
        sum(mass_g) over whole as mass_g_all,
        -- A total less the groups that are shown is the one that is not.
        bool_or(is_withheld) over whole as is_whole_withheld,
        bool_or(is_mass_withheld) over whole as is_mass_whole_withheld
    from drugs
    window whole as (partition by source, country_code, period_grain, period_start)

),

reasoned as (

    select
        *,
        case
            when n_seizures is null then 'aggregate_source'
            when is_whole_withheld then 'suppressed'
            when n_all < 30 then 'n_below_30'
        end as count_reason,
        case
            when is_mass_whole_withheld then 'suppressed'
            when mass_g is null then 'no_mass_reported'
            when coalesce(mass_g_all, 0) = 0 then 'no_mass_in_period'
        end as mass_reason,
        -- What the single seizures tell: nothing of totals, and of few seizures nothing that a bootstrap could show.
        case
            when row_unit = 'aggregate' then 'aggregate_source'
            when
                is_mass_whole_withheld or (is_controlled and (period_grain = 'month' or n_mass_lines < 20))
                then 'suppressed'
            when mass_g is null then 'no_mass_reported'
            when coalesce(mass_g_all, 0) = 0 then 'no_mass_in_period'
            when n_mass_lines < 20 then 'n_below_20'
        end as mass_interval_reason,
        case
            when row_unit = 'aggregate' then 'aggregate_source'
            when
                is_mass_whole_withheld or {{ is_extreme_withheld('is_controlled', 'period_grain', 'n_mass_lines') }}
                then 'suppressed'
            when mass_g is null then 'no_mass_reported'
            when coalesce(mass_g_all, 0) - coalesce(top3_g, 0) <= 0 then 'no_mass_in_period'
        end as ex_top3_reason
    from totalled

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
        case when not reasoned.is_whole_withheld then reasoned.n_all end as n_seizures_all,
        case when reasoned.count_reason is null then {{ share_pct('reasoned.n_seizures', 'reasoned.n_all') }} end
            as share_count_pct,
        case when reasoned.count_reason is null then {{ wilson_low('reasoned.n_seizures', 'reasoned.n_all') }} end
            as share_count_pct_lo,
        case when reasoned.count_reason is null then {{ wilson_high('reasoned.n_seizures', 'reasoned.n_all') }} end
            as share_count_pct_hi,
        case when not reasoned.is_mass_withheld then {{ safe_divide('reasoned.mass_g', '1000') }} end as mass_kg,
        case when not reasoned.is_mass_whole_withheld then {{ safe_divide('reasoned.mass_g_all', '1000') }} end
            as mass_kg_all,
        case when reasoned.mass_reason is null then {{ share_pct('reasoned.mass_g', 'reasoned.mass_g_all') }} end
            as share_mass_pct,
        case when reasoned.mass_interval_reason is null then intervals.lo end as share_mass_pct_lo,
        case when reasoned.mass_interval_reason is null then intervals.hi end as share_mass_pct_hi,
        case
            when reasoned.ex_top3_reason is null
                then {{ share_pct('reasoned.mass_g - reasoned.top3_g', 'reasoned.mass_g_all - reasoned.top3_g') }}
        end as share_mass_pct_ex_top3,
        reasoned.count_reason,
        reasoned.mass_reason,
        reasoned.mass_interval_reason,
        reasoned.ex_top3_reason,
        {{
            comparability(
                crosses_break(
                    "'seizures'", 'reasoned.country_code', 'reasoned.period_start', 'reasoned.period_end', 'reasoned.substance_group'
                ),
                'reasoned.is_complete',
            ) | indent(8)
        }} as comparability,
        reasoned.is_synthetic
    from reasoned
    inner join countries on reasoned.country_code = countries.country_code
    inner join substance_groups on reasoned.substance_group = substance_groups.substance_group
    left join intervals
        on
            reasoned.source = intervals.source
            and reasoned.country_code = intervals.country_code
            and reasoned.substance_group = intervals.substance_group
            and reasoned.period_grain = intervals.period_grain
            and reasoned.period_start = intervals.period_start

)

select * from final
