-- The latest year of each country: median purity per class of size, and the gap to the smallest class.
with latest as (
    select *
    from marts.purity_by_size
    where purity_measure = 'pct_mass' and median is not null
    qualify period_start = max(period_start) over (partition by source, country_code, substance_group)
)
select
    source, country_code, country_label, substance_group, substance_group_label,
    'Median, per cent by mass' as panel, size_class_order as panel_order,
    substance_label || ', ' || purity_basis || ' basis' as series,
    period_start, period_end, size_class as label, median as value, null as low, null as high, n,
    is_synthetic, gap_verdict as note
from latest
union all
select
    source, country_code, country_label, substance_group, substance_group_label,
    'Gap to the smallest class, per cent points' as panel, size_class_order as panel_order,
    substance_label || ', ' || purity_basis || ' basis' as series,
    period_start, period_end, size_class as label, gap_to_small_pp as value, gap_to_small_lo as low,
    gap_to_small_hi as high, n, is_synthetic, gap_verdict as note
from latest
where gap_to_small_pp is not null
order by panel desc, series, source, country_code, substance_group, panel_order
