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
