-- One row per input line of each indicator, with the key of the indicator it goes into and how lines combine there:
-- stated (one line), sum or mean.
with figures as (

    select * from {{ ref('stg_published_figures') }}

),

names as (

    select * from {{ ref('int_substances__names') }}

),

substances as (

    select * from {{ ref('substances') }}

),

masses as (

    select * from {{ ref('int_seizures__mapped') }}
    where source in ('unodc_seizures', 'colombia_ponal') and is_in_seizure_marts and mass_g is not null

),

rates as (

    select * from {{ ref('stg_ecb_fx') }}

),

rate_years as (

    select * from {{ ref('int_fx__periods') }}
    where period_grain = 'year' and is_complete

),

-- A year of the Colombian file counts once all its months are there.
mass_years as (

    select
        source,
        year(seized_on) as calendar_year,
        count(distinct month(seized_on)) as n_months
    from masses
    group by source, year(seized_on)

),

stated as (

    select
        figures.figure_id as indicator_key,
        figures.source,
        figures.delivery_id,
        figures.source_line,
        figures.series,
        figures.substance,
        case
            when figures.substance is not null then coalesce(substances.substance_group, 'unknown')
        end as substance_group,
        figures.country_code,
        figures.area,
        figures.period_start,
        figures.period_end,
        figures.value_low,
        figures.value,
        figures.value_high,
        'stated' as combination,
        figures.unit,
        figures.market_level,
        figures.kind,
        figures.publisher,
        figures.agency_scope,
        figures.is_secondary_source,
        figures.title,
        figures.published_date,
        figures.url_or_file as document,
        figures.locator,
        figures.is_synthetic
    from figures
    left join names on {{ normalise('figures.substance') }} = names.name
    left join substances on names.substance_code = substances.substance_code

),

seized as (

    select
        concat(
            masses.source, ':', masses.country_code, ':', masses.substance_group, ':',
            cast(year(masses.seized_on) as varchar)
        ) as indicator_key,
        masses.source,
        masses.delivery_id,
        masses.source_line,
        'seizures_kg' as series,
        masses.substance_group as substance,
        masses.substance_group,
        masses.country_code,
        cast(null as varchar) as area,
        make_date(year(masses.seized_on), 1, 1) as period_start,
        make_date(year(masses.seized_on), 12, 31) as period_end,
        cast(null as decimal(18, 6)) as value_low,
        cast(cast(masses.mass_g as decimal(24, 6)) * cast(0.001 as decimal(4, 3)) as decimal(18, 6)) as value,
        cast(null as decimal(18, 6)) as value_high,
        'sum' as combination,
        'kg' as unit,
        cast(null as varchar) as market_level,
        'measured' as kind,
        case masses.source when 'unodc_seizures' then 'UNODC' else 'Policía Nacional de Colombia' end as publisher,
        masses.agency as agency_scope,
        false as is_secondary_source,
        case masses.source
            when 'unodc_seizures' then 'Drug seizures 2019-2023, table 7.1'
            else 'Estupefacientes incautados'
        end as title,
        cast(null as varchar) as published_date,
        cast(null as varchar) as document,
        concat('year ', cast(year(masses.seized_on) as varchar)) as locator,
        masses.is_synthetic
    from masses
    inner join mass_years
        on
            masses.source = mass_years.source
            and year(masses.seized_on) = mass_years.calendar_year
    where masses.source = 'unodc_seizures' or mass_years.n_months = 12

),

exchanged as (

    select
        concat('ecb_fx:', rates.currency, ':', cast(year(rates.quoted_on) as varchar)) as indicator_key,
        rates.source,
        rates.delivery_id,
        rates.source_line,
        'fx_units_per_eur' as series,
        cast(null as varchar) as substance,
        cast(null as varchar) as substance_group,
        'EU' as country_code,
        cast(null as varchar) as area,
        rate_years.period_start,
        rate_years.period_end,
        cast(null as decimal(18, 6)) as value_low,
        rates.units_per_eur as value,
        cast(null as decimal(18, 6)) as value_high,
        'mean' as combination,
        concat(rates.currency, '/EUR') as unit,
        cast(null as varchar) as market_level,
        'measured' as kind,
        'European Central Bank' as publisher,
        cast(null as varchar) as agency_scope,
        false as is_secondary_source,
        'Euro foreign exchange reference rates, yearly mean of daily rates' as title,
        cast(null as varchar) as published_date,
        cast(null as varchar) as document,
        concat('column ', rates.currency) as locator,
        rates.is_synthetic
    from rates
    inner join rate_years
        on
            rates.currency = rate_years.currency
            and rates.quoted_on between rate_years.period_start and rate_years.period_end

),

final as (

    select * from stated
    union all
    select * from seized
    union all
    select * from exchanged

)

select * from final
