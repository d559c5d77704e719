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

-- A mass of few lines, or of a month that two lines dominate, is as telling as a small count. What an agency has
-- published itself is known already and left out of both questions.
judged as (

    select
        filled.*,
        coalesce(top3.top3_g, cast(0 as decimal(38, 6))) as top3_g,
        (filled.is_controlled and {{ is_small('filled.n_lines') }}) as is_small,
        (
            filled.is_controlled
            and (
                {{ is_small('filled.n_mass_lines - coalesce(top3.n_published, 0)') }}
                or (
                    filled.period_grain = 'month'
                    and {{ is_dominated('top3.top2_unpublished_g', '(filled.mass_g - top3.published_g)') }}
                )
            )
        ) as is_mass_small
    from filled
    left join top3
        on
            filled.source = top3.source
            and filled.country_code = top3.country_code
            and filled.substance_group = top3.substance_group
            and filled.period_grain = top3.period_grain
            and filled.period_start = top3.period_start

),

final as (

    select
        source,
        row_unit,
        covers_all_drugs,
        country_code,
        substance_group,
        period_grain,
        period_start,
        period_end,
        is_complete,
        n_lines,
        n_seizures,
        n_mass_lines,
        mass_g,
        case when row_unit = 'seizure' then top3_g end as top3_g,
        is_synthetic,
        is_controlled,
        {{
            is_in_withheld_breakdown(
                'is_small',
                family=['source', 'country_code'],
                cell=['source', 'country_code', 'substance_group'],
            ) | indent(8)
        }} as is_withheld,
        {{
            is_in_withheld_breakdown(
                '(is_small or is_mass_small)',
                family=['source', 'country_code'],
                cell=['source', 'country_code', 'substance_group'],
            ) | indent(8)
        }} as is_mass_withheld
    from judged

)

select * from final
