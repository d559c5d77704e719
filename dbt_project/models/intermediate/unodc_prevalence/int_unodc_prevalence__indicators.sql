{{ config(materialized='view') }}

with estimates as (

    select * from {{ ref('stg_unodc_prevalence') }}

),

names as (

    select * from {{ ref('int_substances__names') }}

),

substances as (

    select * from {{ ref('substances') }}

),

countries as (

    select * from {{ ref('int_countries__names') }}

),

-- Several surveys of a country and year are told apart by a number in the order of what they say. Limits on the
-- wrong side of the best estimate (6 lines of the 2025 edition) are misprints, so such a line keeps its best
-- estimate only.
placed as (

    select
        estimates.*,
        lower(estimates.substance_raw) as substance,
        coalesce(substances.substance_group, 'unknown') as substance_group,
        countries.country_code,
        case when countries.name is null then estimates.country_raw else countries.area end as area,
        coalesce(estimates.low_pct > estimates.best_pct, false)
        or coalesce(estimates.high_pct < estimates.best_pct, false)
        or coalesce(estimates.low_pct > estimates.high_pct, false) as is_out_of_order,
        row_number() over (
            partition by estimates.substance_raw, estimates.country_raw, estimates.year_raw
            order by
                estimates.ages nulls first, estimates.best_pct nulls first, estimates.low_pct nulls first,
                estimates.high_pct nulls first, estimates.row_hash, estimates.ordinal
        ) as number_in_year
    from estimates
    left join names on {{ normalise('estimates.substance_raw') }} = names.name
    left join substances on names.substance_code = substances.substance_code
    left join countries on {{ normalise('estimates.country_raw') }} = countries.name

),

final as (

    select
        {{ indicator_columns('placed', {
            'indicator_key':
                "concat('unodc_prevalence:', placed.substance, ':', placed.country_raw, ':', placed.year_raw, ':', "
                ~ "cast(placed.number_in_year as varchar))",
            'series': "'prevalence_pct'",
            'substance': 'placed.substance',
            'substance_group': 'placed.substance_group',
            'country_code': 'placed.country_code',
            'area': 'placed.area',
            'value_low': 'case when not placed.is_out_of_order then placed.low_pct end',
            'value': 'placed.best_pct',
            'value_high': 'case when not placed.is_out_of_order then placed.high_pct end',
            'unit': "'pct'",
            'kind': "'estimated'",
            'publisher': "'UNODC'",
            'title': "'Prevalence of drug use in the general population, past year, table 1.2'",
            'locator':
                "concat('sheet ', placed.substance_raw, ', ', placed.country_raw, ', ', placed.year_raw, ', ages ', "
                ~ "coalesce(trim(placed.ages), '15-64'))",
            'comparability': "case when trim(placed.ages) <> '15-64' then 'other_ages' else 'ok' end",
        }) }}
    from placed
    where coalesce(placed.best_pct, placed.low_pct, placed.high_pct) is not null

)

select * from final
