-- One edition writes Hungary as H; Greece and the United Kingdom have codes of their own in texts of the Union.
with loads as (

    select * from {{ source('raw', 'euda_wastewater') }} where _valid_to is null

)

select
    'euda_wastewater' as source,
    _delivery_id as delivery_id,
    _line as source_line,
    year as sampled_year,
    metabolite,
    site_id,
    case country when 'H' then 'HU' when 'EL' then 'GR' when 'UK' then 'GB' else country end as country_code,
    city as city_raw,
    wednesday,
    thursday,
    friday,
    saturday,
    sunday,
    monday,
    tuesday,
    weekday_mean,
    weekend_mean,
    daily_mean,
    _is_synthetic as is_synthetic,
    _valid_from as valid_from
from loads
