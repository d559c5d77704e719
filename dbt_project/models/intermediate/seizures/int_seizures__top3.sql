-- Mass of the three largest seizures of a group in a period, and what disclosure control asks about the largest: how
-- many and how much of them their agency has published itself, and the two largest of the others. The largest of a
-- period are among the largest of its months, so that only those are ranked again.
with lines as (

    select * from {{ ref('int_seizures__mapped') }}
    where is_in_seizure_marts and row_unit = 'seizure' and mass_g is not null

),

allowed as (

    select * from {{ ref('published_records') }}

),

figures as (

    select * from {{ ref('stg_published_figures') }}

),

names as (

    select * from {{ ref('int_substances__names') }}

),

substances as (

    select * from {{ ref('substances') }}

),

published as (

    select
        figures.country_code,
        substances.substance_group,
        figures.period_start,
        figures.period_end,
        figures.value as mass_kg
    from allowed
    inner join figures on allowed.figure_id = figures.figure_id
    inner join names on {{ normalise('figures.substance') }} = names.name
    inner join substances on names.substance_code = substances.substance_code
    group by figures.country_code, substances.substance_group, figures.period_start, figures.period_end, figures.value

),

known as (

    select
        lines.source,
        lines.country_code,
        lines.substance_group,
        lines.month_start,
        lines.mass_g,
        coalesce(published.mass_kg is not null, false) as is_published
    from lines
    left join published
        on
            lines.country_code = published.country_code
            and lines.substance_group = published.substance_group
            and lines.seized_on between published.period_start and published.period_end
            and round(lines.mass_g / 1000, 0) = published.mass_kg

),

largest as (

    select
        source,
        country_code,
        substance_group,
        month_start,
        {{ nth_largest('mass_g', 1) }} as first_g,
        {{ nth_largest('mass_g', 2) }} as second_g,
        {{ nth_largest('mass_g', 3) }} as third_g
    from known
    where not is_published
    group by
        source,
        country_code,
        substance_group,
        month_start

),

monthly as (
    {% for mass in ['first_g', 'second_g', 'third_g'] %}
        select
            source,
            country_code,
            substance_group,
            month_start,
            {{ mass }} as mass_g,
            false as is_published
        from largest
        where {{ mass }} is not null
        union all
    {% endfor %}
    select
        source,
        country_code,
        substance_group,
        month_start,
        mass_g,
        is_published
    from known
    where is_published

),

grains as (

    {{ period_grains() }}

),

placed as (

    select
        monthly.source,
        monthly.country_code,
        monthly.substance_group,
        grains.period_grain,
        {{ period_start('grains.period_grain', 'monthly.month_start') }} as period_start,
        monthly.mass_g,
        monthly.is_published
    from monthly
    cross join grains

),

ranked as (

    select
        *,
        row_number() over (
            partition by source, country_code, substance_group, period_grain, period_start
            order by mass_g desc nulls last
        ) as size_rank,
        row_number() over (
            partition by source, country_code, substance_group, period_grain, period_start, is_published
            order by mass_g desc nulls last
        ) as rank_of_its_kind
    from placed

),

final as (

    select
        source,
        country_code,
        substance_group,
        period_grain,
        period_start,
        sum(mass_g) filter (where size_rank <= 3) as top3_g,
        sum(mass_g) filter (where not is_published and rank_of_its_kind <= 2) as top2_unpublished_g,
        cast(count(*) filter (where is_published) as bigint) as n_published,
        coalesce(sum(mass_g) filter (where is_published), cast(0 as decimal(38, 6))) as published_g
    from ranked
    group by
        source,
        country_code,
        substance_group,
        period_grain,
        period_start

)

select * from final
