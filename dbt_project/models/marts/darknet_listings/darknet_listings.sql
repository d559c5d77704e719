with listings as (

    select * from {{ ref('int_darknet_listings__mapped') }}

),

substances as (

    select * from {{ ref('substances') }}

),

substance_groups as (

    select * from {{ ref('substance_groups') }}

),

countries as (

    select * from {{ ref('countries') }}

),

bands as (

    select * from {{ ref('lot_bands') }}

),

cells as (

    select
        source,
        country_code,
        substance_code,
        lot_band,
        period_grain,
        period_start,
        period_end,
        count(*) as n_listings,
        count(distinct vendor) as n_vendors,
        count(price_btc_per_g) as n_prices,
        count(distinct case when price_btc_per_g is not null then vendor end) as n_price_vendors,
        count(claimed_purity_pct) as n_purities,
        count(price_btc_per_pure_g) as n_pure_prices,
        {{ quantile('price_btc_per_g', 0.25) }} as price_btc_per_g_low,
        {{ quantile('price_btc_per_g', 0.5) }} as price_btc_per_g_median,
        {{ quantile('price_btc_per_g', 0.75) }} as price_btc_per_g_high,
        {{ quantile('claimed_purity_pct', 0.5) }} as claimed_purity_median_pct,
        {{ quantile('price_btc_per_pure_g', 0.25) }} as price_btc_per_claimed_pure_g_low,
        {{ quantile('price_btc_per_pure_g', 0.5) }} as price_btc_per_claimed_pure_g_median,
        {{ quantile('price_btc_per_pure_g', 0.75) }} as price_btc_per_claimed_pure_g_high,
        bool_or(is_synthetic) as is_synthetic
    from listings
    group by source, country_code, substance_code, lot_band, period_grain, period_start, period_end

),

-- As for price quotes: 3 figures for a price, 10 for one that rests on purity. One vendor's listings are one
-- opinion, so the 3 must come from 3 vendors as well.
reasoned as (

    select
        *,
        case
            when n_prices < 3 then 'fewer_than_3_listings'
            when n_price_vendors < 3 then 'fewer_than_3_vendors'
        end as price_reason,
        case
            when n_purities < 10 then 'fewer_than_10_claimed_purities'
            when n_vendors < 3 then 'fewer_than_3_vendors'
        end as purity_reason,
        case
            when n_pure_prices < 10 then 'fewer_than_10_claimed_purities'
            when n_price_vendors < 3 then 'fewer_than_3_vendors'
        end as pure_price_reason
    from cells

),

final as (

    select
        cells.source,
        cells.country_code,
        cells.substance_code,
        cells.lot_band,
        cells.period_grain,
        cells.period_start,
        cells.period_end,
        false as is_complete,
        countries.country_label,
        substances.label_en as substance_label,
        substances.substance_group,
        substance_groups.substance_group_label,
        coalesce(bands.lot_band_label, 'Lot size not known') as lot_band_label,
        cells.n_listings,
        cells.n_vendors,
        case when cells.price_reason is null then cells.price_btc_per_g_low end as price_btc_per_g_low,
        case when cells.price_reason is null then cells.price_btc_per_g_median end as price_btc_per_g_median,
        case when cells.price_reason is null then cells.price_btc_per_g_high end as price_btc_per_g_high,
        cells.price_reason,
        case when cells.purity_reason is null then cells.claimed_purity_median_pct end as claimed_purity_median_pct,
        cells.purity_reason,
        case
            when cells.pure_price_reason is null then cells.price_btc_per_claimed_pure_g_low
        end as price_btc_per_claimed_pure_g_low,
        case
            when cells.pure_price_reason is null then cells.price_btc_per_claimed_pure_g_median
        end as price_btc_per_claimed_pure_g_median,
        case
            when cells.pure_price_reason is null then cells.price_btc_per_claimed_pure_g_high
        end as price_btc_per_claimed_pure_g_high,
        cells.pure_price_reason,
        'scope_differs' as comparability,
        cells.is_synthetic
    from reasoned as cells
    left join countries on cells.country_code = countries.country_code
    left join substances on cells.substance_code = substances.substance_code
    left join substance_groups on substances.substance_group = substance_groups.substance_group
    left join bands on cells.lot_band = bands.lot_band

)

select * from final
