-- Median purity per year with its 95 % interval; means as published stand in a panel of their own.
select
    source, country_code, country_label, substance_group, substance_group_label,
    case purity_measure
        when 'pct_mass' then 'Median, per cent by mass'
        when 'pct_thc' then 'Median, per cent THC'
        else 'Median, mg per tablet'
    end as panel,
    substance_label || ', ' || coalesce(purity_basis, 'unknown') || ' basis' as series,
    period_start, period_end, median as value, median_lo as low, median_hi as high, n, is_synthetic
from marts.purity
where period_grain = 'year' and median is not null
union all
select
    source, country_code, country_label, substance_group, substance_group_label,
    'Mean, per cent, as published' as panel, 'Mean as published' as series,
    period_start, period_end, value, value_low as low, value_high as high, null as n, is_synthetic
from marts.indicators
where series = 'purity_mean_pct' and area is null and value is not null
order by all
