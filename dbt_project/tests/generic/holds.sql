{# The condition is true in every row, or null where the row has nothing to say about it. #}

{% test holds(model, condition) %}
select *
from {{ model }}
where not ({{ condition }})
{% endtest %}
