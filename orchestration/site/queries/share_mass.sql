-- Shares by mass, with and without the group's three largest seizures.
with shares as (
    select *
    from marts.substance_share
    where period_grain in ('year', 'half_year') and is_complete
)
select
    source, country_code, country_label, substance_group, substance_group_label,
    case period_grain when 'year' then 'By year' else 'By half-year' end as panel,
    'Share of all mass' as series,
    period_start, period_end, share_mass_pct as value, share_mass_pct_lo as low, share_mass_pct_hi as high,
    n_seizures as n, is_synthetic, comparability as note
from shares
where share_mass_pct is not null
union all
select
    source, country_code, country_label, substance_group, substance_group_label,
    case period_grain when 'year' then 'By year' else 'By half-year' end as panel,
    'Without the three largest' as series,
    period_start, period_end, share_mass_pct_ex_top3 as value, null as low, null as high,
    n_seizures as n, is_synthetic, comparability as note
from shares
where share_mass_pct_ex_top3 is not null
order by all
