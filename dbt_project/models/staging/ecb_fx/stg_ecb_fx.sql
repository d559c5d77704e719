{#- The reference-rate file is wide, one column per currency; unpivoted here by a loop, which every engine reads.
    "N/A" arrives as null and is no row. -#}
{%- set currencies = [
    'usd', 'jpy', 'bgn', 'cyp', 'czk', 'dkk', 'eek', 'gbp', 'huf', 'ltl', 'lvl', 'mtl', 'pln', 'rol', 'ron', 'sek', 'sit',
    'skk', 'chf', 'isk', 'nok', 'hrk', 'rub', 'trl', 'try', 'aud', 'brl', 'cad', 'cny', 'hkd', 'idr', 'ils', 'inr', 'krw',
    'mxn', 'myr', 'nzd', 'php', 'sgd', 'thb', 'zar',
] -%}

with days as (

    select * from {{ source('raw', 'ecb_fx') }}
    where _valid_to is null

)

{% for currency in currencies %}
    select
        'ecb_fx' as source,
        days._delivery_id as delivery_id,
        days._line as source_line,
        days.quoted_on,
        '{{ currency | upper }}' as currency,
        days.{{ currency }} as units_per_eur,
        days._is_synthetic as is_synthetic,
        days._valid_from as valid_from
    from days
    where days.{{ currency }} is not null
    {{ 'union all' if not loop.last }}
{% endfor %}
