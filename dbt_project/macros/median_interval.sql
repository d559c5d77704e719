{# Rank of the lower order statistic from which the standard error of a median is estimated, (n + 1)/2 - sqrt(n). #}

{% macro price_bonett_rank(n) -%}
    cast(greatest(1, round((cast({{ n }} as double) + 1) / 2 - sqrt(cast({{ n }} as double)))) as bigint)
{%- endmacro %}
