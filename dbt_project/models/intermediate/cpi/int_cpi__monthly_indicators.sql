-- Monthly indices on the base their office publishes them on; offices with another base are not chained together.
{{ config(materialized='view') }}

with months as (

    select * from {{ ref('stg_statistics_norway_cpi') }}
    union all
    select * from {{ ref('stg_statistics_sweden_cpi') }}

),

dated as (

    select
        *,
        last_day(period_start) as period_end
    from months
    where cpi_index is not null

),

final as (

    select
        {{ indicator_columns('dated', {
            'indicator_key': "concat(dated.source, ':', dated.month_code)",
            'series': "concat('cpi_index_', cast(dated.base_year as varchar), '_100')",
            'country_code': 'dated.country_code',
            'value': 'dated.cpi_index',
            'unit': "concat(cast(dated.base_year as varchar), ' = 100')",
            'publisher': 'dated.publisher',
            'title': "'Consumer price index, all goods and services, by month'",
            'locator': "concat('table ', dated.table_code, ', ', dated.month_code)",
        }) }}
    from dated

)

select * from final
