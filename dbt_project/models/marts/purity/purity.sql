with purity_values as (

    select * from {{ ref('int_purity__values') }}

),

ranks as (

    select * from {{ ref('int_intervals__exact') }} where kind = 'median_rank'

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

cells as (

    select
        purity_values.source,
        purity_values.row_unit,
        purity_values.country_code,
        purity_values.substance_code,
        purity_values.purity_measure,
        purity_values.purity_basis,
        purity_values.period_grain,
        purity_values.period_start,
        purity_values.period_end,
        purity_values.is_complete,
        purity_values.is_controlled,
        purity_values.n_values,
        sum(purity_values.purity) as purity_sum,
        {{ quantile('purity_values.purity', '0.5') }} as median_value,
        {{ quantile('purity_values.purity', '0.25') }} as p25_value,
        {{ quantile('purity_values.purity', '0.75') }} as p75_value,
        cast(min(purity_values.purity) as double) as min_value,
        cast(max(purity_values.purity) as double) as max_value,
        cast(max(purity_values.purity) filter (where purity_values.value_rank = ranks.lo) as double)
            as median_lo_value,
        cast(max(purity_values.purity) filter (where purity_values.value_rank = ranks.hi) as double)
            as median_hi_value,
        bool_or(purity_values.is_synthetic) as is_synthetic
    from purity_values
    left join ranks on purity_values.n_values = ranks.n
    group by
        purity_values.source,
        purity_values.row_unit,
        purity_values.country_code,
        purity_values.substance_code,
        purity_values.purity_measure,
        purity_values.purity_basis,
        purity_values.period_grain,
        purity_values.period_start,
        purity_values.period_end,
        purity_values.is_complete,
        purity_values.is_controlled,
        purity_values.n_values

),

-- A restricted source shows a mean from ten figures on, and its extremes only by year or half-year from twenty.
reasoned as (

    select
        *,
        case
            when n_values < 10 and is_controlled then 'withheld'
            when n_values < 10 then 'n_below_10'
        end as purity_reason,
        (is_controlled and n_values < 10) as is_mean_withheld,
        (n_values < 10 or (is_controlled and (period_grain = 'month' or n_values < 20))) as is_range_withheld
    from cells

),

final as (

    select
        reasoned.source,
        reasoned.row_unit,
        reasoned.country_code,
        countries.country_label,
        reasoned.substance_code,
        substances.label_en as substance_label,
        substances.substance_group,
        substance_groups.substance_group_label,
        reasoned.purity_measure,
        reasoned.purity_basis,
        reasoned.period_grain,
        reasoned.period_start,
        reasoned.period_end,
        reasoned.is_complete,
        case when not reasoned.is_mean_withheld then reasoned.n_values end as n,
        case
            when not reasoned.is_mean_withheld then {{ safe_divide('reasoned.purity_sum', 'reasoned.n_values') }}
        end as mean,
        case when reasoned.purity_reason is null then reasoned.median_value end as median,
        case when reasoned.purity_reason is null then reasoned.p25_value end as p25,
        case when reasoned.purity_reason is null then reasoned.p75_value end as p75,
        case when not reasoned.is_range_withheld then reasoned.min_value end as min,
        case when not reasoned.is_range_withheld then reasoned.max_value end as max,
        case when reasoned.purity_reason is null then reasoned.median_lo_value end as median_lo,
        case when reasoned.purity_reason is null then reasoned.median_hi_value end as median_hi,
        reasoned.purity_reason,
        reasoned.is_synthetic
    from reasoned
    inner join countries on reasoned.country_code = countries.country_code
    inner join substances on reasoned.substance_code = substances.substance_code
    inner join substance_groups on substances.substance_group = substance_groups.substance_group

)

select * from final
