{% set basket = ['source', 'country_code', 'market_level', 'lot_band', 'currency', 'period_start'] -%}
-- One row per basket (the drugs sold by mass in one lot band of a market) and year. Its goods are substance groups,
-- since weights are known by group: a group's price is the geometric mean of its cells that have one in both years. A
-- cell that may not be shown alone is in no basket either.
with cells as (

    select * from {{ ref('int_price_index__cells') }}
    where price_unit = 'g' and not_computed_reason is null

),

masses as (

    select
        source as weight_source,
        country_code,
        substance_group,
        period_start,
        cast(round(mass_kg, 6) as decimal(18, 6)) as mass_kg,
        is_synthetic
    from {{ ref('substance_share') }}
    where period_grain = 'year' and is_complete and mass_kg > 0

),

goods as (

    select
        source,
        country_code,
        market_level,
        lot_band,
        currency,
        period_start,
        period_end,
        base_period_start,
        substance_group,
        count(*) as n_cells,
        sum(n_quotes) as n_quotes,
        sum(n_quotes_base) as n_quotes_base,
        sum(ln_price - ln_base_price) as ln_relatives,
        cast(round({{ geometric_mean('ln_price') }}, 6) as decimal(18, 6)) as price,
        cast(round({{ geometric_mean('ln_base_price') }}, 6) as decimal(18, 6)) as base_price,
        bool_or(is_synthetic) as is_synthetic
    from cells
    group by all

),

baskets as (

    select
        source,
        country_code,
        market_level,
        lot_band,
        currency,
        period_start,
        period_end,
        base_period_start,
        cast(sum(n_cells) as bigint) as n_cells,
        cast(count(*) as bigint) as n_goods,
        cast(sum(n_quotes) as bigint) as n_quotes,
        cast(sum(n_quotes_base) as bigint) as n_quotes_base,
        {{ jevons('sum(ln_relatives)', 'sum(n_cells)') }} as jevons,
        bool_or(is_synthetic) as is_synthetic
    from goods
    group by all

),

weighted as (

    select
        goods.source,
        goods.country_code,
        goods.market_level,
        goods.lot_band,
        goods.currency,
        goods.period_start,
        now.weight_source,
        cast(count(*) as bigint) as n_goods_weighted,
        {{ fixed_weight_index('goods.price', 'goods.base_price', 'base.mass_kg') }} as laspeyres,
        {{ fixed_weight_index('goods.price', 'goods.base_price', 'now.mass_kg') }} as paasche,
        bool_or(now.is_synthetic or base.is_synthetic) as is_weight_synthetic
    from goods
    inner join masses as now
        on {{ same('goods', 'now', ['country_code', 'substance_group', 'period_start']) }}
    inner join masses as base
        on
            goods.country_code = base.country_code
            and goods.substance_group = base.substance_group
            and goods.base_period_start = base.period_start
            and now.weight_source = base.weight_source
    group by all

),

-- Measured weights go before synthetic ones, then those of the most goods.
chosen as (

    select * from weighted
    qualify
        row_number() over (
            partition by {{ basket | join(', ') }}
            order by is_weight_synthetic asc, n_goods_weighted desc, weight_source asc
        ) = 1

),

final as (

    select
        baskets.*,
        chosen.weight_source,
        coalesce(chosen.n_goods_weighted, 0) as n_goods_weighted,
        chosen.laspeyres,
        chosen.paasche,
        coalesce(chosen.is_weight_synthetic, false) as is_weight_synthetic
    from baskets
    left join chosen
        on {{ same('baskets', 'chosen', basket) }}

)

select * from final
