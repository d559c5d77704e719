-- One row per cell of quotes and year, beside the same cell in the declared base year.
with cells as (

    select * from {{ ref('int_prices__cells') }}
    where period_grain = 'year' and lot_band <> 'unknown'

),

bases as (

    select * from {{ ref('price_index_bases') }}

),

substances as (

    select * from {{ ref('substances') }}

),

final as (

    select
        cells.source,
        cells.country_code,
        cells.substance_code,
        substances.substance_group,
        cells.market_level,
        cells.lot_band,
        cells.currency,
        cells.period_start,
        cells.period_end,
        cells.is_complete,
        cells.price_unit,
        make_date(bases.base_year, 1, 1) as base_period_start,
        cast(cells.n_quotes as bigint) as n_quotes,
        cast(base.n_quotes as bigint) as n_quotes_base,
        cells.ln_unit_price_mean as ln_price,
        base.ln_unit_price_mean as ln_base_price,
        cells.is_withheld,
        coalesce(base.is_withheld, false) as is_base_withheld,
        case
            when cells.is_withheld then 'suppressed'
            when bases.base_year is null then 'no_base_declared'
            when base.source is null then 'no_price_in_base'
            when base.is_withheld then 'suppressed'
            when not cells.is_complete or not base.is_complete then 'period_incomplete'
            when cells.n_quotes < 3 or base.n_quotes < 3 then 'fewer_than_3_quotes'
        end as not_computed_reason,
        cells.is_synthetic or coalesce(base.is_synthetic, false) as is_synthetic
    from cells
    left join bases on cells.source = bases.source
    left join cells as base
        on
            cells.source = base.source
            and cells.country_code = base.country_code
            and cells.substance_code = base.substance_code
            and cells.market_level = base.market_level
            and cells.lot_band = base.lot_band
            and cells.currency = base.currency
            and bases.base_year = year(base.period_start)
    left join substances on cells.substance_code = substances.substance_code

)

select * from final
