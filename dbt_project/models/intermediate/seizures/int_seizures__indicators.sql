-- Years of the sources whose totals state how many seizures stand behind them, as lines of marts.indicators: one line
-- for the number and, where there is one, one for the mass. A year of a monthly source needs all its months.
{{ config(materialized='view') }}

with lines as (

    select * from {{ ref('int_seizures__mapped') }}
    where row_unit = 'aggregate' and n_seizures is not null and is_in_seizure_marts

),

whole_years as (

    select
        source,
        country_code,
        agency,
        year_start
    from lines
    group by source, country_code, agency, year_start
    having min(date_grain) = 'year' or count(distinct month_start) = 12

),

kept as (

    select
        lines.*,
        make_date(year(lines.year_start), 12, 31) as year_end,
        concat(
            lines.source, ':', lines.country_code, ':', lines.agency, ':', lines.substance_group, ':',
            cast(year(lines.year_start) as varchar)
        ) as year_key,
        case lines.source
            when 'cbp_seizures' then 'US Customs and Border Protection'
            when 'emcdda_seizure_counts' then 'EMCDDA'
        end as publisher,
        case lines.source
            when 'cbp_seizures' then 'Drug Seizure Statistics'
            when 'emcdda_seizure_counts' then 'Statistical Bulletin 2023, seizures of drugs, table SZR-1-3-1'
        end as title
    from lines
    inner join whole_years
        on
            lines.source = whole_years.source
            and lines.country_code = whole_years.country_code
            and lines.agency = whole_years.agency
            and lines.year_start = whole_years.year_start

),

counted as (

    select
        {{ indicator_columns('kept', {
            'indicator_key': "concat(kept.year_key, ':count')",
            'series': "'seizures_count'",
            'substance': 'kept.substance_group',
            'substance_group': 'kept.substance_group',
            'country_code': 'kept.country_code',
            'period_start': 'kept.year_start',
            'period_end': 'kept.year_end',
            'value': 'cast(kept.n_seizures as decimal(18, 6))',
            'combination': "'sum'",
            'unit': "'count'",
            'publisher': 'kept.publisher',
            'agency_scope': 'kept.agency',
            'title': 'kept.title',
            'locator': "concat('year ', cast(year(kept.year_start) as varchar))",
        }) }}
    from kept

),

weighed as (

    select
        {{ indicator_columns('kept', {
            'indicator_key': "concat(kept.year_key, ':kg')",
            'series': "'seizures_kg'",
            'substance': 'kept.substance_group',
            'substance_group': 'kept.substance_group',
            'country_code': 'kept.country_code',
            'period_start': 'kept.year_start',
            'period_end': 'kept.year_end',
            'value': 'cast(cast(kept.mass_g as decimal(24, 6)) * cast(0.001 as decimal(4, 3)) as decimal(18, 6))',
            'combination': "'sum'",
            'unit': "'kg'",
            'publisher': 'kept.publisher',
            'agency_scope': 'kept.agency',
            'title': 'kept.title',
            'locator': "concat('year ', cast(year(kept.year_start) as varchar))",
        }) }}
    from kept
    where kept.mass_g is not null

),

final as (

    select * from counted
    union all
    select * from weighed

)

select * from final
