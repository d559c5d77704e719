with lines as (

    select * from {{ source('raw', 'seizures') }} where _valid_to is null

)

select
    'seizures' as source,
    _delivery_id as delivery_id,
    _line as source_line,
    _row_hash as row_hash,
    _ordinal as ordinal,
    case_id,
    joint_case_id,
    country_code,
    agency,
    district,
    municipality,
    seized_on,
    place_class,
    coalesce(transport_mode, 'unknown') as transport_mode,
    origin_country,
    substance_raw,
    quantity,
    unit_raw,
    purity,
    purity_measure,
    coalesce(purity_basis, 'unknown') as purity_basis,
    status,
    is_synthetic,
    _valid_from as valid_from
from lines
