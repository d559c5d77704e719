-- Mass of the three largest seizures of a group in a period. The three largest of a period are among the three largest
-- of its months, so that only those are ranked again.
with lines as (

    select * from {{ ref('int_seizures__mapped') }}
    where is_in_seizure_marts and row_unit = 'seizure' and mass_g is not null

),

monthly as (

    select
        source,
        country_code,
        substance_group,
        month_start,
        mass_g
    from lines
    qualify
        row_number() over (
            partition by source, country_code, substance_group, month_start
            order by mass_g desc nulls last
        ) <= 3

),

grains as (

    {{ period_grains() }}

),

placed as (

    select
        monthly.source,
        monthly.country_code,
        monthly.substance_group,
        grains.period_grain,
        {{ period_start('grains.period_grain', 'monthly.month_start') }} as period_start,
        monthly.mass_g
    from monthly
    cross join grains

),

largest as (

    select *
    from placed
    qualify
        row_number() over (
            partition by source, country_code, substance_group, period_grain, period_start
            order by mass_g desc nulls last
        ) <= 3

),

final as (

    select
        source,
        country_code,
        substance_group,
        period_grain,
        period_start,
        sum(mass_g) as top3_g
    from largest
    group by
        source,
        country_code,
        substance_group,
        period_grain,
        period_start

)

select * from final
