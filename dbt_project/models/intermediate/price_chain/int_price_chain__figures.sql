-- One row per published price of a mass in a calendar year, at its stage of the chain, in kroner per kilogram. A figure
-- with only a lower bound ("over 300 000") is open above: its upper bound stays null.
with figures as (

    select * from {{ ref('stg_published_figures') }}
    where
        country_code is not null
        and series in ('price_wholesale', 'price_street_range', 'price_street_typical', 'price_street_median')

),

series as (

    select * from {{ ref('int_unodc_prices__mapped') }}
    where country_code is not null

),

names as (

    select * from {{ ref('int_substances__names') }}

),

substances as (

    select * from {{ ref('substances') }}

),

stages as (

    select * from {{ ref('price_stages') }}

),

countries as (

    select * from {{ ref('countries') }}

),

rates as (

    select * from {{ ref('int_fx__periods') }}
    where period_grain = 'year'

),

stated as (

    select
        figures.source,
        figures.delivery_id,
        figures.source_line,
        figures.figure_id,
        coalesce(substances.substance_group, 'unknown') as substance_group,
        figures.country_code,
        figures.area,
        figures.market_level,
        figures.period_start,
        figures.period_end,
        coalesce(figures.value_low, figures.value) as price_low,
        coalesce(figures.value_high, figures.value) as price_high,
        substring(figures.unit, 1, 3) as currency,
        case substring(figures.unit, 4) when '/kg' then 1 when '/g' then 1000 end as units_per_kg,
        figures.publisher,
        coalesce(figures.is_secondary_source, false) as is_secondary_source,
        false as is_imputed,
        figures.is_synthetic,
        figures.valid_from
    from figures
    left join names on {{ normalise('figures.substance') }} = names.name
    left join substances on names.substance_code = substances.substance_code
    union all
    select
        series.source,
        series.delivery_id,
        series.source_line,
        concat(
            'unodc_prices:', series.country_code, ':', series.substance_raw, ':', cast(series.calendar_year as varchar)
        ) as figure_id,
        series.substance_group,
        series.country_code,
        cast(null as varchar) as area,
        'retail' as market_level,
        make_date(series.calendar_year, 1, 1) as period_start,
        make_date(series.calendar_year, 12, 31) as period_end,
        series.price_usd_per_g as price_low,
        series.price_usd_per_g as price_high,
        'USD' as currency,
        1000 as units_per_kg,
        'UNODC' as publisher,
        false as is_secondary_source,
        series.is_imputed,
        series.is_synthetic,
        series.valid_from
    from series

),

-- The row of a substance and country goes before the general one.
staged as (

    select
        stated.*,
        stages.stage,
        stages.stage_order
    from stated
    inner join stages
        on
            stated.market_level = stages.market_level
            and (stages.substance_group is null or stated.substance_group = stages.substance_group)
            and (stages.country_code is null or stated.country_code = stages.country_code)
    where
        stated.units_per_kg is not null
        and stated.period_start = make_date(year(stated.period_start), 1, 1)
        and stated.period_end = make_date(year(stated.period_start), 12, 31)
    qualify
        row_number() over (
            partition by stated.figure_id
            order by stages.country_code nulls last, stages.substance_group nulls last
        ) = 1

),

-- Kroner per unit of the quote's currency, over the euro; a currency without a rate leaves its figure out.
converted as (

    select
        staged.*,
        case
            when staged.currency = 'NOK' then cast(1 as decimal(24, 12))
            else
                cast(
                    round(
                        {{ safe_divide(
                            'kroner.units_per_eur',
                            "case when staged.currency = 'EUR' then 1 else rates.units_per_eur end"
                        ) }}, 12
                    ) as decimal(24, 12)
                )
        end as nok_per_unit
    from staged
    left join rates on staged.currency = rates.currency and staged.period_start = rates.period_start
    left join rates as kroner on kroner.currency = 'NOK' and staged.period_start = kroner.period_start

),

final as (

    select
        converted.source,
        converted.delivery_id,
        converted.source_line,
        converted.figure_id,
        converted.substance_group,
        converted.stage,
        converted.stage_order,
        converted.country_code,
        coalesce(converted.area, countries.country_label, converted.country_code) as place,
        'year' as period_grain,
        converted.period_start,
        converted.period_end,
        cast(converted.valid_from as date) > converted.period_end as is_complete,
        cast(
            round(cast(converted.price_low * converted.units_per_kg as decimal(18, 6)) * converted.nok_per_unit, 2)
            as decimal(18, 2)
        ) as nok_per_kg_low,
        cast(
            round(cast(converted.price_high * converted.units_per_kg as decimal(18, 6)) * converted.nok_per_unit, 2)
            as decimal(18, 2)
        ) as nok_per_kg_high,
        converted.currency <> 'NOK' as is_converted,
        converted.publisher,
        converted.is_secondary_source,
        converted.is_imputed,
        converted.is_synthetic
    from converted
    left join countries on converted.country_code = countries.country_code
    where converted.nok_per_unit is not null

)

select * from final
