-- Change of turnover, split: turnover = sellers x volume per seller x price, in hundredths of logarithms.
with years as (
    select *, replace(platform_scope, '_', ' ') as panel
    from marts.darknet_turnover
    where period_grain = 'year' and dln_turnover is not null
),

parts as (
    select *, 1 as part, 'Turnover' as series, 100 * dln_turnover as value from years
    union all
    select *, 2 as part, 'Sellers' as series, 100 * dln_vendors as value from years
    union all
    select *, 3 as part, 'Volume per seller' as series, 100 * dln_volume_per_vendor as value from years
    union all
    select *, 4 as part, 'Price' as series, 100 * dln_price as value from years
)
select
    source, country_code, country_label, panel, series, period_start, period_end, value, vendors as n, is_synthetic,
    'turnover ' || cast(cast(turnover / 1000000 as integer) as varchar) || ' million ' || currency as note
from parts
where value is not null
order by country_code, panel, period_start, part
