-- How the masses of single seizures of a group are spread over a year or half-year: sum, ranks, median and logarithms.
-- `ranked_g` is the sum of rank times mass, ranks counted from the smallest; seizures of equal mass may swap ranks
-- without changing it. Seizures of equal mass stand together here, as many masses are a few round figures.
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

half_years as (

    select
        source,
        country_code,
        substance_group,
        {{ period_start("'half_year'", 'seized_on') }} as period_start,
        mass_g,
        count(*) as n_alike
    from lines
    group by
        source,
        country_code,
        substance_group,
        {{ period_start("'half_year'", 'seized_on') }},
        mass_g

),

cells as (

    select
        half_years.source,
        half_years.country_code,
        half_years.substance_group,
        grains.period_grain,
        {{ period_start('grains.period_grain', 'half_years.period_start') }} as period_start,
        cast(sum(half_years.n_alike) as bigint) as n_sizes
    from half_years
    cross join grains
    where grains.period_grain <> 'month'
    group by
        half_years.source,
        half_years.country_code,
        half_years.substance_group,
        grains.period_grain,
        {{ period_start('grains.period_grain', 'half_years.period_start') }}

),

-- A number to sort by in place of five columns, and how many seizures stand in the cells before.
ordered as (

    select
        *,
        cast(row_number() over (
            order by
                source asc nulls last,
                country_code asc nulls last,
                substance_group asc nulls last,
                period_grain asc nulls last,
                period_start asc nulls last
        ) as integer) as cell_number
    from cells

),

numbered as (

    select
        *,
        cast(
            sum(n_sizes) over (order by cell_number asc nulls last rows between unbounded preceding and current row)
            - n_sizes as bigint
        ) as n_before
    from ordered

),

placed as (

    select
        numbered.cell_number,
        half_years.mass_g,
        cast(sum(half_years.n_alike) as bigint) as n_alike
    from half_years
    inner join numbered
        on
            half_years.source = numbered.source
            and half_years.country_code = numbered.country_code
            and half_years.substance_group = numbered.substance_group
            and {{ period_start('numbered.period_grain', 'half_years.period_start') }} = numbered.period_start
    group by numbered.cell_number, half_years.mass_g

),

-- One running count over all cells: DuckDB takes four times as long for one of each.
counted as (

    select
        *,
        cast(sum(n_alike) over (
            order by cell_number asc nulls last, mass_g asc nulls last
            rows between unbounded preceding and current row
        ) as bigint) as n_up_to_this
    from placed

),

-- Seizures of one mass have the ranks from first_rank to last_rank.
ranked as (

    select
        numbered.*,
        counted.mass_g,
        counted.n_alike,
        counted.n_up_to_this - numbered.n_before - counted.n_alike + 1 as first_rank,
        counted.n_up_to_this - numbered.n_before as last_rank,
        {{ ln_decimal('counted.mass_g') }} as ln_mass
    from counted
    inner join numbered on counted.cell_number = numbered.cell_number

),

final as (

    select
        ranked.source,
        ranked.country_code,
        ranked.substance_group,
        ranked.period_grain,
        ranked.period_start,
        cast(sum(ranked.n_alike) as bigint) as n_masses,
        sum(cast(ranked.n_alike as decimal(12, 0)) * cast(ranked.mass_g as decimal(26, 6))) as mass_g,
        max(ranked.mass_g) as top1_g,
        sum(
            cast(ranked.n_alike * (ranked.first_rank + ranked.last_rank) / 2 as decimal(18, 0))
            * cast(ranked.mass_g as decimal(20, 6))
        ) as ranked_g,
        -- Of the one or two masses that hold the middle ranks.
        {{ quantile(
            'case when 2 * ranked.first_rank <= ranked.n_sizes + 2 and 2 * ranked.last_rank >= ranked.n_sizes '
            ~ 'then ranked.mass_g end', 0.5
        ) }} as median_g,
        cast(
            max(case when ranks.p50_lo between ranked.first_rank and ranked.last_rank then ranked.mass_g end) as double
        ) as median_g_lo,
        cast(
            max(case when ranks.p50_hi between ranked.first_rank and ranked.last_rank then ranked.mass_g end) as double
        ) as median_g_hi,
        -- A mass of 0 has no logarithm, so the geometric mean has a number of its own.
        cast(sum(case when ranked.mass_g > 0 then ranked.n_alike else 0 end) as bigint) as n_positive,
        exp({{ safe_divide(
            'sum(cast(ranked.n_alike as decimal(12, 0)) * cast(ranked.ln_mass as decimal(26, 12)))',
            'sum(case when ranked.mass_g > 0 then ranked.n_alike end)'
        ) }}) as geomean_g
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
