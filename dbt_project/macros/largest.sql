{# The nth largest value of a group, null where it has fewer: no sort of all its rows, as a rank would take. #}

{% macro nth_largest(value, n) -%}
    {%- if target.type == 'spark' -%}
    get(sort_array(collect_list({{ value }}), false), {{ n - 1 }})
    {%- else -%}
    list_extract(max({{ value }}, {{ n }}), {{ n }})
    {%- endif -%}
{%- endmacro %}
