with drugs as (

    select
        periods.*,
        cast(sum(n_seizures) over whole as bigint) as n_all,
        sum(mass_g) over whole as mass_g_all
    from {{ ref('periods') }} as periods
    where substance_group in (
        select substance_group from {{ ref('substances') }} group by substance_group having bool_and(cast(is_drug as boolean))
    )
    window whole as (partition by country_code, period_grain, period_start)

),

reasoned as (

    select
        drugs.*,
        case when n_all < 30 then 'n_below_30' end as count_reason,
        case
            when mass_g is null then 'no_mass_reported' when coalesce(mass_g_all, 0) = 0 then 'no_mass_in_period'
        end as mass_reason,
        case
            when mass_g is null then 'no_mass_reported'
            when coalesce(mass_g_all, 0) - top3_g <= 0 then 'no_mass_in_period'
        end as ex_top3_reason,
        crossed.topic is not null as is_across_break
    from drugs
    left join {{ ref('breaks_crossed') }} as crossed
        on
            crossed.topic = 'seizures'
            and drugs.country_code = crossed.country_code
            and drugs.substance_group = crossed.substance_group
            and drugs.period_grain = crossed.period_grain
            and drugs.period_start = crossed.period_start

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
    n_all as n_seizures_all,
    case when count_reason is null then pct(n_seizures, n_all) end as share_count_pct,
    case
        when count_reason is not null then null
        when n_seizures = 0 then 0.0 else greatest(0.0, wilson(n_seizures, n_all, -1))
    end as share_count_pct_lo,
    case
        when count_reason is not null then null
        when n_seizures = n_all then 100.0 else least(100.0, wilson(n_seizures, n_all, 1))
    end as share_count_pct_hi,
    ratio(mass_g, 1000) as mass_kg,
    ratio(mass_g_all, 1000) as mass_kg_all,
    case when mass_reason is null then pct(mass_g, mass_g_all) end as share_mass_pct,
    case when ex_top3_reason is null then pct(mass_g - top3_g, mass_g_all - top3_g) end as share_mass_pct_ex_top3,
    count_reason,
    mass_reason,
    coalesce(mass_reason, case when n_mass_lines < 20 then 'n_below_20' end) as mass_interval_reason,
    ex_top3_reason,
    case when is_across_break then 'break' when not is_complete then 'provisional' else 'ok' end as comparability,
    is_synthetic
from reasoned
inner join {{ ref('countries') }} as countries using (country_code)
inner join {{ ref('substance_groups') }} as substance_groups using (substance_group)
