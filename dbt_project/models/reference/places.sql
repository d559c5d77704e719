-- A place stands under one code with a name per language; the first in the alphabet is its label, and a function of
-- any counts. Of a country in UNECE's own file nothing is taken from the copy by country.
with published as (

    select * from {{ ref('stg_unlocode') }}

),

copied as (

    select * from {{ ref('stg_places') }}

),

names as (

    select * from published
    union all
    select * from copied
    where country_code not in (select published.country_code from published)

),

final as (

    select
        locode,
        country_code,
        min(place_label) as place_label,
        min(subdivision_code) as subdivision_code,
        bool_or(functions like '1%') as is_port,
        bool_or(functions like '_2%') as is_rail_terminal,
        bool_or(functions like '__3%') as is_road_terminal,
        bool_or(functions like '___4%') as is_airport,
        bool_or(functions like '____5%') as is_mail_centre,
        bool_or(functions like '_____6%') as is_multimodal,
        cast(count(*) as bigint) as n_labels,
        min(source) as source,
        bool_or(is_synthetic) as is_synthetic
    from names
    group by locode, country_code

)

select * from final
