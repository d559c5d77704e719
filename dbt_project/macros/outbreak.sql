{# Upper bound of the next count from k earlier ones, 99.5 per cent one-sided, after Farrington and others 1996 without trend
   and season: normal on the scale of the power 2/3, with the error of the mean in it. Where all earlier counts are 0, the
   count that chance would put wholly into the last of k + 1 equal periods in 1 of 200 cases. #}

{% macro outbreak_bound(k, total, dispersion) -%}
    case
        when {{ k }} < 2 then null
        when {{ total }} = 0 then ln(cast(200 as double)) / ln(cast({{ k }} + 1 as double))
        else
            {{ safe_divide(total, k) }} * power(
                1 + cast(2 as double) / 3 * cast(2.5758293035489004 as double)
                * sqrt({{ dispersion }} * {{ safe_divide(k ~ ' + 1', total) }}),
                1.5
            )
    end
{%- endmacro %}

{# Sample variance over mean of k counts, at least 1: counts vary no less than chance makes them. #}

{% macro dispersion(k, total, total_of_squares) -%}
    greatest(
        1.0,
        coalesce({{ safe_divide(
            k ~ ' * ' ~ total_of_squares ~ ' - ' ~ total ~ ' * ' ~ total, '(' ~ k ~ ' - 1) * ' ~ total
        ) }}, 1.0)
    )
{%- endmacro %}
