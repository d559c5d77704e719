{% set cell = ['source', 'country_code', 'substance_code', 'lot_band', 'period_grain', 'period_start'] -%}
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

ranks as (

    select * from {{ ref('int_intervals__ranks') }}

),

ranked as (

    select
        *,
        {{ n_and_rank('price_btc_per_g', cell) }},
        {{ n_and_rank('claimed_purity_pct', cell) }},
        {{ n_and_rank('price_btc_per_pure_g', cell) }}
    from listings

),

cells as (

    select
        ranked.source,
        ranked.country_code,
        ranked.substance_code,
        ranked.lot_band,
        ranked.period_grain,
        ranked.period_start,
        ranked.period_end,
        count(*) as n_listings,
        count(distinct ranked.vendor) as n_vendors,
        count(ranked.price_btc_per_g) as n_prices,
        count(distinct case when ranked.price_btc_per_g is not null then ranked.vendor end) as n_price_vendors,
        count(ranked.claimed_purity_pct) as n_purities,
        count(ranked.price_btc_per_pure_g) as n_pure_prices,
        {{ quartiles_with_intervals('ranked', 'price_btc_per_g', 'price_ranks') }},
        {{ quartiles_with_intervals('ranked', 'claimed_purity_pct', 'purity_ranks') }},
        {{ quartiles_with_intervals('ranked', 'price_btc_per_pure_g', 'pure_price_ranks') }},
        bool_or(ranked.is_synthetic) as is_synthetic
    from ranked
    left join ranks as price_ranks on ranked.n_price_btc_per_g = price_ranks.n
    left join ranks as purity_ranks on ranked.n_claimed_purity_pct = purity_ranks.n
    left join ranks as pure_price_ranks on ranked.n_price_btc_per_pure_g = pure_price_ranks.n
    group by
        ranked.source,
        ranked.country_code,
        ranked.substance_code,
        ranked.lot_band,
        ranked.period_grain,
        ranked.period_start,
        ranked.period_end

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

bounded as (

    select
        *,
        coalesce(price_reason, case when n_prices < 6 then 'fewer_than_6_listings' end) as price_median_interval_reason,
        coalesce(price_reason, case when n_prices < 13 then 'fewer_than_13_listings' end)
            as price_quartile_interval_reason,
        coalesce(pure_price_reason, case when n_pure_prices < 13 then 'fewer_than_13_claimed_purities' end)
            as pure_price_quartile_interval_reason
    from reasoned

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
        case
            when cells.price_quartile_interval_reason is null then cells.price_btc_per_g_low_lo
        end as price_btc_per_g_low_lo,
        case
            when cells.price_quartile_interval_reason is null then cells.price_btc_per_g_low_hi
        end as price_btc_per_g_low_hi,
        case
            when cells.price_median_interval_reason is null then cells.price_btc_per_g_median_lo
        end as price_btc_per_g_median_lo,
        case
            when cells.price_median_interval_reason is null then cells.price_btc_per_g_median_hi
        end as price_btc_per_g_median_hi,
        case
            when cells.price_quartile_interval_reason is null then cells.price_btc_per_g_high_lo
        end as price_btc_per_g_high_lo,
        case
            when cells.price_quartile_interval_reason is null then cells.price_btc_per_g_high_hi
        end as price_btc_per_g_high_hi,
        cells.price_median_interval_reason,
        cells.price_quartile_interval_reason,
        case when cells.purity_reason is null then cells.claimed_purity_pct_median end as claimed_purity_median_pct,
        case
            when cells.purity_reason is null then cells.claimed_purity_pct_median_lo
        end as claimed_purity_median_pct_lo,
        case
            when cells.purity_reason is null then cells.claimed_purity_pct_median_hi
        end as claimed_purity_median_pct_hi,
        cells.purity_reason,
        case
            when cells.pure_price_reason is null then cells.price_btc_per_pure_g_low
        end as price_btc_per_claimed_pure_g_low,
        case
            when cells.pure_price_reason is null then cells.price_btc_per_pure_g_median
        end as price_btc_per_claimed_pure_g_median,
        case
            when cells.pure_price_reason is null then cells.price_btc_per_pure_g_high
        end as price_btc_per_claimed_pure_g_high,
        cells.pure_price_reason,
        case
            when cells.pure_price_quartile_interval_reason is null then cells.price_btc_per_pure_g_low_lo
        end as price_btc_per_claimed_pure_g_low_lo,
        case
            when cells.pure_price_quartile_interval_reason is null then cells.price_btc_per_pure_g_low_hi
        end as price_btc_per_claimed_pure_g_low_hi,
        case
            when cells.pure_price_reason is null then cells.price_btc_per_pure_g_median_lo
        end as price_btc_per_claimed_pure_g_median_lo,
        case
            when cells.pure_price_reason is null then cells.price_btc_per_pure_g_median_hi
        end as price_btc_per_claimed_pure_g_median_hi,
        case
            when cells.pure_price_quartile_interval_reason is null then cells.price_btc_per_pure_g_high_lo
        end as price_btc_per_claimed_pure_g_high_lo,
        case
            when cells.pure_price_quartile_interval_reason is null then cells.price_btc_per_pure_g_high_hi
        end as price_btc_per_claimed_pure_g_high_hi,
        cells.pure_price_quartile_interval_reason,
        'scope_differs' as comparability,
        cells.is_synthetic
    from bounded as cells
    left join countries on cells.country_code = countries.country_code
    left join substances on cells.substance_code = substances.substance_code
    left join substance_groups on substances.substance_group = substance_groups.substance_group
    left join bands on cells.lot_band = bands.lot_band

)

select * from final
