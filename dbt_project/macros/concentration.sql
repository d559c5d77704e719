{# Gini coefficient from exact sums: 0 where all seizures weigh the same, towards 1 where one holds all the mass. #}

{% macro gini(n, total, ranked) -%}
    ({{ safe_divide('2 * ' ~ ranked, n ~ ' * ' ~ total) }} - {{ safe_divide(n ~ ' + 1', n) }})
{%- endmacro %}

{# Herfindahl-Hirschman index from counts: the sum of squared shares, between 1/k and 1 for k categories. #}

{% macro hhi(sum_of_squares, n) -%}
    {{ safe_divide(sum_of_squares, n ~ ' * ' ~ n) }}
{%- endmacro %}

{# Whether a break stands between what two periods mean: it began after the first day of the earlier one
   and no later than the last day of the later one, for this country, group and agency. #}

{% macro is_crossed(breaks, country_code, substance_group, agency_scope, earlier_start, later_end) -%}
    (
        {{ breaks }}.breaks_on > {{ earlier_start }}
        and {{ breaks }}.breaks_on <= {{ later_end }}
        and coalesce({{ breaks }}.country_code, {{ country_code }}) = {{ country_code }}
        and coalesce({{ breaks }}.substance_group, {{ substance_group }}) = {{ substance_group }}
        -- A figure of all agencies, or of an agency not stated, holds what each of them did.
        and (
            {{ breaks }}.agency_scope is null
            or {{ agency_scope }} in ('all_agencies', 'unstated')
            or {{ breaks }}.agency_scope = {{ agency_scope }}
        )
    )
{%- endmacro %}
