{# The history of a source as it stood at each moment at which one of its scopes was told of: one row per row version and
   vintage_at. `parts` are the parts of the contract's revision.scope, in its order, as SQL. Synthetic rows drop out once a
   source has real ones: figures that were made up are not revised by measured ones. #}

{% macro as_known(feed, parts) -%}
    {%- set scope = [] -%}
    {%- for part in parts -%}
        {%- do scope.append('coalesce(cast(' ~ part ~ ' as varchar), chr(30))') -%}
    {%- endfor -%}
    select
        history.*,
        vintages.scope,
        vintages.known_at as vintage_at
    from {{ source('history', feed) }} as history
    inner join {{ source('ops', 'vintages') }} as vintages
        on
            vintages.source = '{{ feed }}'
            and vintages.scope = concat_ws(chr(31), {{ scope | join(', ') }})
            and history._valid_from <= vintages.known_at
            and (history._valid_to is null or history._valid_to > vintages.known_at)
    where
        not history._is_synthetic
        or (select count(*) from {{ source('history', feed) }} where not _is_synthetic) = 0
{%- endmacro %}

{# Whole days from one moment to a later one. #}

{% macro days_between(earlier, later) -%}
    cast(cast({{ later }} as date) - cast({{ earlier }} as date) as bigint)
{%- endmacro %}
