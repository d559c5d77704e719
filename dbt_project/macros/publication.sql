{# Whether a cell falls under disclosure control: it holds at least one real row of a restricted source. Synthetic rows
   concern nobody; the variable treats them as real, so that suppression can be tested on them. #}

{% macro is_restricted(is_all_synthetic) -%}
    {{ 'true' if var('treat_synthetic_as_real', false) else '(not ' ~ is_all_synthetic ~ ')' }}
{%- endmacro %}

{# A count below five of a restricted source is withheld; none at all is not. #}

{% macro is_small_cell(n, is_all_synthetic) -%}
    ({{ is_restricted(is_all_synthetic) }} and {{ n }} between 1 and 4)
{%- endmacro %}
