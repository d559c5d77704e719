with cells as (

    select * from {{ ref('int_prices__cells') }}

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

rates as (

    select count(*) as n_rates from {{ ref('int_fx__periods') }}

),

-- Minimum to compute: 3 quotes (10 with known purity for a price per pure gram).
judged as (

    select
        cells.*,
        case
            when cells.is_withheld then 'suppressed'
            when cells.lot_band = 'unknown' then 'lot_unknown'
            when cells.n_quotes < 3 then 'fewer_than_3_quotes'
        end as withheld_reason
    from cells

),

-- Below nine quotes the ends of the interval are the lowest and the highest of them.
bounded as (

    select
        *,
        case
            when withheld_reason is not null then withheld_reason
            when n_quotes < 6 then 'fewer_than_6_quotes'
            when is_controlled and n_quotes < 9 then 'suppressed'
        end as interval_reason
    from judged

),

reasoned as (

    select
        *,
        case
            when withheld_reason is not null then withheld_reason
            when price_unit <> 'g' then 'not_sold_by_mass'
        end as price_reason
    from bounded

),

eur_reasoned as (

    select
        reasoned.*,
        case
            when reasoned.price_reason is not null then reasoned.price_reason
            when reasoned.n_quotes_eur = reasoned.n_quotes then null
            when rates.n_rates = 0 then 'no_exchange_rates'
            else 'exchange_rate_missing'
        end as price_eur_reason
    from reasoned
    cross join rates

),

real_reasoned as (

    select
        *,
        coalesce(price_eur_reason, case when n_quotes_eur_real < n_quotes then 'no_cpi' end) as price_eur_real_reason,
        price_eur_reason is null and n_quotes_eur_real = n_quotes as is_real
    from eur_reasoned

),

final as (

    select
        concat(
            case when cells.is_real then 'cpi+' else '' end,
            case when cells.is_ecb_rate_used and not cells.is_withheld then 'ecb_fx+' else '' end,
            cells.source
        ) as source,
        cells.country_code,
        cells.substance_code,
        cells.market_level,
        cells.lot_band,
        cells.currency,
        cells.period_grain,
        cells.period_start,
        cells.period_end,
        cells.is_complete,
        countries.country_label,
        substances.label_en as substance_label,
        substances.substance_group,
        substance_groups.substance_group_label,
        coalesce(bands.lot_band_label, 'Lot size not known') as lot_band_label,
        cells.price_unit,
        case when not cells.is_withheld then cells.n_quotes end as n_quotes,
        case when cells.price_reason is null then cells.unit_price_low end as price_per_g_low,
        case when cells.price_reason is null then cells.unit_price_median end as price_per_g_median,
        case when cells.price_reason is null then cells.unit_price_high end as price_per_g_high,
        case
            when cells.price_reason is null and cells.interval_reason is null then cells.unit_price_median_lo
        end as price_per_g_median_lo,
        case
            when cells.price_reason is null and cells.interval_reason is null then cells.unit_price_median_hi
        end as price_per_g_median_hi,
        case when cells.price_reason is null then cells.unit_price_geomean end as price_per_g_geomean,
        cells.price_reason,
        case when cells.price_eur_reason is null then cells.unit_price_eur end as price_per_g_eur,
        cells.price_eur_reason,
        case when cells.is_real then cells.unit_price_eur_real end as price_per_g_eur_real,
        cells.price_eur_real_reason,
        case when not cells.is_purity_withheld then cells.n_quotes_purity end as n_quotes_purity,
        case
            when
                cells.price_eur_reason is null and not cells.is_purity_withheld and cells.n_quotes_pure >= 10
                then cells.pure_price_eur
        end as price_per_pure_g_eur,
        case
            when cells.price_eur_reason is not null then cells.price_eur_reason
            when cells.is_purity_withheld then 'suppressed'
            when cells.n_quotes_pure < 10 then 'fewer_than_10_known_purities'
        end as price_per_pure_g_reason,
        case
            when cells.withheld_reason is null and cells.price_unit <> 'g' then cells.unit_price_low
        end as price_per_unit_low,
        case
            when cells.withheld_reason is null and cells.price_unit <> 'g' then cells.unit_price_median
        end as price_per_unit_median,
        case
            when cells.withheld_reason is null and cells.price_unit <> 'g' then cells.unit_price_high
        end as price_per_unit_high,
        case
            when cells.interval_reason is null and cells.price_unit <> 'g' then cells.unit_price_median_lo
        end as price_per_unit_median_lo,
        case
            when cells.interval_reason is null and cells.price_unit <> 'g' then cells.unit_price_median_hi
        end as price_per_unit_median_hi,
        cells.interval_reason,
        {{
            comparability(
                crosses_break(
                    "'prices'", 'cells.country_code', 'cells.period_start', 'cells.period_end', 'substances.substance_group'
                ),
                'cells.is_complete',
            ) | indent(8)
        }} as comparability,
        cells.is_synthetic
    from real_reasoned as cells
    left join substances on cells.substance_code = substances.substance_code
    left join substance_groups on substances.substance_group = substance_groups.substance_group
    left join countries on cells.country_code = countries.country_code
    left join bands on cells.lot_band = bands.lot_band

)

select * from final
