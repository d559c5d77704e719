{%- set series = [
    'source', 'publisher', 'country_code', 'substance_code', 'market_level', 'lot_band', 'currency', 'period_grain'
] -%}
with prices as (

    select * from {{ ref('int_price_fx__prices') }}

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

-- The same period of the last earlier year in which the series has a price; published medians skip years.
ordered as (

    select
        *,
        lag(period_start) over (
            partition by {{ series | join(', ') }}, month(period_start) order by period_start
        ) as previous_start
    from prices

),

differences as (

    select
        ordered.*,
        previous.n_quotes as n_quotes_prev,
        ordered.currency <> ordered.local_currency as is_quote_foreign,
        ordered.ln_price - previous.ln_price as dln_quoted,
        ordered.ln_quoted_per_eur - previous.ln_quoted_per_eur as dln_quoted_per_eur,
        ordered.ln_local_per_eur - previous.ln_local_per_eur as dln_local_per_eur,
        ordered.ln_consumer_prices - previous.ln_consumer_prices as dln_consumer_prices,
        case
            when ordered.is_withheld then 'suppressed'
            when ordered.previous_start is null then 'no_earlier_period'
            when previous.is_withheld then 'suppressed'
            when not ordered.is_complete or not previous.is_complete then 'period_incomplete'
            when ordered.is_too_few or previous.is_too_few then 'fewer_than_3_quotes'
            when ordered.is_imputed or previous.is_imputed then 'imputed'
            when
                ordered.local_currency is null or ordered.local_currency <> previous.local_currency
                then 'local_currency_unknown'
        end as withheld_reason,
        coalesce(previous.is_withheld, false) as is_previous_withheld,
        coalesce(previous.is_imputed, false) as is_previous_imputed,
        coalesce(previous.is_synthetic, false) as is_previous_synthetic
    from ordered
    left join prices as previous
        on {{ same('ordered', 'previous', series) }} and ordered.previous_start = previous.period_start

),

-- A quote in the country's own currency holds no euro price: dividing it by the rate would put the rate's movement
-- into the euro price and take it out again. Only a quote in other money can be split. The rate's own change is a fact
-- of its own, whatever the price is worth.
reasoned as (

    select
        *,
        case
            when withheld_reason is not null then withheld_reason
            when is_quote_foreign and (dln_quoted_per_eur is null or dln_local_per_eur is null) then 'no_exchange_rate'
        end as dln_price_local_reason,
        case
            when withheld_reason is not null then withheld_reason
            when local_currency = 'EUR' then 'local_currency_is_the_euro'
            when not is_quote_foreign then 'quoted_in_local_currency'
            when dln_quoted_per_eur is null or dln_local_per_eur is null then 'no_exchange_rate'
        end as split_reason,
        case
            when previous_start is null then 'no_earlier_period'
            when local_currency is null then 'local_currency_unknown'
            when local_currency = 'EUR' then 'local_currency_is_the_euro'
            when dln_local_per_eur is null then 'no_exchange_rate'
        end as dln_fx_reason
    from differences

),

split as (

    select
        *,
        case
            when dln_price_local_reason is not null then null
            when is_quote_foreign then dln_quoted - dln_quoted_per_eur + dln_local_per_eur
            else dln_quoted
        end as dln_price_local,
        case when split_reason is null then dln_quoted - dln_quoted_per_eur end as dln_price_eur,
        case when dln_fx_reason is null then dln_local_per_eur end as dln_fx,
        coalesce(dln_price_local_reason, case when dln_consumer_prices is null then 'no_cpi' end)
            as dln_price_local_real_reason
    from reasoned

),

crossed as (

    select
        split.source,
        split.publisher,
        split.country_code,
        split.substance_code,
        split.market_level,
        split.lot_band,
        split.currency,
        split.period_grain,
        split.period_start
    from split
    inner join substances on split.substance_code = substances.substance_code
    inner join breaks
        on
            (breaks.country_code is null or split.country_code = breaks.country_code)
            and (breaks.substance_group is null or substances.substance_group = breaks.substance_group)
            and split.previous_start < breaks.breaks_on
            and split.period_end >= breaks.breaks_on
    group by all

),

final as (

    select
        concat(
            case when split.dln_price_local_real_reason is null then 'cpi+' else '' end,
            case
                when split.dln_fx_reason is null or (split.is_quote_foreign and split.dln_price_local_reason is null)
                    then 'ecb_fx+'
                else ''
            end,
            split.source
        ) as source,
        split.publisher,
        split.country_code,
        split.substance_code,
        split.market_level,
        split.lot_band,
        split.currency,
        split.period_grain,
        split.period_start,
        split.period_end,
        split.is_complete,
        countries.country_label,
        substances.label_en as substance_label,
        substances.substance_group,
        split.price_unit,
        split.local_currency,
        split.previous_start as previous_period_start,
        case when not split.is_withheld then split.n_quotes end as n_quotes,
        case when not split.is_previous_withheld then split.n_quotes_prev end as n_quotes_prev,
        cast(split.dln_price_local as decimal(18, 12)) as dln_price_local,
        split.dln_price_local_reason,
        cast(split.dln_price_eur as decimal(18, 12)) as dln_price_eur,
        split.split_reason,
        cast(split.dln_fx as decimal(18, 12)) as dln_fx,
        split.dln_fx_reason,
        cast(
            case when split.dln_price_local_real_reason is null then split.dln_consumer_prices end as decimal(18, 12)
        ) as dln_consumer_prices,
        cast(
            case
                when split.dln_price_local_real_reason is null then split.dln_price_local - split.dln_consumer_prices
            end as decimal(18, 12)
        ) as dln_price_local_real,
        split.dln_price_local_real_reason,
        case
            when split.is_imputed or split.is_previous_imputed then 'imputed'
            when crossed.source is not null then 'break'
            when split.publisher = 'UNODC' then 'scope_differs'
            else 'ok'
        end as comparability,
        split.is_synthetic or split.is_previous_synthetic as is_synthetic
    from split
    left join crossed
        on {{ same('split', 'crossed', series + ['period_start']) }}
    left join countries on split.country_code = countries.country_code
    left join substances on split.substance_code = substances.substance_code

)

select * from final
