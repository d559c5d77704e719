{# Observations that cover whole months, rolled up to the periods of the calendar. A period stands only where its
   parts cover it without gap or overlap: delivered as such, else put together from half-years, quarters or months,
   the longest parts first. `sums` and `means` map a measure to its type; a measure missing from one part is missing
   from the whole. `part_months` is the length of the parts, null for a year made of its half-years. `relation` needs the keys, period_start, n_months (1, 3, 6 or 12), is_synthetic and valid_from. #}

{% macro rolled_up(relation, keys, sums, means={}) -%}
    with

    parts as (

        select
            {{ keys | join(', ') }},
            case n_months when 12 then 'year' when 1 then 'month' else 'part' end as period_grain,
            period_start,
            n_months,
            {% for measure in sums.keys() | list + means.keys() | list -%}
            {{ measure }},
            {% endfor -%}
            1 as n_parts,
            is_synthetic as has_synthetic,
            is_synthetic as is_all_synthetic,
            valid_from
        from {{ relation }}
        where n_months is not null

    ),

    half_years as (

        {{ _covered('parts', 'half_year', 6, keys, sums, means) }}

    ),

    half_years_chosen as (

        select * from half_years
        qualify row_number() over (partition by {{ keys | join(', ') }}, period_start order by n_months desc) = 1

    ),

    years as (

        {{ _covered('half_years_chosen', 'year', 12, keys, sums, means) }}

    ),

    periods as (

        select * from half_years_chosen
        union all
        select * from parts where period_grain in ('year', 'month')
        union all
        select years.* from years
        left join parts
            on
                parts.period_grain = 'year'
                and years.period_start = parts.period_start
                {% for key in keys -%}
                and years.{{ key }} = parts.{{ key }}
                {% endfor -%}
        where parts.period_grain is null

    )

    select
        {{ keys | join(', ') }},
        period_grain,
        period_start,
        {{ period_end('period_grain', 'period_start') }} as period_end,
        cast(n_months as integer) as part_months,
        {% for measure in sums.keys() | list + means.keys() | list -%}
        {{ measure }},
        {% endfor -%}
        cast(n_parts as bigint) as n_parts,
        has_synthetic as is_synthetic,
        is_all_synthetic,
        valid_from
    from periods
{%- endmacro %}

{# The lines behind each of those periods: one row per period and line that it is made of. `mapped` and `rolled` are the
   relation given to `rolled_up` and its result. #}

{% macro rolled_lines(mapped, rolled, keys) -%}
    with

    whole as (

        select
            {% for key in keys -%}
            mapped.{{ key }},
            {% endfor -%}
            mapped.delivery_id,
            mapped.source_line,
            rolled.period_grain,
            rolled.period_start as whole_start,
            mapped.period_start
        from {{ mapped }} as mapped
        inner join {{ rolled }} as rolled
            on
                mapped.n_months = rolled.part_months
                and mapped.period_start between rolled.period_start and rolled.period_end
                {% for key in keys -%}
                and mapped.{{ key }} = rolled.{{ key }}
                {% endfor %}
    ),

    made_of_half_years as (

        select
            {% for key in keys -%}
            whole.{{ key }},
            {% endfor -%}
            whole.delivery_id,
            whole.source_line,
            rolled.period_grain,
            rolled.period_start as whole_start,
            whole.period_start
        from whole
        inner join {{ rolled }} as rolled
            on
                whole.period_grain = 'half_year'
                and rolled.part_months is null
                and whole.whole_start between rolled.period_start and rolled.period_end
                {% for key in keys -%}
                and whole.{{ key }} = rolled.{{ key }}
                {% endfor %}
    )

    select * from whole
    union all
    select * from made_of_half_years
{%- endmacro %}

{% macro _covered(relation, period_grain, months, keys, sums, means) -%}
        {% set start = period_start("'" ~ period_grain ~ "'", 'period_start') -%}
        select
            {{ keys | join(', ') }},
            '{{ period_grain }}' as period_grain,
            {{ start }} as period_start,
            {{ 'n_months' if period_grain == 'half_year' else 'cast(null as integer) as n_months' }},
            {% for measure, type in sums.items() -%}
            {{ sum_of_all(measure, type) }} as {{ measure }},
            {% endfor -%}
            {% for measure, type in means.items() -%}
            {% set mean = 'round(' ~ mean_decimal(measure) ~ ', ' ~ (0 if type == 'bigint' else 6) ~ ')' -%}
            cast(case when count({{ measure }}) = count(*) then {{ mean }} end as {{ type }}) as {{ measure }},
            {% endfor -%}
            sum(n_parts) as n_parts,
            bool_or(has_synthetic) as has_synthetic,
            bool_and(is_all_synthetic) as is_all_synthetic,
            max(valid_from) as valid_from
        from {{ relation }}
        {{ "where n_months < 12" if period_grain == 'half_year' }}
        group by
            {{ keys | join(', ') }},
            {{ start }}{{ ', n_months' if period_grain == 'half_year' }}
        having {{ 'count(*) * n_months' if period_grain == 'half_year' else 'count(*) * 6' }} = {{ months }}
{%- endmacro %}

{# A total that is missing where one of its parts is. #}

{% macro sum_of_all(measure, type) -%}
    cast(case when count({{ measure }}) = count(*) then sum({{ measure }}) end as {{ type }})
{%- endmacro %}

{# Length in months of an observation that is a month, quarter, half-year or year of the calendar, else null. #}

{% macro calendar_months(period_start, period_end) -%}
    {%- set months = (
        '(12 * (year(' ~ period_end ~ ') - year(' ~ period_start ~ ')) + month(' ~ period_end ~ ') - month('
        ~ period_start ~ ') + 1)'
    ) -%}
    case
        when
            day({{ period_start }}) = 1
            and {{ period_end }} = last_day({{ period_end }})
            and {{ months }} in (1, 3, 6, 12)
            and mod(month({{ period_start }}) - 1, {{ months }}) = 0
            then cast({{ months }} as integer)
    end
{%- endmacro %}
