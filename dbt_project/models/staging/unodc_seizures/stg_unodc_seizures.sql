with totals as (

    select * from {{ source('raw', 'unodc_seizures') }} where _valid_to is null

)

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
    _valid_from as valid_from
from totals
