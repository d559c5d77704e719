{# Several rows of a group into one value, in the order of a small number that each row has: strings joined, factors
   multiplied. Portable, and the same whatever the order of the rows. #}

{% macro joined_in_order(value, number, last, separator) -%}
    concat_ws(
        '{{ separator }}'
        {%- for i in range(1, last + 1) %}, max(case when {{ number }} = {{ i }} then {{ value }} end){% endfor %}
    )
{%- endmacro %}

{% macro product_in_order(value, number, last) -%}
    {% for i in range(1, last + 1) -%}
        coalesce(max(case when {{ number }} = {{ i }} then {{ value }} end), 1){{ ' * ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# The number of each row, from 1, of a relation that is ordered by these columns. DuckDB numbers rows as they come, and sorts
   no row a second time. #}

{% macro number_in_order(columns) -%}
    row_number() over ({{ 'order by ' ~ columns | join(', ') if target.type == 'spark' }})
{%- endmacro %}
