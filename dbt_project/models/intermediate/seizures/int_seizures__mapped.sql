{#- A view: the numbers of each line joined to the texts that it shares with others. -#}
{{ config(materialized='view') }}

with numbered as (

    select * from {{ ref('int_seizures__numbered') }}

),

kinds as (

    select * from {{ ref('int_seizures__kinds') }}

),

final as (

    select
        kinds.source,
        kinds.source || '-' || cast(numbered.key_number as varchar) as seizure_key,
        kinds.row_unit,
        kinds.disclosure,
        numbered.delivery_id,
        numbered.source_line,
        numbered.seized_on,
        kinds.date_grain,
        {{ period_start("'year'", 'numbered.seized_on') }} as year_start,
        case when kinds.date_grain <> 'year' then {{ period_start("'half_year'", 'numbered.seized_on') }} end
            as half_year_start,
        case when kinds.date_grain <> 'year' then {{ period_start("'month'", 'numbered.seized_on') }} end
            as month_start,
        kinds.country_code,
        kinds.area,
        kinds.agency,
        kinds.place_class,
        kinds.transport_mode,
        kinds.substance_raw,
        kinds.substance_code,
        kinds.substance_group,
        kinds.is_drug,
        numbered.quantity,
        kinds.unit_raw,
        kinds.unit,
        numbered.mass_g,
        numbered.stated_mass_g,
        numbered.n_seizures,
        kinds.covers_all_drugs,
        numbered.purity,
        kinds.purity_measure,
        kinds.purity_basis,
        kinds.status,
        numbered.exclusion,
        (numbered.exclusion is null) as is_in_seizure_marts,
        numbered.is_published,
        kinds.is_substance_mapped,
        kinds.is_unit_mapped,
        kinds.is_synthetic,
        numbered.valid_from
    from numbered
    inner join kinds on numbered.kind_id = kinds.kind_id

)

select * from final
