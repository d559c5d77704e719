with totals as (

    select * from {{ source('raw', 'colombia_ponal') }} where _valid_to is null

)

select
    'colombia_ponal' as source,
    _delivery_id as delivery_id,
    _line as source_line,
    _row_hash as row_hash,
    _ordinal as ordinal,
    seized_on,
    department,
    site_class,
    substance_raw,
    quantity,
    unit_raw,
    _is_synthetic as is_synthetic,
    _valid_from as valid_from
from totals
