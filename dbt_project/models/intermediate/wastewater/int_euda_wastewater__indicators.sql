{{ config(materialized='view') }}

with loads as (

    select * from {{ ref('int_wastewater__mapped') }} where daily_mean is not null

),

final as (

    select
        {{ indicator_columns('loads', {
            'indicator_key':
                "concat('euda_wastewater:', loads.site_id, ':', loads.substance, ':', cast(loads.sampled_year as varchar))",
            'series': "'wastewater_mg_per_1000_per_day'",
            'substance': 'loads.substance',
            'substance_group': 'loads.substance_group',
            'country_code': 'loads.country_code',
            'area': 'loads.city',
            'value': 'loads.daily_mean',
            'unit': "'mg/1000 persons/day'",
            'publisher': "'EUDA'",
            'title': "'Wastewater analysis and drugs - a European multi-city study'",
            'locator':
                "concat('site ', loads.site_id, ', year ', cast(loads.sampled_year as varchar), ', column Daily mean')",
            'comparability': "case when loads.daily_mean = 0 then 'below_loq_or_zero' else 'ok' end",
        }) }}
    from loads

)

select * from final
