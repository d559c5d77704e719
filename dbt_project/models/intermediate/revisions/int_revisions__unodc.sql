{{ config(materialized='view') }}

-- Lines of UNODC's table that count, in each edition of their year.
with history as (

    {{ as_known('unodc_seizures', ['history.reference_year']) }}

),

lines as (

    select
        'unodc_seizures' as source,
        _delivery_id as delivery_id,
        _line as source_line,
        _row_hash as row_hash,
        _ordinal as ordinal,
        country_iso3,
        drug_group,
        drug_sub_group,
        drug_name,
        make_date(reference_year, 1, 1) as seized_on,
        kilograms,
        _is_synthetic as is_synthetic,
        _valid_from as valid_from,
        vintage_at
    from history

),

counted as (

    {{ unodc_counted('lines', 'vintage_at') }}

),

names as (

    select * from {{ ref('int_substances__names') }}

),

substances as (

    select * from {{ ref('substances') }}

),

countries as (

    select * from {{ ref('countries') }}

),

final as (

    select
        counted.delivery_id,
        counted.source_line,
        cast(year(counted.seized_on) as varchar) as scope,
        counted.vintage_at,
        coalesce(countries.country_code, 'XX') as country_code,
        coalesce(substances.substance_group, 'unknown') as substance_group,
        counted.seized_on as period_start,
        counted.counted_kg as mass_kg,
        counted.is_synthetic
    from counted
    left join countries on counted.country_iso3 = countries.country_iso3
    left join names on {{ normalise('counted.drug_name') }} = names.name
    left join substances on names.substance_code = substances.substance_code
    where counted.exclusion is null

)

select * from final
