{# Whether a break of the topic lies between the figures of a period and those of the same period a year earlier. A period
   in which the break falls is on neither side of it, so the comparison after it is crossed as well. #}

{% macro crosses_break(topic, country_code, period_start, period_end, substance_group='null', agency='null') -%}
    exists (
        select 1
        from {{ ref('int_breaks__topics') }} as breaks
        where
            breaks.topic = {{ topic }}
            and coalesce(breaks.country_code, {{ country_code }}) = {{ country_code }}
            {%- if substance_group != 'null' %}
            and coalesce(breaks.substance_group, {{ substance_group }}) = {{ substance_group }}
            {%- else %}
            and breaks.substance_group is null
            {%- endif %}
            {%- if agency != 'null' %}
            and coalesce(breaks.agency_scope, {{ agency }}) = {{ agency }}
            {%- endif %}
            and breaks.breaks_on > {{ a_year_earlier(period_start) }}
            and breaks.breaks_on <= {{ period_end }}
    )
{%- endmacro %}

{# What stands between a figure and the one a year earlier: break, else provisional while its period is not complete. #}

{% macro comparability(crosses_break, is_complete) -%}
    case
        when {{ crosses_break }} then 'break'
        when not {{ is_complete }} then 'provisional'
        else 'ok'
    end
{%- endmacro %}

{# The breaks that each row's comparison crosses, by the row's keys: those of a topic, or of the topics of a series. Rows
   that cross none are absent. #}

{% macro crossed_breaks(
    relation, keys, country_code, substance_group, agency_scope, earlier_start, later_end, topic=none, series=none
) -%}
    select
        {%- for key in keys %}
        {{ relation }}.{{ key }},
        {%- endfor %}
        {{ joined('breaks.break_id') }} as break_ids
    from {{ relation }}
    inner join {{ ref('int_breaks__topics') if series is none else ref('int_breaks__series') }} as breaks
        on
            {% if series is none -%}
            breaks.topic = '{{ topic }}'
            {%- else -%}
            {{ series }} like breaks.series_like
            {%- endif %}
            and {{ is_crossed('breaks', country_code, substance_group, agency_scope, earlier_start, later_end) }}
    group by
        {%- for key in keys %}
        {{ relation }}.{{ key }}{{ ',' if not loop.last }}
        {%- endfor %}
{%- endmacro %}

{# A mark of marts.indicators without the break from the figure a year earlier: who compares other periods judges these. #}

{% macro without_break(comparability) -%}
    case when {{ comparability }} = 'break' then 'ok' else replace({{ comparability }}, 'break+', '') end
{%- endmacro %}

{# Whether two relations agree in the columns that name a row. #}

{% macro same(left, right, keys) -%}
    {%- for key in keys %}
    {{ left }}.{{ key }} = {{ right }}.{{ key }}{{ ' and' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
