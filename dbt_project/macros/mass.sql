{# Masses in grams, DECIMAL(18,6). Tablets, doses and plants have no factor in `units` and so no mass. #}

{% macro grams(quantity, grams_per_unit) -%}
    cast(cast({{ quantity }} as decimal(25, 6)) * cast({{ grams_per_unit }} as decimal(13, 6)) as decimal(18, 6))
{%- endmacro %}

{% macro purity_base(purity, basis, salt_factor) -%}
    case {{ basis }}
        when 'base' then cast({{ purity }} as decimal(18, 6))
        when 'salt' then cast(cast({{ purity }} as decimal(18, 6)) * cast({{ salt_factor }} as decimal(9, 6)) as decimal(18, 6))
    end
{%- endmacro %}
