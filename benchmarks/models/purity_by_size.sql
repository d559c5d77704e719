with figures as (

    select
        country_code, substance_code, substance_group, purity_measure, purity_basis,
        date_trunc('year', seized_on) as period_start,
        size_class,
        size_class_order,
        count(*) as n,
        quantile_cont(cast(purity as double), 0.5) as median_value,
        bool_or(is_synthetic) as is_synthetic
    from {{ ref('lines') }}
    inner join {{ ref('size_classes') }} on mass_g >= from_g and (mass_g < to_g or to_g is null)
    where is_counted and purity is not null and purity_measure is not null
    group by all

),

compared as (

    select
        figures.*,
        figures.median_value - small_sizes.median_value as gap,
        case
            when figures.purity_measure = 'mg_per_tablet' then 'not_per_cent'
            when figures.size_class_order = 1 then 'is_small_class'
            when figures.n < 10 then 'n_below_10'
            when coalesce(small_sizes.n, 0) < 10 then 'small_class_below_10'
        end as gap_reason
    from figures
    left join (select * from figures where size_class_order = 1) as small_sizes
        using (country_code, substance_code, purity_measure, purity_basis, period_start)

)

select
    'seizures' as source,
    'seizure' as row_unit,
    compared.country_code,
    country_label,
    compared.substance_code,
    substances.label_en as substance_label,
    compared.substance_group,
    substance_group_label,
    compared.purity_measure,
    purity_basis,
    'year' as period_grain,
    compared.period_start,
    coverage.period_end,
    coverage.is_complete,
    size_class,
    size_class_order,
    n,
    case when n >= 10 then median_value end as median,
    case when gap_reason is null then gap end as gap_to_small_pp,
    case when n < 10 then 'n_below_10' end as median_reason,
    gap_reason,
    case when crossed.topic is not null then 'break' when not coverage.is_complete then 'provisional' else 'ok' end
        as comparability,
    compared.is_synthetic
from compared
inner join {{ ref('coverage') }} as coverage
    on
        coverage.period_grain = 'year'
        and compared.country_code = coverage.country_code
        and compared.period_start = coverage.period_start
inner join {{ ref('countries') }} as countries on compared.country_code = countries.country_code
inner join {{ ref('substances') }} as substances using (substance_code)
inner join {{ ref('substance_groups') }} as substance_groups on compared.substance_group = substance_groups.substance_group
left join {{ ref('breaks_crossed') }} as crossed
    on
        crossed.topic = 'purity'
        and crossed.period_grain = 'year'
        and compared.country_code = crossed.country_code
        and compared.substance_group = crossed.substance_group
        and compared.period_start = crossed.period_start
