{# Which lines of UNODC's table count, and with how much. Two rules:
   a line that repeats another in every column counts once, unless its name pools several drugs ("Other ...");
   a subtotal counts only for what its components leave unexplained, and in full where none are given.
   `edition` is a column that tells editions of the table apart, where `relation` holds several. #}

{% macro unodc_counted(relation, edition=none) -%}
    {%- set per = edition ~ ', ' if edition else '' -%}
    with lines as (

        select
            *,
            (lower(drug_name) like 'total %' or lower(drug_name) like '%(total of the above%') as is_subtotal,
            (lower(drug_name) like 'other %' or lower(drug_name) like 'non-specified%') as is_pooled_name,
            -- The cocaine total leaves coca leaf and bush out, which stand in a subgroup of their own.
            case when drug_group = 'Cocaine-type' then coalesce(drug_sub_group, drug_group) else drug_group end as family
        from {{ relation }}

    ),

    numbered as (

        select
            *,
            row_number() over (
                partition by {{ per }}country_iso3, drug_group, drug_sub_group, drug_name, seized_on, kilograms
                order by row_hash asc, ordinal asc, delivery_id asc, source_line asc
            ) as copy_number
        from lines

    ),

    once as (

        select
            *,
            (copy_number > 1 and not is_pooled_name) as is_repeated
        from numbered

    ),

    summed as (

        select
            *,
            coalesce(
                sum(kilograms) filter (where is_subtotal and not is_repeated)
                    over (partition by {{ per }}country_iso3, seized_on, family),
                0
            ) as total_kg,
            coalesce(
                sum(kilograms) filter (where not is_subtotal and not is_repeated)
                    over (partition by {{ per }}country_iso3, seized_on, family),
                0
            ) as component_kg,
            row_number() over (
                partition by {{ per }}country_iso3, seized_on, family, is_subtotal, is_repeated
                order by
                    kilograms desc nulls last,
                    drug_sub_group asc nulls last,
                    drug_name asc,
                    row_hash asc,
                    ordinal asc
            ) as size_rank
        from once

    )

    select
        {{ per }}source,
        delivery_id,
        source_line,
        row_hash,
        ordinal,
        country_iso3,
        drug_name,
        seized_on,
        kilograms as stated_kg,
        case
            when is_subtotal and component_kg > 0 and total_kg > component_kg and size_rank = 1
                then cast(total_kg - component_kg as decimal(18, 6))
            else kilograms
        end as counted_kg,
        case
            when is_repeated then 'repeated_line'
            when is_subtotal and component_kg > 0 and (total_kg <= component_kg or size_rank > 1) then 'subtotal'
        end as exclusion,
        is_synthetic,
        valid_from
    from summed
{%- endmacro %}
