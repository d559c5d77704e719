with days as (

    select * from {{ ref('stg_ecb_fx') }}

),

grains as (

    {{ period_grains() }}

),

feed as (

    select cast(max(valid_from) as date) as known_on from days

),

means as (

    select
        days.currency,
        grains.period_grain,
        {{ period_start('grains.period_grain', 'days.quoted_on') }} as period_start,
        count(*) as n_days,
        count(distinct month(days.quoted_on)) as n_months,
        cast(round({{ mean_decimal('days.units_per_eur') }}, 9) as decimal(18, 9)) as units_per_eur,
        bool_or(days.is_synthetic) as is_synthetic
    from days
    cross join grains
    group by
        days.currency,
        grains.period_grain,
        {{ period_start('grains.period_grain', 'days.quoted_on') }}

),

final as (

    select
        means.currency,
        means.period_grain,
        means.period_start,
        {{ period_end('means.period_grain', 'means.period_start') }} as period_end,
        means.n_months = {{ period_months('means.period_grain') }}
        and feed.known_on > {{ period_end('means.period_grain', 'means.period_start') }} as is_complete,
        means.units_per_eur,
        means.n_days,
        means.is_synthetic
    from means
    cross join feed

)

select * from final
