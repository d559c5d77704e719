-- Every purity figure in each period it falls in, ranked. A purchase is no seizure but its laboratory figure is one.
with lines as (

    select * from {{ ref('int_seizures__mapped') }}
    where
        purity is not null
        and purity_measure is not null
        and (exclusion is null or exclusion = 'purchase')

),

coverage as (

    select * from {{ ref('int_seizures__coverage') }}

),

grains as (

    {{ period_grains() }}

),

placed as (

    select
        lines.source,
        lines.row_unit,
        lines.country_code,
        lines.substance_code,
        lines.purity_measure,
        coalesce(lines.purity_basis, 'unknown') as purity_basis,
        grains.period_grain,
        {{ period_start('grains.period_grain', 'lines.seized_on') }} as period_start,
        lines.mass_g,
        lines.purity,
        lines.delivery_id,
        lines.source_line,
        lines.is_synthetic
    from lines
    cross join grains
    where grains.period_grain = 'year' or lines.date_grain <> 'year'

),

final as (

    select
        placed.*,
        coverage.period_end,
        coverage.is_complete,
        coverage.is_controlled,
        row_number() over (
            partition by
                placed.source,
                placed.country_code,
                placed.substance_code,
                placed.purity_measure,
                placed.purity_basis,
                placed.period_grain,
                placed.period_start
            order by placed.purity asc nulls last
        ) as value_rank,
        cast(count(*) over (
            partition by
                placed.source,
                placed.country_code,
                placed.substance_code,
                placed.purity_measure,
                placed.purity_basis,
                placed.period_grain,
                placed.period_start
        ) as bigint) as n_values
    from placed
    inner join coverage
        on
            placed.source = coverage.source
            and placed.country_code = coverage.country_code
            and placed.period_grain = coverage.period_grain
            and placed.period_start = coverage.period_start

)

select * from final
