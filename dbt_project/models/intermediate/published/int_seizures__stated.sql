-- National totals of seizures as publications state them, by calendar year or half-year: one figure per country,
-- substance, measure and period. Agency scopes are not mixed: a country's series of a substance is that of all agencies
-- where it was published, else the scope published for most periods.
with figures as (

    select * from {{ ref('stg_published_figures') }}

),

names as (

    select * from {{ ref('int_substances__names') }}

),

substances as (

    select * from {{ ref('substances') }}

),

totals as (

    select
        figures.source,
        figures.delivery_id,
        figures.source_line,
        figures.figure_id,
        figures.country_code,
        names.substance_code,
        substances.substance_group,
        -- A figure of hashish says nothing of the whole of cannabis.
        (figures.substance = substances.substance_group) as is_whole_group,
        case figures.series when 'seizures_count' then 'count' else 'kg' end as measure,
        case figures.series
            when 'seizures_tonnes'
                then cast(cast(figures.value as decimal(24, 6)) * cast(1000 as decimal(5, 0)) as decimal(24, 6))
            else cast(figures.value as decimal(24, 6))
        end as value,
        coalesce(figures.agency_scope, 'unstated') as agency_scope,
        figures.is_secondary_source,
        case {{ calendar_months('figures.period_start', 'figures.period_end') }}
            when 12 then 'year'
            when 6 then 'half_year'
        end as period_grain,
        figures.period_start,
        figures.period_end,
        (cast(figures.valid_from as date) > figures.period_end) as is_complete,
        figures.is_synthetic
    from figures
    inner join names on {{ normalise('figures.substance') }} = names.name
    inner join substances on names.substance_code = substances.substance_code
    where
        figures.series in ('seizures_kg', 'seizures_tonnes', 'seizures_count')
        and figures.value is not null
        and figures.area is null

),

scopes as (

    select
        country_code,
        substance_code,
        measure,
        agency_scope
    from totals
    where period_grain is not null
    group by country_code, substance_code, measure, agency_scope
    qualify
        row_number() over (
            partition by country_code, substance_code, measure
            order by
                case agency_scope when 'all_agencies' then 0 else 1 end asc,
                count(distinct concat(period_grain, cast(period_start as varchar))) desc,
                agency_scope asc
        ) = 1

),

final as (

    select totals.*
    from totals
    inner join scopes
        on
            totals.country_code = scopes.country_code
            and totals.substance_code = scopes.substance_code
            and totals.measure = scopes.measure
            and totals.agency_scope = scopes.agency_scope
    where totals.period_grain is not null
    qualify
        row_number() over (
            partition by
                totals.country_code,
                totals.substance_code,
                totals.measure,
                totals.period_grain,
                totals.period_start
            order by totals.is_secondary_source asc, totals.figure_id asc
        ) = 1

)

select * from final
