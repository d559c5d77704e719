-- The quotes behind marts.price_index: each counts in its own cell and, if sold by mass, in the basket of its lot band.
{{ config(materialized='view') }}

with quotes as (

    select * from {{ ref('int_prices__mapped') }}
    where is_priced and lot_band <> 'unknown'

),

final as (

    select
        source,
        delivery_id,
        source_line,
        'cell' as index_scope,
        country_code,
        substance_code,
        market_level,
        lot_band,
        currency,
        quoted_on
    from quotes
    union all
    select
        source,
        delivery_id,
        source_line,
        'basket' as index_scope,
        country_code,
        'all.drugs' as substance_code,
        market_level,
        lot_band,
        currency,
        quoted_on
    from quotes
    where price_unit = 'g'

)

select * from final
