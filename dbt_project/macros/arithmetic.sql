{# Arithmetic that gives the same bits whatever the row order and thread count: totals are taken over DECIMAL or
   BIGINT, and DOUBLE appears only in the last step. #}

{% macro safe_divide(numerator, denominator) -%}
    (cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0))
{%- endmacro %}

{% macro share_pct(part, whole) -%}
    (100 * {{ safe_divide(part, whole) }})
{%- endmacro %}

{% macro ln_decimal(value) -%}
    cast(case when {{ value }} > 0 then ln(cast({{ value }} as double)) end as decimal(18, 12))
{%- endmacro %}

{% macro geometric_mean(ln_value) -%}
    exp({{ safe_divide('sum(' ~ ln_value ~ ')', 'count(' ~ ln_value ~ ')') }})
{%- endmacro %}

{% macro mean_decimal(value) -%}
    {{ safe_divide('sum(' ~ value ~ ')', 'count(' ~ value ~ ')') }}
{%- endmacro %}

{% macro quantile(value, fraction) -%}
    percentile_cont({{ fraction }}) within group (order by cast({{ value }} as double))
{%- endmacro %}
