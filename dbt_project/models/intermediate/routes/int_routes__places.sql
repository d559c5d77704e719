-- Places as registers and publications write them, with the UN/LOCODE place that the text begins with; of several the
-- longest name, then one with a port. A municipality is matched by its main place, so that a port of another name in it
-- is missed.
with registers as (

    select * from {{ ref('stg_seizures') }} where municipality is not null

),

records as (

    select * from {{ ref('int_seizures__records') }} where area is not null

),

places as (

    select * from {{ ref('places') }}

),

written as (

    select
        country_code,
        municipality as place_raw
    from registers
    group by country_code, municipality
    union
    select
        country_code,
        area as place_raw
    from records
    group by country_code, area

),

keyed as (

    select
        country_code,
        place_raw,
        replace({{ place_key('place_raw') }}, ',', ' ') as written_key
    from written

),

delivered as (

    select country_code
    from places
    group by country_code

),

named as (

    select
        country_code,
        locode,
        place_label,
        is_port,
        {{ place_key('place_label') }} as place_key
    from places

),

final as (

    select
        keyed.country_code,
        keyed.place_raw,
        named.locode,
        named.place_label,
        case
            when named.is_port then 'port'
            when named.locode is not null then 'place_without_port_function'
            when delivered.country_code is not null then 'place_not_listed'
            else 'country_not_delivered'
        end as port_class
    from keyed
    left join delivered on keyed.country_code = delivered.country_code
    left join named
        on
            keyed.country_code = named.country_code
            and concat(keyed.written_key, ' ') like concat(named.place_key, ' %')
    qualify
        row_number() over (
            partition by keyed.country_code, keyed.place_raw
            order by length(named.place_key) desc nulls last, named.is_port desc nulls last, named.locode asc nulls last
        ) = 1

)

select * from final
