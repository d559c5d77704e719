{# The first and last year of a survey as UNODC writes it: "2023" is one year, "2022/23", "2015-16" and "2019-2021" run
   over several, and "1999/00" ends in 2000. #}

{% macro survey_first_year(year_raw) -%}
    cast(substring({{ year_raw }}, 1, 4) as integer)
{%- endmacro %}

{% macro survey_last_year(year_raw) -%}
    case
        when length({{ year_raw }}) = 9 then cast(substring({{ year_raw }}, 6, 4) as integer)
        when length({{ year_raw }}) = 4 then cast({{ year_raw }} as integer)
        when substring({{ year_raw }}, 6, 2) < substring({{ year_raw }}, 3, 2)
            then cast(concat(substring({{ year_raw }}, 1, 2), substring({{ year_raw }}, 6, 2)) as integer) + 100
        else cast(concat(substring({{ year_raw }}, 1, 2), substring({{ year_raw }}, 6, 2)) as integer)
    end
{%- endmacro %}
