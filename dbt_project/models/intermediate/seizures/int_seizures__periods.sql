-- Counts and masses per group and period. A register that says nothing of a group in a covered period had no such
-- seizure, so zeros are filled in; a source of totals that says nothing has not reported, so nothing is filled in.
with coverage as (

    select * from {{ ref('int_seizures__coverage') }}

),

parts as (

    select * from {{ ref('int_seizures__parts') }}

),

top3 as (

    select * from {{ ref('int_seizures__top3') }}

),

groups_seen as (

    select
        source,
        country_code,
        substance_group
    from parts
    group by source, country_code, substance_group

),

grains as (

    {{ period_grains() }}

),

sums as (

    select
        parts.source,
        parts.country_code,
        parts.substance_group,
        grains.period_grain,
        {{ period_start('grains.period_grain', 'parts.part_start') }} as period_start,
        cast(sum(parts.n_lines) as bigint) as n_lines,
        cast(sum(parts.n_seizures) as bigint) as n_seizures,
        cast(sum(parts.n_mass_lines) as bigint) as n_mass_lines,
        sum(parts.mass_g) as mass_g
    from parts
    cross join grains
    group by
        parts.source,
        parts.country_code,
        parts.substance_group,
        grains.period_grain,
        {{ period_start('grains.period_grain', 'parts.part_start') }}

),

filled as (

    select
        coverage.*,
        groups_seen.substance_group,
        coalesce(sums.n_lines, 0) as n_lines,
        case when sums.n_lines is null then 0 else sums.n_seizures end as n_seizures,
        coalesce(sums.n_mass_lines, 0) as n_mass_lines,
        case when sums.n_lines is null then cast(0 as decimal(38, 6)) else sums.mass_g end as mass_g
    from coverage
    inner join groups_seen
        on
            coverage.source = groups_seen.source
            and coverage.country_code = groups_seen.country_code
    left join sums
        on
            coverage.source = sums.source
            and coverage.country_code = sums.country_code
            and groups_seen.substance_group = sums.substance_group
            and coverage.period_grain = sums.period_grain
            and coverage.period_start = sums.period_start
    where coverage.row_unit = 'seizure' or sums.n_lines is not null

),

-- A breakdown of a restricted source appears only where each of its cells of the same year is 0 or at least 5.
breakdowns as (

    select
        source,
        country_code,
        period_grain,
        year(period_start) as calendar_year,
        bool_or(is_controlled and n_lines between 1 and 4) as is_withheld
    from filled
    group by
        source,
        country_code,
        period_grain,
        year(period_start)

),

final as (

    select
        filled.source,
        filled.row_unit,
        filled.covers_all_drugs,
        filled.country_code,
        filled.substance_group,
        filled.period_grain,
        filled.period_start,
        filled.period_end,
        filled.is_complete,
        filled.n_lines,
        filled.n_seizures,
        filled.n_mass_lines,
        filled.mass_g,
        case when filled.row_unit = 'seizure' then coalesce(top3.top3_g, cast(0 as decimal(38, 6))) end as top3_g,
        filled.is_synthetic,
        filled.is_controlled,
        breakdowns.is_withheld
    from filled
    inner join breakdowns
        on
            filled.source = breakdowns.source
            and filled.country_code = breakdowns.country_code
            and filled.period_grain = breakdowns.period_grain
            and year(filled.period_start) = breakdowns.calendar_year
    left join top3
        on
            filled.source = top3.source
            and filled.country_code = top3.country_code
            and filled.substance_group = top3.substance_group
            and filled.period_grain = top3.period_grain
            and filled.period_start = top3.period_start

)

select * from final
