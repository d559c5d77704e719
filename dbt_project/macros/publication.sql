{# The whole of disclosure control: which figures of a restricted source are published. Everything else asks these macros.

   A breakdown is a cell that is published, split into smaller ones: a country's year into classes, a class's year into
   half-years, a half-year into months. It is published whole, where each of its cells is empty or holds at least five, or
   withheld whole; and nothing is published below a cell that is not. So every withheld cell has a withheld sibling, and no
   total, share or other cut tells the two apart. #}

{# Whether a cell falls under control: it holds at least one real row of a restricted source. Synthetic rows concern
   nobody; the setting treats them as real, so that the rule can be tested on them. #}

{% macro is_restricted(is_all_synthetic) -%}
    {{ 'true' if var('treat_synthetic_as_real', false) else '(not ' ~ is_all_synthetic ~ ')' }}
{%- endmacro %}

{# One to four. None at all may be told, and so may five. #}

{% macro is_small(n) -%}
    coalesce({{ n }} between 1 and 4, false)
{%- endmacro %}

{# Dominance (2, 85 per cent): the two largest parts of a sum are more than 85 per cent of it. #}

{% macro is_dominated(top2, total) -%}
    coalesce({{ safe_divide(top2, total) }} > 0.85, false)
{%- endmacro %}

{# Whether a cell belongs to a breakdown that is withheld. `is_small` says of each cell that it may not be told (and is
   controlled); `family` names the cells that a year is split into together, `cell` one of them. The relation needs
   period_grain and period_start, and holds the cell at every grain it is published at. #}

{% macro is_in_withheld_breakdown(is_small, family, cell) -%}
    (
        bool_or({{ is_small }} and period_grain = 'year')
            over (partition by {{ family | join(', ') }}, year(period_start))
        or (
            period_grain <> 'year'
            and bool_or({{ is_small }} and period_grain = 'half_year')
                over (partition by {{ cell | join(', ') }}, year(period_start))
        )
        or (
            period_grain = 'month'
            and bool_or({{ is_small }} and period_grain = 'month')
                over (partition by {{ cell | join(', ') }}, {{ period_start("'half_year'", 'period_start') }})
        )
    )
{%- endmacro %}

{# Whether a largest, smallest or top-k figure of a controlled cell is withheld: they stand for a year or half-year of a
   country with at least twenty values. #}

{% macro is_extreme_withheld(is_controlled, period_grain, n) -%}
    ({{ is_controlled }} and ({{ period_grain }} = 'month' or {{ n }} < 20))
{%- endmacro %}
