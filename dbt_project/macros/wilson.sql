{# Wilson (1927) score interval of x successes in n, 95 per cent, in per cent. z = 1.959963984540054. #}

{% macro wilson_low(x, n) -%}
    case
        when {{ n }} is null or {{ n }} <= 0 then null
        when {{ x }} <= 0 then 0.0
        else greatest(0.0, {{ wilson_bound(x, n, '-') }})
    end
{%- endmacro %}

{% macro wilson_high(x, n) -%}
    case
        when {{ n }} is null or {{ n }} <= 0 then null
        when {{ x }} >= {{ n }} then 100.0
        else least(100.0, {{ wilson_bound(x, n, '+') }})
    end
{%- endmacro %}

{% macro wilson_bound(x, n, sign) -%}
    {%- set z = 'cast(1.959963984540054 as double)' -%}
    100 * (
        cast({{ x }} as double) + {{ z }} * {{ z }} / 2
        {{ sign }} {{ z }} * sqrt(
            cast({{ x }} as double) * (cast({{ n }} as double) - cast({{ x }} as double)) / cast({{ n }} as double)
            + {{ z }} * {{ z }} / 4
        )
    ) / (cast({{ n }} as double) + {{ z }} * {{ z }})
{%- endmacro %}
