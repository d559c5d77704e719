{# The form in which names are looked up in a reference table: lower case, no space before or after. #}

{% macro normalise(name) -%}
    lower(trim({{ name }}))
{%- endmacro %}
