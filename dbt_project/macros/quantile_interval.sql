{# Rank of the lower order statistic from which the standard error of a median is estimated, (n + 1)/2 - sqrt(n). #}

{% macro price_bonett_rank(n) -%}
    cast(greatest(1, round((cast({{ n }} as double) + 1) / 2 - sqrt(cast({{ n }} as double)))) as bigint)
{%- endmacro %}

{# The value of a group that has the wanted rank: an end of an order-statistic interval (int_intervals__ranks). #}

{% macro value_at_rank(value, value_rank, wanted) -%}
    cast(max({{ value }}) filter (where {{ value_rank }} = {{ wanted }}) as double)
{%- endmacro %}

{# How many values of a column a cell has, and the rank of each among them; nulls come last and count for none. #}

{% macro n_and_rank(value, cell) -%}
    count({{ value }}) over (partition by {{ cell | join(', ') }}) as n_{{ value }},
    row_number() over (partition by {{ cell | join(', ') }} order by {{ value }} asc nulls last) as {{ value }}_rank
{%- endmacro %}

{# Both quartiles and the median of a column ranked by n_and_rank, as _low, _median and _high, each with _lo and _hi. #}

{% macro quartiles_with_intervals(relation, value, ranks) -%}
    {%- set ranked = relation ~ '.' ~ value -%}
    {%- for name, fraction, wanted in (('low', 0.25, 'p25'), ('median', 0.5, 'p50'), ('high', 0.75, 'p75')) -%}
    {{ quantile(ranked, fraction) }} as {{ value }}_{{ name }},
    {{ value_at_rank(ranked, ranked ~ '_rank', ranks ~ '.' ~ wanted ~ '_lo') }} as {{ value }}_{{ name }}_lo,
    {{ value_at_rank(ranked, ranked ~ '_rank', ranks ~ '.' ~ wanted ~ '_hi') }} as {{ value }}_{{ name }}_hi
    {{- ',' if not loop.last }}
    {% endfor -%}
{%- endmacro %}
