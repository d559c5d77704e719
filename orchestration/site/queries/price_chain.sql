-- The latest year of the chain: producer, port of arrival, then wholesale and retail in Norway and Sweden.
select
    source, substance_group, substance_group_label,
    'Kroner per kilogram' as panel, 'Price, lowest to highest' as series, period_start, period_end,
    stage || ' · ' || place as label,
    (coalesce(nok_per_kg_low, nok_per_kg_high) + coalesce(nok_per_kg_high, nok_per_kg_low)) / 2 as value,
    nok_per_kg_low as low, nok_per_kg_high as high, n_figures as n, is_synthetic,
    case
        when nok_per_kg_high is null then 'bounded from below only; ratios use the stated value'
        when nok_per_kg_low is null then 'bounded from above only; ratios use the stated value'
    end as note,
    ratio_to_producer_low, ratio_to_producer_high, stage, place
from marts.price_chain
where period_grain = 'year' and (stage_order <= 2 or country_code in ('NO', 'SE'))
qualify period_start = max(period_start) over (partition by substance_group)
order by substance_group, stage_order, value, place
