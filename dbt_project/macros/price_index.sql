{# Price indices, base = 100. Logarithms, prices and weights are exact decimals; the last step alone is
   DOUBLE, rounded to the sixth decimal. #}

{% macro jevons(ln_relatives, n) -%}
    round(100 * exp({{ safe_divide(ln_relatives, n) }}), 6)
{%- endmacro %}

{% macro fixed_weight_index(price, base_price, weight) -%}
    round({{ share_pct(
        'sum(cast(' ~ price ~ ' as decimal(24, 6)) * ' ~ weight ~ ')',
        'sum(cast(' ~ base_price ~ ' as decimal(24, 6)) * ' ~ weight ~ ')'
    ) }}, 6)
{%- endmacro %}

{% macro fisher(laspeyres, paasche) -%}
    round(sqrt({{ laspeyres }} * {{ paasche }}), 6)
{%- endmacro %}
