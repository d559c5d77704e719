with sites as (

    select * from {{ source('raw', 'euda_wastewater_sites') }} where _valid_to is null

)

select
    'euda_wastewater_sites' as source,
    _delivery_id as delivery_id,
    _line as source_line,
    site_id,
    cast(population as bigint) as population,
    _is_synthetic as is_synthetic,
    _valid_from as valid_from
from sites
