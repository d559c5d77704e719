{#- A column per score, unpivoted by a loop, which every engine reads: the averages and the markets of drugs.
    A score that an edition did not have is no row. -#}
{%- set scores = [
    'criminality', 'criminal_markets', 'heroin_trade', 'cocaine_trade', 'cannabis_trade', 'synthetic_drug_trade',
    'criminal_actors', 'resilience',
] -%}

with editions as (

    select * from {{ source('raw', 'oc_index') }}
    where _valid_to is null

)

{% for score in scores %}
    select
        'oc_index' as source,
        editions._delivery_id as delivery_id,
        editions._line as source_line,
        editions.edition_year,
        editions.country as country_raw,
        '{{ score }}' as score_code,
        editions.{{ score }} as score,
        editions._is_synthetic as is_synthetic,
        editions._valid_from as valid_from
    from editions
    where editions.{{ score }} is not null
    {{ 'union all' if not loop.last }}
{% endfor %}
