-- One row per cell that marts.purity may show, with the number of figures in it and whether it is withheld. Under
-- control a cell that held a figure at any time stands in every period, so that a row's being there tells nothing.
with purity_values as (

    select * from {{ ref('int_purity__values') }}

),

coverage as (

    select * from {{ ref('int_seizures__coverage') }}

),

groups_of_period as (

    select * from {{ ref('int_seizures__periods') }}

),

substances as (

    select * from {{ ref('substances') }}

),

counted as (

    select
        source,
        row_unit,
        country_code,
        substance_code,
        purity_measure,
        purity_basis,
        period_grain,
        period_start,
        period_end,
        is_complete,
        is_controlled,
        bool_or(is_synthetic) as is_synthetic,
        cast(count(*) as bigint) as n_values
    from purity_values
    group by
        source,
        row_unit,
        country_code,
        substance_code,
        purity_measure,
        purity_basis,
        period_grain,
        period_start,
        period_end,
        is_complete,
        is_controlled

),

seen as (

    select
        source,
        row_unit,
        country_code,
        substance_code,
        purity_measure,
        purity_basis
    from counted
    group by source, row_unit, country_code, substance_code, purity_measure, purity_basis

),

empty as (

    select
        seen.source,
        seen.row_unit,
        seen.country_code,
        seen.substance_code,
        seen.purity_measure,
        seen.purity_basis,
        coverage.period_grain,
        coverage.period_start,
        coverage.period_end,
        coverage.is_complete,
        coverage.is_controlled,
        coverage.is_synthetic,
        cast(0 as bigint) as n_values
    from seen
    inner join coverage
        on
            seen.source = coverage.source
            and seen.country_code = coverage.country_code
            and coverage.is_controlled
    left join counted
        on
            seen.source = counted.source
            and seen.row_unit = counted.row_unit
            and seen.country_code = counted.country_code
            and seen.substance_code = counted.substance_code
            and seen.purity_measure = counted.purity_measure
            and seen.purity_basis = counted.purity_basis
            and coverage.period_grain = counted.period_grain
            and coverage.period_start = counted.period_start
    where counted.source is null

),

cells as (

    select * from counted
    union all
    select * from empty

),

grouped as (

    select
        cells.*,
        substances.substance_group,
        (cells.is_controlled and {{ is_small('cells.n_values') }}) as is_small
    from cells
    inner join substances on cells.substance_code = substances.substance_code

),

judged as (

    select
        *,
        {{
            is_in_withheld_breakdown(
                'is_small',
                family=['source', 'country_code', 'substance_group'],
                cell=['source', 'country_code', 'substance_code', 'purity_measure', 'purity_basis'],
            ) | indent(8)
        }} as is_withheld
    from grouped

),

final as (

    select
        judged.source,
        judged.row_unit,
        judged.country_code,
        judged.substance_code,
        judged.substance_group,
        judged.purity_measure,
        judged.purity_basis,
        judged.period_grain,
        judged.period_start,
        judged.period_end,
        judged.is_complete,
        judged.is_controlled,
        judged.n_values,
        judged.is_synthetic,
        -- Figures are a part of their group's seizures: nothing is shown below a cell that is not.
        (
            judged.is_withheld
            or (judged.is_controlled and coalesce(groups_of_period.is_withheld, true))
        ) as is_withheld
    from judged
    left join groups_of_period
        on
            judged.source = groups_of_period.source
            and judged.country_code = groups_of_period.country_code
            and judged.substance_group = groups_of_period.substance_group
            and judged.period_grain = groups_of_period.period_grain
            and judged.period_start = groups_of_period.period_start

)

select * from final
