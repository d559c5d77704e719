{# The form in which names of places are compared with UN/LOCODE, which is written without diacritics. #}

{% macro place_key(name) -%}
    replace(translate({{ normalise(name) }}, 'åäöøéü', 'aaooeu'), 'æ', 'ae')
{%- endmacro %}
