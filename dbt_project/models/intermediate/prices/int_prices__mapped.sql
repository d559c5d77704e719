with quotes as (

    select * from {{ ref('stg_price_quotes') }}

),

names as (

    select * from {{ ref('int_substances__names') }}

),

substances as (

    select * from {{ ref('substances') }}

),

units as (

    select * from {{ ref('units') }}

),

bands as (

    select * from {{ ref('lot_bands') }}

),

rates as (

    select * from {{ ref('int_fx__periods') }}
    where period_grain = 'month'

),

deflators as (

    select * from {{ ref('int_prices__deflator') }}

),

-- A quote stated only as a range stands for its middle; a range with one end is no quote.
mapped as (

    select
        quotes.*,
        coalesce(names.substance_code, 'unknown') as substance_code,
        coalesce(quotes.price, cast((quotes.price_low + quotes.price_high) / 2 as decimal(18, 6))) as price_typical,
        case
            when units.kind in ('mass', 'volume') then 'g'
            when units.kind = 'count' then units.unit
            else 'unknown'
        end as price_unit,
        case
            when quotes.lot_quantity <= 0 then null
            when units.kind in ('mass', 'volume') then {{ grams('quotes.lot_quantity', 'units.grams_central') }}
            when units.kind = 'count' then quotes.lot_quantity
        end as lot_size
    from quotes
    left join names on {{ normalise('quotes.substance_raw') }} = names.name
    left join units on {{ normalise('quotes.lot_unit_raw') }} = units.unit_raw

),

-- The lot price is for the whole lot: divided by the lot's size here, once, and used nowhere else.
priced as (

    select
        *,
        cast(round({{ safe_divide('coalesce(price_low, price_typical)', 'lot_size') }}, 6) as decimal(18, 6))
            as unit_price_low,
        cast(round({{ safe_divide('price_typical', 'lot_size') }}, 6) as decimal(18, 6))
            as unit_price,
        cast(round({{ safe_divide('coalesce(price_high, price_typical)', 'lot_size') }}, 6) as decimal(18, 6))
            as unit_price_high
    from mapped

),

converted as (

    select
        priced.*,
        substances.substance_group,
        coalesce(bands.lot_band, 'unknown') as lot_band,
        case when priced.currency = 'EUR' then cast(1 as decimal(18, 9)) else rates.units_per_eur end as units_per_eur,
        deflators.ln_deflator,
        case
            when priced.price_unit = 'g' and priced.purity between 0 and 100
                then
                    cast(
                        {{ purity_base('priced.purity', 'priced.purity_basis', 'substances.salt_factor') }}
                        / 100 as decimal(12, 9)
                    )
        end as purity_base
    from priced
    left join substances on priced.substance_code = substances.substance_code
    left join bands
        on
            priced.price_unit = bands.unit
            and priced.lot_size >= bands.quantity_from
            and (priced.lot_size < bands.quantity_below or bands.quantity_below is null)
    left join rates
        on
            priced.currency = rates.currency
            and {{ period_start("'month'", 'priced.quoted_on') }} = rates.period_start
    left join deflators
        on
            priced.country_code = deflators.country_code
            and priced.currency = deflators.currency
            and year(priced.quoted_on) = deflators.calendar_year

),

final as (

    select
        source,
        delivery_id,
        source_line,
        country_code,
        place,
        agency,
        quoted_on,
        substance_raw,
        substance_code,
        substance_group,
        market_level,
        lot_band,
        lot_unit_raw,
        lot_quantity,
        price_unit,
        lot_size,
        price_low,
        price_typical,
        price_high,
        currency,
        unit_price_low,
        unit_price,
        unit_price_high,
        {{ ln_decimal('unit_price') }} as ln_unit_price,
        units_per_eur,
        {{ ln_decimal('unit_price') }} - {{ ln_decimal('units_per_eur') }} as ln_unit_price_eur,
        {{ ln_decimal('unit_price') }} - ln_deflator as ln_unit_price_eur_real,
        purity_base,
        {{ ln_decimal('unit_price') }} - {{ ln_decimal('units_per_eur') }} - {{ ln_decimal('purity_base') }}
            as ln_pure_price_eur,
        currency <> 'EUR' and units_per_eur is not null as is_ecb_rate_used,
        coalesce(price_typical > 0, false) as is_priced,
        is_synthetic,
        valid_from
    from converted

)

select * from final
