{#- The table is wide, one column per year; unpivoted here by a loop over the years that the contract declares. An
    empty cell was not reported and is no row. -#}
with countries as (

    select * from {{ source('raw', 'emcdda_seizure_counts') }}
    where _valid_to is null

)

{% for year in range(2002, 2031) %}
    select
        'emcdda_seizure_counts' as source,
        countries._delivery_id as delivery_id,
        countries._line as source_line,
        countries._row_hash as row_hash,
        countries._ordinal as ordinal,
        trim(countries.country) as country,
        make_date({{ year }}, 1, 1) as seized_on,
        countries.y{{ year }} as n_seizures,
        countries._is_synthetic as is_synthetic,
        countries._valid_from as valid_from
    from countries
    where countries.y{{ year }} is not null
    {{ 'union all' if not loop.last }}
{% endfor %}
