-- One row per input line behind a row of the triangulation: those of the year's figures and of the ones before them.
with changes as (

    select * from {{ ref('int_triangulation__changes') }}

),

lines as (

    select * from {{ ref('int_indicators__mapped') }}

),

keys as (

    select
        substance_group,
        country_code,
        year,
        indicator_key
    from changes
    union
    select
        substance_group,
        country_code,
        year,
        previous_key as indicator_key
    from changes

),

final as (

    select
        keys.substance_group,
        keys.country_code,
        keys.year,
        lines.source,
        lines.delivery_id,
        lines.source_line
    from keys
    inner join lines on keys.indicator_key = lines.indicator_key

)

select * from final
