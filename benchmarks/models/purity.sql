with figures as (

    select
        country_code, substance_code, substance_group, purity_measure, purity_basis, period_grain,
        period_start(period_grain, seized_on) as period_start,
        count(*) as n,
        sum(purity) as purity_sum,
        quantile_cont(cast(purity as double), [0.25, 0.5, 0.75]) as quartiles,
        cast(min(purity) as double) as least,
        cast(max(purity) as double) as most,
        bool_or(is_synthetic) as is_synthetic
    from {{ ref('lines') }} cross join (values ('year'), ('half_year'), ('month')) as grains (period_grain)
    where is_counted and purity is not null and purity_measure is not null
    group by all

)

select
    'seizures' as source,
    'seizure' as row_unit,
    country_code,
    country_label,
    figures.substance_code,
    substances.label_en as substance_label,
    figures.substance_group,
    substance_group_label,
    purity_measure,
    purity_basis,
    period_grain,
    period_start,
    coverage.period_end,
    coverage.is_complete,
    n,
    ratio(purity_sum, n) as mean,
    case when n >= 10 then quartiles[2] end as median,
    case when n >= 10 then quartiles[1] end as p25,
    case when n >= 10 then quartiles[3] end as p75,
    case when n >= 10 then least end as min,
    case when n >= 10 then most end as max,
    case when n < 10 then 'n_below_10' end as purity_reason,
    case when crossed.topic is not null then 'break' when not coverage.is_complete then 'provisional' else 'ok' end
        as comparability,
    figures.is_synthetic
from figures
inner join {{ ref('coverage') }} as coverage using (country_code, period_grain, period_start)
inner join {{ ref('countries') }} as countries using (country_code)
inner join {{ ref('substances') }} as substances using (substance_code)
inner join {{ ref('substance_groups') }} as substance_groups on figures.substance_group = substance_groups.substance_group
left join {{ ref('breaks_crossed') }} as crossed
    on
        crossed.topic = 'purity'
        and figures.country_code = crossed.country_code
        and figures.substance_group = crossed.substance_group
        and figures.period_grain = crossed.period_grain
        and figures.period_start = crossed.period_start
