with exhibits as (

    select * from {{ source('raw', 'dea_stride') }} where _valid_to is null

)

select
    'dea_stride' as source,
    _delivery_id as delivery_id,
    _line as source_line,
    _row_hash as row_hash,
    _ordinal as ordinal,
    state,
    country as dea_country,
    acquisition_method,
    substance_raw,
    potency,
    net_weight_g,
    make_date(seize_year, seize_month, 1) as seized_on,
    _is_synthetic as is_synthetic,
    _valid_from as valid_from
from exhibits
