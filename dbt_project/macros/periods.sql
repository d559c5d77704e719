{# Periods of a calendar: `period_grain` is 'year', 'half_year' or 'month'. Built from make_date and last_day, which
   DuckDB and Spark share; no series function is needed because only periods with data are ever made. #}

{% macro period_grains() -%}
    select 'year' as period_grain
    union all
    select 'half_year' as period_grain
    union all
    select 'month' as period_grain
{%- endmacro %}

{% macro period_start(period_grain, day) -%}
    case {{ period_grain }}
        when 'year' then make_date(year({{ day }}), 1, 1)
        when 'half_year' then make_date(year({{ day }}), case when month({{ day }}) <= 6 then 1 else 7 end, 1)
        when 'month' then make_date(year({{ day }}), month({{ day }}), 1)
    end
{%- endmacro %}

{% macro period_end(period_grain, period_start) -%}
    case {{ period_grain }}
        when 'year' then make_date(year({{ period_start }}), 12, 31)
        when 'half_year' then last_day(make_date(year({{ period_start }}), month({{ period_start }}) + 5, 1))
        when 'month' then last_day({{ period_start }})
    end
{%- endmacro %}

{% macro period_months(period_grain) -%}
    case {{ period_grain }} when 'year' then 12 when 'half_year' then 6 when 'month' then 1 end
{%- endmacro %}

{% macro a_year_earlier(period_start) -%}
    make_date(year({{ period_start }}) - 1, month({{ period_start }}), 1)
{%- endmacro %}
