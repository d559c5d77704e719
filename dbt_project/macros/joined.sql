{# Distinct values of a group, sorted and joined by '+': how a mart row with several inputs names its source. #}

{% macro joined(value) -%}
    {{ return(adapter.dispatch('joined', 'beslag')(value)) }}
{%- endmacro %}

{% macro default__joined(value) -%}
    array_join(array_sort(collect_set({{ value }})), '+')
{%- endmacro %}

{% macro duckdb__joined(value) -%}
    array_to_string(list_sort(array_agg(distinct {{ value }})), '+')
{%- endmacro %}
