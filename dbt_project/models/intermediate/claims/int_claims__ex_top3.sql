-- A published mass of a period and the three largest single seizures published for that very period, one row each.
-- Only masses with three such seizures have rows.
with figures as (

    select * from {{ ref('indicators') }}
    where not is_synthetic and value is not null

),

totals as (

    select * from figures
    where series = 'seizures_kg' and area is null and agency_scope = 'all_agencies' and not is_secondary_source

),

singles as (

    select * from figures
    where series = 'single_seizure_kg' and area is null

),

largest as (

    select
        totals.indicator_key as total_key,
        singles.indicator_key,
        singles.value
    from totals
    inner join singles
        on
            totals.source = singles.source
            and totals.substance = singles.substance
            and totals.country_code = singles.country_code
            and totals.period_start = singles.period_start
            and totals.period_end = singles.period_end
    qualify
        row_number() over (
            partition by totals.indicator_key order by singles.value desc, singles.indicator_key asc
        ) <= 3

),

complete as (

    select total_key from largest
    group by total_key
    having count(*) = 3

),

final as (

    select
        complete.total_key,
        totals.indicator_key,
        totals.value as kg
    from complete
    inner join totals on complete.total_key = totals.indicator_key
    union all
    select
        complete.total_key,
        largest.indicator_key,
        -largest.value as kg
    from complete
    inner join largest on complete.total_key = largest.total_key

)

select * from final
