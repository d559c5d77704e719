{# The form in which names are looked up in a reference table: lower case, no-break spaces made plain, no space before or after. #}

{% macro normalise(name) -%}
    lower(trim(replace({{ name }}, chr(160), ' ')))
{%- endmacro %}
