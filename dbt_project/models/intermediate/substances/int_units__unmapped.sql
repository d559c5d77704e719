with lines as (

    select * from {{ ref('int_seizures__lines') }}

),

units as (

    select * from {{ ref('units') }}

),

final as (

    select
        lines.source,
        lines.unit_raw,
        cast(count(*) as bigint) as n_rows
    from lines
    left join units on {{ normalise('lines.unit_raw') }} = units.unit_raw
    where units.unit_raw is null
    group by lines.source, lines.unit_raw

)

select * from final
