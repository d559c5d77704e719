-- Which lines of UNODC's table count, and with how much. Two rules:
-- a line that repeats another in every column counts once, unless its name pools several drugs ("Other ...");
-- a subtotal counts only for what its components leave unexplained, and in full where none are given.
with lines as (

    select
        *,
        (lower(drug_name) like 'total %' or lower(drug_name) like '%(total of the above%') as is_subtotal,
        (lower(drug_name) like 'other %' or lower(drug_name) like 'non-specified%') as is_pooled_name,
        -- The cocaine total leaves coca leaf and bush out, which stand in a subgroup of their own.
        case when drug_group = 'Cocaine-type' then coalesce(drug_sub_group, drug_group) else drug_group end as family
    from {{ ref('stg_unodc_seizures') }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by country_iso3, drug_group, drug_sub_group, drug_name, seized_on, kilograms
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

families as (

    select
        country_iso3,
        seized_on,
        family,
        coalesce(sum(kilograms) filter (where is_subtotal), 0) as total_kg,
        coalesce(sum(kilograms) filter (where not is_subtotal), 0) as component_kg
    from once
    where not is_repeated
    group by country_iso3, seized_on, family

),

ranked as (

    select
        once.*,
        families.total_kg,
        families.component_kg,
        row_number() over (
            partition by once.country_iso3, once.seized_on, once.family, once.is_subtotal, once.is_repeated
            order by
                once.kilograms desc nulls last,
                once.drug_sub_group asc nulls last,
                once.drug_name asc,
                once.row_hash asc,
                once.ordinal asc
        ) as size_rank
    from once
    inner join families
        on
            once.country_iso3 = families.country_iso3
            and once.seized_on = families.seized_on
            and once.family = families.family

),

final as (

    select
        source,
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
    from ranked

)

select * from final
