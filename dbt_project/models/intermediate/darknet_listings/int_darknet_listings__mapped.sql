with listings as (

    select * from {{ ref('stg_darknet_listings') }}

),

names as (

    select * from {{ ref('int_substances__names') }}

),

substances as (

    select * from {{ ref('substances') }}

),

countries as (

    select * from {{ ref('countries') }}

),

bands as (

    select * from {{ ref('lot_bands') }}
    where unit = 'g'

),

-- "WW" and other words for no country in particular are country XX, not known.
mapped as (

    select
        listings.*,
        coalesce(countries.country_code, 'XX') as country_code,
        coalesce(names.substance_code, 'unknown') as substance_code,
        cast(round({{ safe_divide('listings.price_btc', 'listings.lot_g') }}, 9) as decimal(18, 9)) as price_btc_per_g,
        cast(
            round({{ safe_divide('100 * listings.price_btc', 'listings.lot_g * listings.claimed_purity_pct') }}, 9)
            as decimal(18, 9)
        ) as price_btc_per_pure_g,
        {{ period_start("'month'", 'listings.listed_on') }} as period_start
    from listings
    left join names on {{ normalise('listings.substance_raw') }} = names.name
    left join countries on listings.ships_from_raw = countries.country_code

),

final as (

    select
        mapped.source,
        mapped.delivery_id,
        mapped.source_line,
        mapped.listing_no,
        mapped.vendor,
        mapped.country_code,
        mapped.ships_to_raw,
        mapped.substance_code,
        substances.substance_group,
        coalesce(bands.lot_band, 'unknown') as lot_band,
        mapped.listed_on,
        'month' as period_grain,
        mapped.period_start,
        {{ period_end("'month'", 'mapped.period_start') }} as period_end,
        mapped.lot_g,
        mapped.claimed_purity_pct,
        case when mapped.price_btc_per_g > 0 then mapped.price_btc_per_g end as price_btc_per_g,
        case when mapped.price_btc_per_pure_g > 0 then mapped.price_btc_per_pure_g end as price_btc_per_pure_g,
        mapped.is_synthetic
    from mapped
    left join substances on mapped.substance_code = substances.substance_code
    left join bands
        on
            mapped.lot_g >= bands.quantity_from
            and (mapped.lot_g < bands.quantity_below or bands.quantity_below is null)

)

select * from final
