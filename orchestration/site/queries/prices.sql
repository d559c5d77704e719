-- Retail prices, Norway against Sweden, in the lot band with the most quotes; UNODC's typical prices beside them.
with bands as (
    select substance_group, substance_code, lot_band
    from marts.price_level
    where period_grain = 'year' and market_level = 'retail' and country_code in ('NO', 'SE')
        and price_per_g_median is not null
    group by substance_group, substance_code, lot_band
    qualify row_number() over (
        partition by substance_group order by sum(n_quotes) desc, substance_code asc, lot_band asc
    ) = 1
),

prices as (
    select l.*, lower(l.substance_label || ', ' || l.lot_band_label) as of_what
    from marts.price_level as l
    inner join bands using (substance_group, substance_code, lot_band)
    where l.period_grain = 'year' and l.market_level = 'retail' and l.country_code in ('NO', 'SE')
)
select
    source, substance_group, substance_group_label,
    'EUR per gram, nominal' as panel, country_label as series, period_start, period_end,
    price_per_g_eur as value, n_quotes as n, is_synthetic, of_what as note
from prices
where price_per_g_eur is not null
union all
select
    source, substance_group, substance_group_label,
    'EUR per gram, real' as panel, country_label as series, period_start, period_end,
    price_per_g_eur_real as value, n_quotes as n, is_synthetic, of_what as note
from prices
where price_per_g_eur_real is not null
union all
select
    source, substance_group, substance_group_label,
    'EUR per pure gram' as panel, country_label as series, period_start, period_end,
    price_per_pure_g_eur as value, n_quotes_purity as n, is_synthetic, of_what as note
from prices
where price_per_pure_g_eur is not null
union all
select
    source, substance_group, substance_group_label,
    currency || ' per gram, as paid' as panel, country_label as series, period_start, period_end,
    price_per_g_median as value, n_quotes as n, is_synthetic, of_what as note
from prices
where price_per_g_median is not null
union all
select
    source, substance_group, substance_group_label,
    'USD per gram, typical, as published' as panel, country_label as series, period_start, period_end,
    value, null as n, is_synthetic, publisher as note
from marts.indicators
where series = 'price_street_typical' and unit = 'USD/g' and source = 'unodc_prices'
    and country_code in ('NO', 'SE') and area is null and value is not null
order by all
