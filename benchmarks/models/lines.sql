-- The lines that stand: of each country's year those of its latest edition, typed and mapped to reference tables.
with records as (

    select *
    from {{ source('bench', 'deliveries') }}
    where not regexp_matches(trim(case_id), '^(Totalt|Totalsumma|Sum|Summa|I alt)$|^(\*|Kilde:|Källa:)')

),

typed as (

    select distinct  -- of lines that were exported twice
        cast(substring(right(filename, 14), 1, 10) as date) as known_on_file,
        trim(case_id) as case_id,
        line_no,
        cell(joint_case_id) as joint_case_id,
        country_code,
        agency,
        cell(district) as district,
        day_of(trim(seized_on)) as seized_on,
        coalesce(cell(place_class), 'other') as place_class,
        coalesce(cell(transport_mode), 'unknown') as transport_mode,
        norm(substance_raw) as substance_name,
        number_of(quantity) as quantity,
        norm(unit_raw) as unit_name,
        number_of(purity) as purity,
        cell(purity_measure) as purity_measure,
        coalesce(cell(purity_basis), 'unknown') as purity_basis,
        status,
        cast(is_synthetic as boolean) as is_synthetic
    from records
    where is_synthetic is not null  -- a record that lost cells on the way ends before it

),

sound as materialized (  -- or DuckDB types every line again to find the latest editions

    select * from typed
    where seized_on is not null and quantity between 0 and 9999998 and coalesce(purity >= 1, true)

),

standing as (

    select * from sound
    qualify known_on_file = max(known_on_file) over (partition by country_code, year(seized_on))

),

police_cases as (

    select distinct country_code, case_id
    from standing
    where agency = 'police' and status <> 'annulled'

),

names as (

    select name, min(substance_code) as substance_code
    from {{ ref('substance_names') }}
    group by name

)

select
    standing.known_on_file,
    standing.country_code,
    standing.agency,
    coalesce(districts.district, standing.district) as area,
    standing.seized_on,
    standing.place_class,
    standing.transport_mode,
    substances.substance_code,
    substances.substance_group,
    standing.quantity,
    coalesce(units.unit, 'unknown') as unit,
    cast(
        cast(standing.quantity as decimal(25, 6)) * cast(units.grams_central as decimal(13, 6)) as decimal(18, 6)
    ) as mass_g,
    standing.purity,
    standing.purity_measure,
    standing.purity_basis,
    standing.status,
    standing.is_synthetic,
    -- Not annulled, and not the customs copy of a case that stands in the police register.
    standing.status <> 'annulled' and (standing.agency <> 'customs' or police_cases.case_id is null) as is_counted
from standing
left join police_cases
    on standing.country_code = police_cases.country_code and standing.joint_case_id = police_cases.case_id
left join {{ ref('districts') }} as districts
    on
        standing.agency = 'police'
        and standing.country_code = districts.country_code
        and trim(replace(lower(standing.district), 'politidistrikt', '')) = districts.district_name
left join names on standing.substance_name = names.name
inner join {{ ref('substances') }} as substances on coalesce(names.substance_code, 'unknown') = substances.substance_code
left join {{ ref('units') }} as units on standing.unit_name = units.unit_raw
