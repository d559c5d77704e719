with purity_cells as (

    select * from {{ ref('int_purity__cells') }} where period_grain = 'year'

),

size_classes as (

    select * from {{ ref('size_classes') }}

),

sizes as (

    select * from {{ ref('int_purity__sizes') }}

),

deviates as (

    select
        n,
        x as lower_rank,
        n - x + 1 as upper_rank,
        lo as z
    from {{ ref('int_intervals__exact') }}
    where kind = 'median_z'

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

cells as (

    select
        sizes.source,
        sizes.row_unit,
        sizes.country_code,
        sizes.substance_code,
        sizes.purity_measure,
        sizes.purity_basis,
        sizes.period_grain,
        sizes.period_start,
        sizes.period_end,
        sizes.is_complete,
        sizes.size_class,
        sizes.size_class_order,
        sizes.n_values,
        {{ quantile('sizes.purity', '0.5') }} as median_value,
        -- Standard error of the median from two order statistics (Price & Bonett 2001).
        {{ safe_divide(
            'max(sizes.purity) filter (where sizes.value_rank = deviates.upper_rank)'
            ~ ' - max(sizes.purity) filter (where sizes.value_rank = deviates.lower_rank)',
            '2 * max(deviates.z)'
        ) }} as median_se,
        {{ value_at_rank('sizes.purity', 'sizes.value_rank', 'ranks.p50_lo') }} as median_lo_value,
        {{ value_at_rank('sizes.purity', 'sizes.value_rank', 'ranks.p50_hi') }} as median_hi_value,
        bool_or(sizes.is_synthetic) as is_synthetic
    from sizes
    left join deviates on sizes.n_values = deviates.n
    left join ranks on sizes.n_values = ranks.n
    group by
        sizes.source,
        sizes.row_unit,
        sizes.country_code,
        sizes.substance_code,
        sizes.purity_measure,
        sizes.purity_basis,
        sizes.period_grain,
        sizes.period_start,
        sizes.period_end,
        sizes.is_complete,
        sizes.size_class,
        sizes.size_class_order,
        sizes.n_values

),

small_sizes as (

    select * from cells where size_class_order = 1

),

-- Size classes split a year's cell of marts.purity. Where they are withheld every class has a row, filled or not.
classed as (

    select
        purity_cells.source,
        purity_cells.row_unit,
        purity_cells.country_code,
        purity_cells.substance_code,
        purity_cells.purity_measure,
        purity_cells.purity_basis,
        purity_cells.period_grain,
        purity_cells.period_start,
        purity_cells.period_end,
        purity_cells.is_complete,
        size_classes.size_class,
        size_classes.size_class_order,
        coalesce(cells.n_values, 0) as n_values,
        cells.median_value,
        cells.median_lo_value,
        cells.median_hi_value,
        cells.median_se,
        coalesce(cells.is_synthetic, purity_cells.is_synthetic) as is_synthetic,
        purity_cells.is_withheld as is_year_withheld,
        (purity_cells.is_controlled and {{ is_small('cells.n_values') }}) as is_small
    from purity_cells
    cross join size_classes
    left join cells
        on
            purity_cells.source = cells.source
            and purity_cells.row_unit = cells.row_unit
            and purity_cells.country_code = cells.country_code
            and purity_cells.substance_code = cells.substance_code
            and purity_cells.purity_measure = cells.purity_measure
            and purity_cells.purity_basis = cells.purity_basis
            and purity_cells.period_grain = cells.period_grain
            and purity_cells.period_start = cells.period_start
            and size_classes.size_class_order = cells.size_class_order

),

judged as (

    select
        *,
        is_year_withheld or {{
            is_in_withheld_breakdown(
                'is_small',
                family=['source', 'country_code', 'substance_code', 'purity_measure', 'purity_basis'],
                cell=['source', 'country_code', 'substance_code', 'purity_measure', 'purity_basis', 'size_class'],
            ) | indent(8)
        }} as is_withheld
    from classed

),

controlled as (

    select * from judged
    where n_values > 0 or is_withheld

),

compared as (

    select
        controlled.*,
        controlled.median_value - small_sizes.median_value as gap,
        sqrt(
            controlled.median_se * controlled.median_se + small_sizes.median_se * small_sizes.median_se
        ) as gap_se,
        case
            when controlled.is_withheld then 'suppressed'
            when controlled.n_values < 10 then 'n_below_10'
        end as median_reason,
        case
            when controlled.is_withheld then 'suppressed'
            when controlled.purity_measure = 'mg_per_tablet' then 'not_per_cent'
            when controlled.size_class_order = 1 then 'is_small_class'
            when controlled.n_values < 10 then 'n_below_10'
            when coalesce(small_sizes.n_values, 0) < 10 then 'small_class_below_10'
        end as gap_reason
    from controlled
    left join small_sizes
        on
            controlled.source = small_sizes.source
            and controlled.country_code = small_sizes.country_code
            and controlled.substance_code = small_sizes.substance_code
            and controlled.purity_measure = small_sizes.purity_measure
            and controlled.purity_basis = small_sizes.purity_basis
            and controlled.period_start = small_sizes.period_start

),

bounded as (

    select
        *,
        gap - 1.959963984540054 * gap_se as gap_lo,
        gap + 1.959963984540054 * gap_se as gap_hi
    from compared

),

final as (

    select
        bounded.source,
        bounded.row_unit,
        bounded.country_code,
        countries.country_label,
        bounded.substance_code,
        substances.label_en as substance_label,
        substances.substance_group,
        substance_groups.substance_group_label,
        bounded.purity_measure,
        bounded.purity_basis,
        bounded.period_grain,
        bounded.period_start,
        bounded.period_end,
        bounded.is_complete,
        bounded.size_class,
        bounded.size_class_order,
        case when not bounded.is_withheld then bounded.n_values end as n,
        case when bounded.median_reason is null then bounded.median_value end as median,
        case when bounded.median_reason is null then bounded.median_lo_value end as median_lo,
        case when bounded.median_reason is null then bounded.median_hi_value end as median_hi,
        case when bounded.gap_reason is null then bounded.gap end as gap_to_small_pp,
        case when bounded.gap_reason is null then bounded.gap_lo end as gap_to_small_lo,
        case when bounded.gap_reason is null then bounded.gap_hi end as gap_to_small_hi,
        case
            when bounded.gap_reason is not null then null
            when bounded.gap_lo >= -5 and bounded.gap_hi <= 5 then 'within_5_pp'
            when bounded.gap_hi < -5 or bounded.gap_lo > 5 then 'beyond_5_pp'
            else 'undecided'
        end as gap_verdict,
        bounded.median_reason,
        bounded.gap_reason,
        {{
            comparability(
                crosses_break(
                    "'purity'", 'bounded.country_code', 'bounded.period_start', 'bounded.period_end', 'substances.substance_group'
                ),
                'bounded.is_complete',
            ) | indent(8)
        }} as comparability,
        bounded.is_synthetic
    from bounded
    inner join countries on bounded.country_code = countries.country_code
    inner join substances on bounded.substance_code = substances.substance_code
    inner join substance_groups on substances.substance_group = substance_groups.substance_group

)

select * from final
