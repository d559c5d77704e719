{# What of a seizure line is a text or a flag; lines alike in all of it are of one kind (int_seizures__kinds). As a list of
   columns, each followed by `suffix`, and as the condition that two relations hold the same. #}

{% macro wording_columns() -%}
    {{ return([
        'source', 'row_unit', 'disclosure', 'date_grain', 'country_code', 'area', 'agency', 'place_class', 'transport_mode',
        'substance_raw', 'unit_raw', 'covers_all_drugs', 'purity_measure', 'purity_basis', 'status', 'is_synthetic',
    ]) }}
{%- endmacro %}

{% macro wording(suffix='') -%}
    {% for column in wording_columns() %}{{ column }}{{ suffix }}{{ ', ' if not loop.last }}{% endfor %}
{%- endmacro %}

{% macro same_wording(one, other) -%}
    {% for column in wording_columns() -%}
        {{ one }}.{{ column }} is not distinct from {{ other }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
