{{ config(materialized='view') }}

with estimates as (

    select
        *,
        lower(split_part(substance_raw, '. ', 1)) as substance
    from {{ ref('stg_unodc_prevalence_nps') }}

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

-- Several surveys of a country and year are told apart as in int_unodc_prevalence__indicators. A substance that has no
-- name here is a new psychoactive one, since the whole sheet is of them; a footnote that follows the name is left out.
placed as (

    select
        estimates.*,
        coalesce(substances.substance_group, 'nps') as substance_group,
        countries.country_code,
        case when countries.name is null then estimates.country_raw else countries.area end as area,
        case estimates.recall_period
            when 'past_year' then 'prevalence_pct'
            when 'lifetime' then 'prevalence_lifetime_pct'
            when 'past_month' then 'prevalence_past_month_pct'
        end as series,
        row_number() over (
            partition by estimates.recall_period, estimates.substance, estimates.country_raw, estimates.year_raw
            order by
                estimates.ages nulls first, estimates.used_pct nulls first, estimates.row_hash, estimates.ordinal
        ) as number_in_year
    from estimates
    left join names on {{ normalise('estimates.substance') }} = names.name
    left join substances on names.substance_code = substances.substance_code
    left join countries on {{ normalise('estimates.country_raw') }} = countries.name

),

final as (

    select
        {{ indicator_columns('placed', {
            'indicator_key':
                "concat('unodc_prevalence_nps:', placed.recall_period, ':', placed.substance, ':', placed.country_raw, "
                ~ "':', placed.year_raw, ':', cast(placed.number_in_year as varchar))",
            'series': 'placed.series',
            'substance': 'placed.substance',
            'substance_group': 'placed.substance_group',
            'country_code': 'placed.country_code',
            'area': 'placed.area',
            'value': 'placed.used_pct',
            'unit': "'pct'",
            'kind': "'estimated'",
            'publisher': "'UNODC'",
            'title': "'Prevalence of use of new psychoactive substances, table 1.2'",
            'locator':
                "concat('sheet NPS, ', placed.substance, ', ', placed.country_raw, ', ', placed.year_raw, ', ages ', "
                ~ "coalesce(trim(placed.ages), '15-64'))",
            'comparability': "case when trim(placed.ages) <> '15-64' then 'other_ages' else 'ok' end",
        }) }}
    from placed

)

select * from final
