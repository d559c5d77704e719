with cells as (

    select * from {{ ref('int_price_index__cells') }}

),

baskets as (

    select * from {{ ref('int_price_index__baskets') }}

),

countries as (

    select * from {{ ref('countries') }}

),

substances as (

    select * from {{ ref('substances') }}

),

breaks as (

    select * from {{ ref('int_breaks__topics') }}
    where topic = 'prices'

),

indices as (

    select
        source as quote_source,
        country_code,
        'cell' as index_scope,
        substance_code,
        market_level,
        lot_band,
        currency,
        period_start,
        period_end,
        is_complete,
        base_period_start,
        cast(1 as bigint) as n_cells,
        case when not is_withheld then n_quotes end as n_quotes,
        case when not is_base_withheld then n_quotes_base end as n_quotes_base,
        coalesce(
            not_computed_reason, case when n_quotes < 5 or n_quotes_base < 5 then 'fewer_than_5_quotes' end
        ) as index_reason,
        {{ jevons('ln_price - ln_base_price', '1') }} as jevons,
        'single_cell' as weighted_reason,
        cast(null as varchar) as weight_source,
        cast(null as bigint) as n_goods_weighted,
        cast(null as double) as laspeyres,
        cast(null as double) as paasche,
        false as is_weight_synthetic,
        is_synthetic
    from cells
    union all
    select
        source as quote_source,
        country_code,
        'basket' as index_scope,
        'all.drugs' as substance_code,
        market_level,
        lot_band,
        currency,
        period_start,
        period_end,
        true as is_complete,
        base_period_start,
        n_cells,
        n_quotes,
        n_quotes_base,
        case
            when n_cells < 2 then 'fewer_than_2_cells'
            when n_quotes < 5 or n_quotes_base < 5 then 'fewer_than_5_quotes'
        end as index_reason,
        jevons,
        case
            when weight_source is null then 'no_weights'
            when n_goods_weighted < 2 then 'fewer_than_2_weighted_groups'
        end as weighted_reason,
        weight_source,
        n_goods_weighted,
        laspeyres,
        paasche,
        is_weight_synthetic,
        is_synthetic
    from baskets

),

judged as (

    select
        *,
        coalesce(weighted_reason, index_reason) as no_weighted_index_reason,
        coalesce(weighted_reason, index_reason) is null as is_weighted
    from indices

),

-- A break of the country, or of the substance, between the base and the period.
crossed as (

    select
        judged.quote_source,
        judged.country_code,
        judged.substance_code,
        judged.market_level,
        judged.lot_band,
        judged.currency,
        judged.period_start
    from judged
    inner join substances on judged.substance_code = substances.substance_code
    inner join breaks
        on
            (breaks.country_code is null or judged.country_code = breaks.country_code)
            and (breaks.substance_group is null or substances.substance_group = breaks.substance_group)
            and judged.period_start <> judged.base_period_start
            and least(judged.period_start, judged.base_period_start) < breaks.breaks_on
            and greatest(judged.period_end, make_date(year(judged.base_period_start), 12, 31)) >= breaks.breaks_on
    group by all

),

final as (

    select
        case
            when judged.is_weighted
                then
                    concat(
                        least(judged.quote_source, judged.weight_source),
                        '+',
                        greatest(judged.quote_source, judged.weight_source)
                    )
            else judged.quote_source
        end as source,
        judged.country_code,
        judged.index_scope,
        judged.substance_code,
        judged.market_level,
        judged.lot_band,
        judged.currency,
        'year' as period_grain,
        judged.period_start,
        judged.period_end,
        judged.is_complete,
        countries.country_label,
        substances.label_en as substance_label,
        judged.base_period_start,
        judged.n_cells,
        judged.n_quotes,
        judged.n_quotes_base,
        case when judged.index_reason is null then judged.jevons end as jevons,
        judged.index_reason,
        case when judged.is_weighted then judged.laspeyres end as laspeyres,
        case when judged.is_weighted then judged.paasche end as paasche,
        case when judged.is_weighted then {{ fisher('judged.laspeyres', 'judged.paasche') }} end as fisher,
        judged.no_weighted_index_reason as weighted_reason,
        case when judged.is_weighted then judged.weight_source end as weight_source,
        case when judged.is_weighted then judged.n_goods_weighted end as n_groups_weighted,
        case when crossed.quote_source is not null then 'break' else 'ok' end as comparability,
        judged.is_synthetic or (judged.is_weighted and judged.is_weight_synthetic) as is_synthetic
    from judged
    left join crossed
        on {{ same('judged', 'crossed', [
            'quote_source', 'country_code', 'substance_code', 'market_level', 'lot_band', 'currency', 'period_start',
        ]) }}
    left join countries on judged.country_code = countries.country_code
    left join substances on judged.substance_code = substances.substance_code

)

select * from final
