{{ config(materialized='view') }}

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
        {{ indicator_columns('figures', {
            'indicator_key': 'figures.figure_id',
            'series': 'figures.series',
            'substance': 'figures.substance',
            'substance_group':
                "case when figures.substance is not null then coalesce(substances.substance_group, 'unknown') end",
            'country_code': 'figures.country_code',
            'area': 'figures.area',
            'value_low': 'figures.value_low',
            'value': 'figures.value',
            'value_high': 'figures.value_high',
            'unit': 'figures.unit',
            'market_level': 'figures.market_level',
            'kind': 'figures.kind',
            'publisher': 'figures.publisher',
            'agency_scope': 'figures.agency_scope',
            'is_secondary_source': 'figures.is_secondary_source',
            'title': 'figures.title',
            'published_date': 'figures.published_date',
            'document': 'figures.url_or_file',
            'locator': 'figures.locator',
        }) }}
    from figures
    left join names on {{ normalise('figures.substance') }} = names.name
    left join substances on names.substance_code = substances.substance_code

),

seized as (

    select
        {{ indicator_columns('masses', {
            'indicator_key':
                "concat(masses.source, ':', masses.country_code, ':', masses.substance_group, ':', "
                ~ "cast(year(masses.seized_on) as varchar))",
            'series': "'seizures_kg'",
            'substance': 'masses.substance_group',
            'substance_group': 'masses.substance_group',
            'country_code': 'masses.country_code',
            'period_start': 'make_date(year(masses.seized_on), 1, 1)',
            'period_end': 'make_date(year(masses.seized_on), 12, 31)',
            'value': 'cast(cast(masses.mass_g as decimal(24, 6)) * cast(0.001 as decimal(4, 3)) as decimal(18, 6))',
            'combination': "'sum'",
            'unit': "'kg'",
            'publisher':
                "case masses.source when 'unodc_seizures' then 'UNODC' else 'Policía Nacional de Colombia' end",
            'agency_scope': 'masses.agency',
            'title': "case masses.source when 'unodc_seizures' then 'Drug seizures, table 7.1' "
                ~ "else 'Estupefacientes incautados' end",
            'locator': "concat('year ', cast(year(masses.seized_on) as varchar))",
        }) }}
    from masses
    inner join mass_years
        on
            masses.source = mass_years.source
            and year(masses.seized_on) = mass_years.calendar_year
    where masses.source = 'unodc_seizures' or mass_years.n_months = 12

),

exchanged as (

    select
        {{ indicator_columns('rates', {
            'indicator_key':
                "concat('ecb_fx:', rates.currency, ':', cast(year(rates.quoted_on) as varchar))",
            'series': "'fx_units_per_eur'",
            'country_code': "'EU'",
            'period_start': 'rate_years.period_start',
            'period_end': 'rate_years.period_end',
            'value': 'rates.units_per_eur',
            'combination': "'mean'",
            'unit': "concat(rates.currency, '/EUR')",
            'publisher': "'European Central Bank'",
            'title': "'Euro foreign exchange reference rates, yearly mean of daily rates'",
            'locator': "concat('column ', rates.currency)",
        }) }}
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
