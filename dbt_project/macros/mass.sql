{# Masses in grams, DECIMAL(18,6). Tablets, doses and plants have no factor in `units` and so no mass. #}

{% macro grams(quantity, grams_per_unit) -%}
    {#- Most lines are in grams already; the exact product of the others takes numbers wider than a machine word. -#}
    case
        when cast({{ grams_per_unit }} as decimal(13, 6)) = 1 then cast({{ quantity }} as decimal(18, 6))
        when {{ grams_per_unit }} is not null
            then cast(cast({{ quantity }} as decimal(25, 6)) * cast({{ grams_per_unit }} as decimal(13, 6)) as decimal(18, 6))
    end
{%- endmacro %}

{% macro purity_base(purity, basis, salt_factor) -%}
    case {{ basis }}
        when 'base' then cast({{ purity }} as decimal(18, 6))
        when 'salt' then cast(cast({{ purity }} as decimal(18, 6)) * cast({{ salt_factor }} as decimal(9, 6)) as decimal(18, 6))
    end
{%- endmacro %}
