-- What a source delivered for a country, period by period. A period is complete when each of its months (for a yearly
-- source: the year) holds a row and the latest delivery was known after the period's end.
with lines as (

    select * from {{ ref('int_seizures__mapped') }}

),

parts as (

    select
        source,
        row_unit,
        disclosure,
        covers_all_drugs,
        country_code,
        date_grain = 'year' as is_yearly,
        coalesce(month_start, year_start) as part_start,
        bool_or(is_synthetic) as is_synthetic,
        bool_and(is_synthetic) as is_all_synthetic,
        max(valid_from) as valid_from
    from lines
    group by
        source,
        row_unit,
        disclosure,
        covers_all_drugs,
        country_code,
        date_grain = 'year',
        coalesce(month_start, year_start)

),

known as (

    select
        source,
        country_code,
        max(valid_from) as known_at
    from parts
    group by source, country_code

),

grains as (

    {{ period_grains() }}

),

placed as (

    select
        parts.*,
        grains.period_grain,
        {{ period_start('grains.period_grain', 'parts.part_start') }} as period_start,
        case when parts.is_yearly then 1 else {{ period_months('grains.period_grain') }} end as n_parts_needed
    from parts
    cross join grains
    where grains.period_grain = 'year' or not parts.is_yearly

),

periods as (

    select
        source,
        row_unit,
        disclosure,
        covers_all_drugs,
        country_code,
        is_yearly,
        period_grain,
        period_start,
        {{ period_end('period_grain', 'period_start') }} as period_end,
        n_parts_needed,
        cast(count(*) as bigint) as n_parts,
        bool_or(is_synthetic) as is_synthetic,
        bool_and(is_all_synthetic) as is_all_synthetic
    from placed
    group by
        source,
        row_unit,
        disclosure,
        covers_all_drugs,
        country_code,
        is_yearly,
        period_grain,
        period_start,
        n_parts_needed

),

final as (

    select
        periods.source,
        periods.row_unit,
        periods.disclosure,
        periods.covers_all_drugs,
        periods.country_code,
        periods.is_yearly,
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        (
            periods.n_parts = periods.n_parts_needed
            and cast(known.known_at as date) > periods.period_end
        ) as is_complete,
        periods.is_synthetic,
        -- Synthetic rows concern nobody and are exempt from disclosure control.
        (
            periods.disclosure = 'restricted' and {{ is_restricted('periods.is_all_synthetic') }}
        ) as is_controlled
    from periods
    inner join known
        on
            periods.source = known.source
            and periods.country_code = known.country_code

)

select * from final
