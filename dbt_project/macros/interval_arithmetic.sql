{# Interval arithmetic on exact numbers: the lowest result the inputs allow, or the highest. #}

{% macro part_of_whole_pct(part, rest) -%}
    {{ share_pct(part, '(' ~ part ~ ' + ' ~ rest ~ ')') }}
{%- endmacro %}

{% macro of_role(role, amount) -%}
    sum(case when role = '{{ role }}' then {{ amount }} end)
{%- endmacro %}
