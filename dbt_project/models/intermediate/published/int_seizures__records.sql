-- Single seizures that publications name, once per year and half-year that their period lies within. Those of which
-- only a bound is stated ("over 100 kg") keep it in mass_g_low and have no mass_g.
with figures as (

    select * from {{ ref('stg_published_figures') }}
    where series = 'single_seizure_kg'

),

names as (

    select * from {{ ref('int_substances__names') }}

),

substances as (

    select * from {{ ref('substances') }}

),

grains as (

    {{ period_grains() }}

),

mapped as (

    select
        figures.source,
        figures.delivery_id,
        figures.source_line,
        figures.figure_id,
        figures.country_code,
        figures.area,
        names.substance_code,
        substances.substance_group,
        figures.period_start,
        figures.period_end,
        cast(cast(figures.value as decimal(24, 6)) * cast(1000 as decimal(5, 0)) as decimal(24, 6)) as mass_g,
        cast(
            cast(coalesce(figures.value_low, figures.value) as decimal(24, 6)) * cast(1000 as decimal(5, 0))
            as decimal(24, 6)
        ) as mass_g_low,
        coalesce(figures.agency_scope, 'unstated') as agency_scope,
        figures.is_synthetic
    from figures
    inner join names on {{ normalise('figures.substance') }} = names.name
    inner join substances on names.substance_code = substances.substance_code

),

placed as (

    select
        mapped.*,
        grains.period_grain,
        {{ period_start('grains.period_grain', 'mapped.period_start') }} as whole_start
    from mapped
    cross join grains
    where grains.period_grain <> 'month'

),

final as (

    select
        source,
        delivery_id,
        source_line,
        figure_id,
        country_code,
        area,
        substance_code,
        substance_group,
        period_grain,
        whole_start as period_start,
        {{ period_end('period_grain', 'whole_start') }} as period_end,
        mass_g,
        mass_g_low,
        agency_scope,
        is_synthetic
    from placed
    where period_end <= {{ period_end('period_grain', 'whole_start') }}

)

select * from final
