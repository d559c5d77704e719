with days as (

    select * from {{ ref('stg_ecb_fx') }}

),

grains as (

    {{ period_grains() }}

),

-- A rate corrected by a later delivery may stand beside a repeated one of the same day: the latest is the rate.
rates as (

    select * from days
    qualify
        row_number() over (
            partition by currency, quoted_on
            order by valid_from desc, delivery_id desc, source_line desc
        ) = 1

),

feed as (

    select cast(max(valid_from) as date) as known_on from days

),

means as (

    select
        rates.currency,
        grains.period_grain,
        {{ period_start('grains.period_grain', 'rates.quoted_on') }} as period_start,
        count(*) as n_days,
        count(distinct month(rates.quoted_on)) as n_months,
        cast(round({{ mean_decimal('rates.units_per_eur') }}, 9) as decimal(18, 9)) as units_per_eur,
        bool_or(rates.is_synthetic) as is_synthetic
    from rates
    cross join grains
    group by
        rates.currency,
        grains.period_grain,
        {{ period_start('grains.period_grain', 'rates.quoted_on') }}

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
