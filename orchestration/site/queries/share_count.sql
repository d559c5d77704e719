-- Shares by number of seizures, with Wilson intervals; shares as published stand beside them.
select
    source, country_code, country_label, substance_group, substance_group_label,
    case period_grain when 'year' then 'By year' else 'By half-year' end as panel,
    'Share of all seizures' as series,
    period_start, period_end, share_count_pct as value, share_count_pct_lo as low, share_count_pct_hi as high,
    n_seizures_all as n, is_synthetic, comparability as note
from marts.substance_share
where period_grain in ('year', 'half_year') and is_complete and share_count_pct is not null
union all
select
    source, country_code, country_label, substance_group, substance_group_label,
    case when period_end >= period_start + interval 300 day then 'By year' else 'By half-year' end as panel,
    'Share as published' as series,
    period_start, period_end, value, value_low as low, value_high as high, null as n, is_synthetic,
    comparability as note
from marts.indicators
where series = 'share_of_seizures_pct' and area is null and value is not null
order by all
