-- The edition of 2023 added five markets and one kind of actor: its averages of them are of other parts than those
-- of 2021.
{{ config(materialized='view') }}

with scores as (

    select * from {{ ref('stg_oc_index') }}

),

countries as (

    select * from {{ ref('int_countries__names') }}

),

placed as (

    select
        scores.*,
        countries.country_code,
        case when countries.name is null then scores.country_raw end as area,
        case scores.score_code
            when 'heroin_trade' then 'heroin'
            when 'cocaine_trade' then 'cocaine'
            when 'cannabis_trade' then 'cannabis'
            when 'synthetic_drug_trade' then 'mixed'
        end as substance_group,
        make_date(scores.edition_year, 1, 1) as period_start,
        make_date(scores.edition_year, 12, 31) as period_end
    from scores
    left join countries on {{ normalise('scores.country_raw') }} = countries.name

),

final as (

    select
        {{ indicator_columns('placed', {
            'indicator_key':
                "concat('oc_index:', placed.score_code, ':', "
                ~ "coalesce(placed.country_code, placed.country_raw), ':', "
                ~ "cast(placed.edition_year as varchar))",
            'series': "concat('oc_index_', placed.score_code, '_score')",
            'substance': 'placed.substance_group',
            'substance_group': 'placed.substance_group',
            'country_code': 'placed.country_code',
            'area': 'placed.area',
            'value': 'placed.score',
            'unit': "'score 1-10'",
            'kind': "'assessed'",
            'publisher': "'Global Initiative Against Transnational Organized Crime'",
            'title': "'Global Organized Crime Index'",
            'locator': "concat('sheet ', cast(placed.edition_year as varchar), '_dataset, ', placed.country_raw)",
            'comparability':
                "case when placed.edition_year >= 2023 "
                ~ "and placed.score_code in ('criminality', 'criminal_markets', 'criminal_actors') "
                ~ "then 'method_changed' else 'ok' end",
        }) }}
    from placed

)

select * from final
