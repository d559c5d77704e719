{# The history of a source as it stood at each moment at which one of its scopes was told of: one row per row version and
   vintage_at. `parts` are the parts of the contract's revision.scope, in its order, as SQL. Synthetic rows drop out once a
   source has real ones: figures that were made up are not revised by measured ones. `history` names a relation to read in
   place of the source's own rows: sums of them by all that is asked here. #}

{% macro as_known(feed, parts, history=none) -%}
    {%- set scope = [] -%}
    {%- for part in parts -%}
        {%- do scope.append('coalesce(cast(' ~ part ~ ' as varchar), chr(30))') -%}
    {%- endfor -%}
    select
        history.*,
        vintages.scope,
        vintages.known_at as vintage_at
    from {{ history or source('history', feed) }} as history
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

{# Lines of registers, or sums of them, without the customs' copies of joint cases: a case stands in both agencies'
   registers, and the police case is kept as long as one of its lines stands. `lines` holds country_code, vintage_at and
   customs_case_id, the joint case of a customs line. Of the police cases only those that customs name are looked through. #}

{% macro without_joint_copies(lines) -%}
    select {{ lines }}.*
    from {{ lines }}
    where not exists (
        select 1
        from {{ source('history', 'seizures') }} as police_cases
        where
            police_cases.agency = 'police'
            and police_cases.status <> 'annulled'
            and police_cases.country_code = {{ lines }}.country_code
            and police_cases.case_id = {{ lines }}.customs_case_id
            and police_cases.case_id in (
                select named.joint_case_id
                from {{ source('history', 'seizures') }} as named
                where named.agency = 'customs'
            )
            and police_cases._valid_from <= {{ lines }}.vintage_at
            and (police_cases._valid_to is null or police_cases._valid_to > {{ lines }}.vintage_at)
    )
{%- endmacro %}
