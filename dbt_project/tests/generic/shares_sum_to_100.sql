{# Over the substance groups of a period, shares that are given sum to 100 per cent. #}

{% test shares_sum_to_100(model, share) %}
select
    source,
    country_code,
    period_grain,
    period_start
from {{ model }}
where {{ share }} is not null
group by
    source,
    country_code,
    period_grain,
    period_start
having abs(sum({{ share }}) - 100) > 1e-6
{% endtest %}
