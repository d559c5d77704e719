{# Numbers and periods as a sentence says them. Two to three digits are enough for a reader; the figures themselves
   stand in their own columns. #}

{% macro said(value) -%}
    regexp_replace(
        case
            when abs({{ value }}) >= 100 then cast(cast({{ value }} as decimal(18, 0)) as varchar)
            when abs({{ value }}) >= 10 then cast(cast({{ value }} as decimal(18, 1)) as varchar)
            when abs({{ value }}) >= 0.1 then cast(cast({{ value }} as decimal(18, 2)) as varchar)
            else cast(cast({{ value }} as decimal(18, 4)) as varchar)
        end,
        '[.]0+$|([.][0-9]*[1-9])0+$',
        '{{ '$1' if target.type == 'spark' else '\\1' }}'
    )
{%- endmacro %}

{# A range as stated: "more than" where it is open above, "up to" where it is open below. #}

{% macro said_range(low, value, high) -%}
    case
        when {{ value }} is null and {{ low }} is not null and {{ high }} is null then concat('more than ', {{ said(low) }})
        when {{ value }} is null and {{ low }} is null then concat('up to ', {{ said(high) }})
        when coalesce({{ low }}, {{ value }}) = coalesce({{ high }}, {{ value }})
            then {{ said('coalesce(' ~ value ~ ', ' ~ low ~ ')') }}
        else concat({{ said('coalesce(' ~ low ~ ', ' ~ value ~ ')') }}, ' to ', {{ said('coalesce(' ~ high ~ ', ' ~ value ~ ')') }})
    end
{%- endmacro %}

{% macro said_unit(unit) -%}
    case {{ unit }} when 'pct' then 'per cent' when 'count' then 'in number' else {{ unit }} end
{%- endmacro %}

{% macro said_period(period_start, period_end) -%}
    case
        when month({{ period_start }}) = 1 and day({{ period_start }}) = 1 and month({{ period_end }}) = 12
            and year({{ period_start }}) = year({{ period_end }}) then cast(year({{ period_start }}) as varchar)
        when month({{ period_start }}) = 1 and day({{ period_start }}) = 1 and month({{ period_end }}) = 6
            and year({{ period_start }}) = year({{ period_end }}) then concat('first half of ', cast(year({{ period_start }}) as varchar))
        when month({{ period_start }}) = 1 and day({{ period_start }}) = 1 and month({{ period_end }}) = 12
            then concat(cast(year({{ period_start }}) as varchar), ' to ', cast(year({{ period_end }}) as varchar))
        else concat(cast({{ period_start }} as varchar), ' to ', cast({{ period_end }} as varchar))
    end
{%- endmacro %}

{# A selector's column against a figure's: empty asks for empty, * for any, several are joined by "|". #}

{% macro selects(wanted, found) -%}
    (
        {{ wanted }} = '*'
        or ({{ wanted }} is null and {{ found }} is null)
        or concat('|', {{ wanted }}, '|') like concat('%|', {{ found }}, '|%')
    )
{%- endmacro %}
