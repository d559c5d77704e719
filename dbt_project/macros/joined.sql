{# Distinct values of a group, sorted and joined: how a mart row with several inputs names its source. #}

{% macro joined(value, separator='+') -%}
    {%- if target.type == 'spark' -%}
    array_join(array_sort(collect_set({{ value }})), '{{ separator }}')
    {%- else -%}
    array_to_string(list_sort(array_agg(distinct {{ value }})), '{{ separator }}')
    {%- endif -%}
{%- endmacro %}
