-- How the masses of single seizures of a group are spread over a year or half-year: sum, ranks, median and logarithms.
-- `ranked_g` is the sum of rank times mass, ranks counted from the smallest; seizures of equal mass may swap ranks
-- without changing it.
with lines as (

    select * from {{ ref('int_seizures__mapped') }}
    where is_in_seizure_marts and row_unit = 'seizure' and mass_g is not null

),

grains as (

    {{ period_grains() }}

),

ranked as (

    select
        lines.source,
        lines.country_code,
        lines.substance_group,
        grains.period_grain,
        {{ period_start('grains.period_grain', 'lines.seized_on') }} as period_start,
        lines.mass_g,
        row_number() over (
            partition by
                lines.source,
                lines.country_code,
                lines.substance_group,
                grains.period_grain,
                {{ period_start('grains.period_grain', 'lines.seized_on') }}
            order by lines.mass_g asc nulls last
        ) as size_rank
    from lines
    cross join grains
    where grains.period_grain <> 'month'

),

final as (

    select
        source,
        country_code,
        substance_group,
        period_grain,
        period_start,
        cast(count(*) as bigint) as n_masses,
        sum(mass_g) as mass_g,
        max(mass_g) as top1_g,
        sum(cast(size_rank as decimal(12, 0)) * cast(mass_g as decimal(26, 6))) as ranked_g,
        {{ quantile('mass_g', 0.5) }} as median_g,
        {{ geometric_mean(ln_decimal('mass_g')) }} as geomean_g
    from ranked
    group by
        source,
        country_code,
        substance_group,
        period_grain,
        period_start

)

select * from final
