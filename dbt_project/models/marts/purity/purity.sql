with cells as (

    select * from {{ ref('int_purity__cells') }}

),

purity_values as (

    select * from {{ ref('int_purity__values') }}

),

ranks as (

    select * from {{ ref('int_intervals__ranks') }}

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

figures as (

    select
        purity_values.source,
        purity_values.row_unit,
        purity_values.country_code,
        purity_values.substance_code,
        purity_values.purity_measure,
        purity_values.purity_basis,
        purity_values.period_grain,
        purity_values.period_start,
        sum(purity_values.purity) as purity_sum,
        {{ quantile('purity_values.purity', '0.5') }} as median_value,
        {{ quantile('purity_values.purity', '0.25') }} as p25_value,
        {{ quantile('purity_values.purity', '0.75') }} as p75_value,
        cast(min(purity_values.purity) as double) as min_value,
        cast(max(purity_values.purity) as double) as max_value,
        {{ value_at_rank('purity_values.purity', 'purity_values.value_rank', 'ranks.p50_lo') }}
            as median_lo_value,
        {{ value_at_rank('purity_values.purity', 'purity_values.value_rank', 'ranks.p50_hi') }}
            as median_hi_value,
        {{ value_at_rank('purity_values.purity', 'purity_values.value_rank', 'ranks.p25_lo') }}
            as p25_lo_value,
        {{ value_at_rank('purity_values.purity', 'purity_values.value_rank', 'ranks.p25_hi') }}
            as p25_hi_value,
        {{ value_at_rank('purity_values.purity', 'purity_values.value_rank', 'ranks.p75_lo') }}
            as p75_lo_value,
        {{ value_at_rank('purity_values.purity', 'purity_values.value_rank', 'ranks.p75_hi') }}
            as p75_hi_value
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
        purity_values.period_start

),

-- Minimum and maximum of a restricted source stand only for a year or half-year, from twenty figures on.
reasoned as (

    select
        cells.*,
        figures.purity_sum,
        figures.median_value,
        figures.p25_value,
        figures.p75_value,
        figures.min_value,
        figures.max_value,
        figures.median_lo_value,
        figures.median_hi_value,
        figures.p25_lo_value,
        figures.p25_hi_value,
        figures.p75_lo_value,
        figures.p75_hi_value,
        case
            when cells.is_withheld then 'suppressed'
            when cells.n_values < 10 then 'n_below_10'
        end as purity_reason,
        (
            cells.is_withheld
            or cells.n_values < 10
            or {{ is_extreme_withheld('cells.is_controlled', 'cells.period_grain', 'cells.n_values') }}
        ) as is_range_withheld
    from cells
    left join figures
        on
            cells.source = figures.source
            and cells.row_unit = figures.row_unit
            and cells.country_code = figures.country_code
            and cells.substance_code = figures.substance_code
            and cells.purity_measure = figures.purity_measure
            and cells.purity_basis = figures.purity_basis
            and cells.period_grain = figures.period_grain
            and cells.period_start = figures.period_start
    where cells.n_values > 0 or cells.is_withheld

),

-- Below twenty figures an end of a quartile's interval is the smallest or largest of them.
quartered as (

    select
        *,
        case
            when purity_reason is not null then purity_reason
            when n_values < 13 then 'n_below_13'
            when is_controlled and n_values < 20 then 'suppressed'
        end as quartile_interval_reason
    from reasoned

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
        case when not reasoned.is_withheld then reasoned.n_values end as n,
        case
            when not reasoned.is_withheld then {{ safe_divide('reasoned.purity_sum', 'reasoned.n_values') }}
        end as mean,
        case when reasoned.purity_reason is null then reasoned.median_value end as median,
        case when reasoned.purity_reason is null then reasoned.p25_value end as p25,
        case when reasoned.purity_reason is null then reasoned.p75_value end as p75,
        case when not reasoned.is_range_withheld then reasoned.min_value end as min,
        case when not reasoned.is_range_withheld then reasoned.max_value end as max,
        case when reasoned.purity_reason is null then reasoned.median_lo_value end as median_lo,
        case when reasoned.purity_reason is null then reasoned.median_hi_value end as median_hi,
        reasoned.purity_reason,
        case when reasoned.quartile_interval_reason is null then reasoned.p25_lo_value end as p25_lo,
        case when reasoned.quartile_interval_reason is null then reasoned.p25_hi_value end as p25_hi,
        case when reasoned.quartile_interval_reason is null then reasoned.p75_lo_value end as p75_lo,
        case when reasoned.quartile_interval_reason is null then reasoned.p75_hi_value end as p75_hi,
        reasoned.quartile_interval_reason,
        {{
            comparability(
                crosses_break(
                    "'purity'", 'reasoned.country_code', 'reasoned.period_start', 'reasoned.period_end', 'substances.substance_group'
                ),
                'reasoned.is_complete',
            ) | indent(8)
        }} as comparability,
        reasoned.is_synthetic
    from quartered as reasoned
    inner join countries on reasoned.country_code = countries.country_code
    inner join substances on reasoned.substance_code = substances.substance_code
    inner join substance_groups on substances.substance_group = substance_groups.substance_group

)

select * from final
