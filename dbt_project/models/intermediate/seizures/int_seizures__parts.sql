-- Lines added up to the shortest span a source allows, a month or a year; longer periods are sums of these.
with lines as (

    select * from {{ ref('int_seizures__mapped') }} where is_in_seizure_marts

),

final as (

    select
        source,
        country_code,
        substance_group,
        coalesce(month_start, year_start) as part_start,
        cast(count(*) as bigint) as n_lines,
        cast(sum(n_seizures) as bigint) as n_seizures,
        cast(count(mass_g) as bigint) as n_mass_lines,
        sum(mass_g) as mass_g
    from lines
    group by
        source,
        country_code,
        substance_group,
        coalesce(month_start, year_start)

)

select * from final
