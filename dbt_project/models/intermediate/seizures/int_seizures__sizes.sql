-- How the masses of single seizures of a group are spread over a year or half-year: sum, ranks, median and logarithms.
-- `ranked_g` is the sum of rank times mass, ranks counted from the smallest; seizures of equal mass may swap ranks
-- without changing it.
with lines as (

    select * from {{ ref('int_seizures__mapped') }}
    where is_in_seizure_marts and row_unit = 'seizure' and mass_g is not null

),

ranks as (

    select * from {{ ref('int_intervals__ranks') }}

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
        ) as size_rank,
        count(*) over (
            partition by
                lines.source,
                lines.country_code,
                lines.substance_group,
                grains.period_grain,
                {{ period_start('grains.period_grain', 'lines.seized_on') }}
        ) as n_sizes
    from lines
    cross join grains
    where grains.period_grain <> 'month'

),

final as (

    select
        ranked.source,
        ranked.country_code,
        ranked.substance_group,
        ranked.period_grain,
        ranked.period_start,
        cast(count(*) as bigint) as n_masses,
        sum(ranked.mass_g) as mass_g,
        max(ranked.mass_g) as top1_g,
        sum(cast(ranked.size_rank as decimal(12, 0)) * cast(ranked.mass_g as decimal(26, 6))) as ranked_g,
        {{ quantile('ranked.mass_g', 0.5) }} as median_g,
        {{ value_at_rank('ranked.mass_g', 'ranked.size_rank', 'ranks.p50_lo') }} as median_g_lo,
        {{ value_at_rank('ranked.mass_g', 'ranked.size_rank', 'ranks.p50_hi') }} as median_g_hi,
        -- A mass of 0 has no logarithm, so the geometric mean has a number of its own.
        cast(count(case when ranked.mass_g > 0 then 1 end) as bigint) as n_positive,
        {{ geometric_mean(ln_decimal('ranked.mass_g')) }} as geomean_g
    from ranked
    left join ranks on ranked.n_sizes = ranks.n
    group by
        ranked.source,
        ranked.country_code,
        ranked.substance_group,
        ranked.period_grain,
        ranked.period_start

)

select * from final
