{#- A view: its rows are written once, with what they are mapped to, by int_seizures__mapped. -#}
{{ config(materialized='view') }}

-- Lines of every source in one layout, with the reason for which a line is left out of the seizure marts. n_seizures is
-- how many seizures a line stands for: one in a register, what a total states, null where it states none.
with registers as (

    select * from {{ ref('stg_seizures') }}

),

colombia as (

    select * from {{ ref('stg_colombia_ponal') }}

),

cbp as (

    select * from {{ ref('stg_cbp_seizures') }}

),

emcdda as (

    select * from {{ ref('stg_emcdda_seizure_counts') }}

),

stride as (

    select * from {{ ref('stg_dea_stride') }}

),

unodc as (

    select * from {{ ref('int_unodc_seizures__lines') }}

),

countries as (

    select * from {{ ref('countries') }}

),

districts as (

    select * from {{ ref('districts') }}

),

place_names as (

    select * from {{ ref('place_names') }}

),

customs_lines as (

    select * from {{ ref('stg_seizures') }} where agency = 'customs' and joint_case_id is not null

),

police_lines as (

    select * from {{ ref('stg_seizures') }} where agency = 'police' and status <> 'annulled'

),

-- A joint case stands in both agencies' registers; the police case is kept as long as one of its lines stands. Only
-- cases that customs name are looked for: they are few.
police_cases as (

    select
        police_lines.country_code,
        police_lines.case_id
    from police_lines
    inner join customs_lines
        on
            police_lines.country_code = customs_lines.country_code
            and police_lines.case_id = customs_lines.joint_case_id
    group by police_lines.country_code, police_lines.case_id

),

register_lines as (

    select
        registers.source,
        'seizure' as row_unit,
        'restricted' as disclosure,
        registers.delivery_id,
        registers.source_line,
        registers.row_hash,
        registers.ordinal,
        registers.seized_on,
        'day' as date_grain,
        registers.country_code,
        coalesce(districts.district, trim(registers.district)) as area,
        registers.agency,
        coalesce(registers.place_class, 'other') as place_class,
        registers.transport_mode,
        registers.substance_raw,
        registers.quantity,
        registers.quantity as stated_quantity,
        registers.unit_raw,
        cast(1 as bigint) as n_seizures,
        true as covers_all_drugs,
        registers.purity,
        registers.purity_measure,
        registers.purity_basis,
        registers.status,
        case
            when registers.status = 'annulled' then 'annulled'
            when registers.agency = 'customs' and police_cases.case_id is not null then 'joint_case_copy'
        end as exclusion,
        registers.is_synthetic,
        registers.valid_from
    from registers
    left join police_cases
        on
            registers.country_code = police_cases.country_code
            and registers.joint_case_id = police_cases.case_id
    left join districts
        on
            registers.agency = 'police'
            and registers.country_code = districts.country_code
            and trim(replace(lower(registers.district), 'politidistrikt', '')) = districts.district_name

),

colombia_lines as (

    select
        colombia.source,
        'aggregate' as row_unit,
        'open' as disclosure,
        colombia.delivery_id,
        colombia.source_line,
        colombia.row_hash,
        colombia.ordinal,
        colombia.seized_on,
        'day' as date_grain,
        'CO' as country_code,
        trim(colombia.department) as area,
        'police' as agency,
        coalesce(place_names.place_class, 'other') as place_class,
        'unknown' as transport_mode,
        colombia.substance_raw,
        colombia.quantity,
        colombia.quantity as stated_quantity,
        colombia.unit_raw,
        cast(null as bigint) as n_seizures,
        true as covers_all_drugs,
        cast(null as decimal(18, 6)) as purity,
        cast(null as varchar) as purity_measure,
        cast(null as varchar) as purity_basis,
        'confirmed' as status,
        cast(null as varchar) as exclusion,
        colombia.is_synthetic,
        colombia.valid_from
    from colombia
    left join place_names on {{ normalise('colombia.site_class') }} = place_names.name

),

-- Totals of one month, component, area and drug, with the number of events. The components are agencies of their own:
-- none of them stands in both files, and Air and Marine Operations' file leaves out what it did with the other two.
cbp_lines as (

    select
        source,
        'aggregate' as row_unit,
        'open' as disclosure,
        delivery_id,
        source_line,
        row_hash,
        ordinal,
        seized_on,
        'month' as date_grain,
        'US' as country_code,
        trim(area) as area,
        case lower(trim(component))
            when 'office of field operations' then 'customs'
            when 'u.s. border patrol' then 'border_patrol'
            when 'air and marine operations' then 'air_and_marine'
            else 'unstated'
        end as agency,
        case when lower(trim(land_filter)) like 'land%' then 'border' else 'other' end as place_class,
        'unknown' as transport_mode,
        substance_raw,
        quantity_lb as quantity,
        quantity_lb as stated_quantity,
        'lb' as unit_raw,
        events as n_seizures,
        true as covers_all_drugs,
        cast(null as decimal(18, 6)) as purity,
        cast(null as varchar) as purity_measure,
        cast(null as varchar) as purity_basis,
        'confirmed' as status,
        cast(null as varchar) as exclusion,
        is_synthetic,
        valid_from
    from cbp

),

-- Numbers of seizures alone: a line has neither quantity nor unit. The table is of one drug.
emcdda_lines as (

    select
        emcdda.source,
        'aggregate' as row_unit,
        'open' as disclosure,
        emcdda.delivery_id,
        emcdda.source_line,
        emcdda.row_hash,
        emcdda.ordinal,
        emcdda.seized_on,
        'year' as date_grain,
        coalesce(countries.country_code, 'XX') as country_code,
        cast(null as varchar) as area,
        'all_agencies' as agency,
        'other' as place_class,
        'unknown' as transport_mode,
        'cocaine' as substance_raw,
        cast(null as decimal(18, 6)) as quantity,
        cast(null as decimal(18, 6)) as stated_quantity,
        cast(null as varchar) as unit_raw,
        emcdda.n_seizures,
        false as covers_all_drugs,
        cast(null as decimal(18, 6)) as purity,
        cast(null as varchar) as purity_measure,
        cast(null as varchar) as purity_basis,
        'confirmed' as status,
        cast(null as varchar) as exclusion,
        emcdda.is_synthetic,
        emcdda.valid_from
    from emcdda
    left join countries on emcdda.country = countries.country_label

),

-- Exhibits without a country were acquired in the United States. Puerto Rico and the US Virgin Islands carry their ISO
-- codes; the other codes are the agency's own and undocumented, so the country is not known.
stride_lines as (

    select
        source,
        'exhibit' as row_unit,
        'open' as disclosure,
        delivery_id,
        source_line,
        row_hash,
        ordinal,
        seized_on,
        'month' as date_grain,
        case
            when dea_country is null then 'US'
            when dea_country in ('PR', 'VI') then dea_country
            else 'XX'
        end as country_code,
        state as area,
        'dea' as agency,
        'other' as place_class,
        'unknown' as transport_mode,
        substance_raw,
        net_weight_g as quantity,
        net_weight_g as stated_quantity,
        'g' as unit_raw,
        cast(null as bigint) as n_seizures,
        false as covers_all_drugs,
        potency as purity,
        case when potency is not null then 'pct_mass' end as purity_measure,
        case when potency is not null then 'unknown' end as purity_basis,
        'confirmed' as status,
        case when acquisition_method = 'P' then 'purchase' end as exclusion,
        is_synthetic,
        valid_from
    from stride

),

unodc_lines as (

    select
        unodc.source,
        'aggregate' as row_unit,
        'open' as disclosure,
        unodc.delivery_id,
        unodc.source_line,
        unodc.row_hash,
        unodc.ordinal,
        unodc.seized_on,
        'year' as date_grain,
        coalesce(countries.country_code, 'XX') as country_code,
        cast(null as varchar) as area,
        'all_agencies' as agency,
        'other' as place_class,
        'unknown' as transport_mode,
        unodc.drug_name as substance_raw,
        unodc.counted_kg as quantity,
        unodc.stated_kg as stated_quantity,
        'kg' as unit_raw,
        cast(null as bigint) as n_seizures,
        true as covers_all_drugs,
        cast(null as decimal(18, 6)) as purity,
        cast(null as varchar) as purity_measure,
        cast(null as varchar) as purity_basis,
        'confirmed' as status,
        unodc.exclusion,
        unodc.is_synthetic,
        unodc.valid_from
    from unodc
    left join countries on unodc.country_iso3 = countries.country_iso3

),

final as (

    select * from register_lines
    union all
    select * from colombia_lines
    union all
    select * from cbp_lines
    union all
    select * from emcdda_lines
    union all
    select * from stride_lines
    union all
    select * from unodc_lines

)

select * from final
