-- Numbered in the order of what is published; the sort runs on all cores, numbering what is sorted costs nothing.
with published as (

    select
        seized_on,
        country_code,
        country_label,
        area,
        agency,
        place_class,
        transport_mode,
        lines.substance_code,
        substances.label_en as substance_label,
        lines.substance_group,
        substance_group_label,
        quantity,
        unit,
        mass_g,
        purity,
        purity_measure,
        purity_basis,
        status,
        lines.is_synthetic
    from {{ ref('lines') }} as lines
    inner join {{ ref('countries') }} as countries using (country_code)
    inner join {{ ref('substances') }} as substances using (substance_code)
    inner join {{ ref('substance_groups') }} as substance_groups
        on lines.substance_group = substance_groups.substance_group
    where is_counted
    order by
        seized_on, country_code, area nulls last, agency, place_class, transport_mode, lines.substance_code, quantity, unit,
        purity nulls last, purity_measure nulls last, purity_basis, status, lines.is_synthetic

)

select
    'seizures' as source,
    concat('seizures-', row_number() over ()) as seizure_key,
    'seizure' as row_unit,
    'day' as date_grain,
    cast(1 as bigint) as n_seizures,
    *
from published
