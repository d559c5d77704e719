-- Substances seized more often than earlier years explain, or seen for the first time, in each source's last 3 years.
with recent as (
    select *
    from marts.early_warning
    where period_grain = 'year' and is_complete
    qualify period_start >= max(period_start) over (partition by source, country_code) - interval 2 year
)
select
    source, country_code, country_label, period_start, period_end, is_synthetic,
    cast(extract(year from period_start) as varchar) as "Year", substance_label as "Substance",
    n_seizures as "Seizures", history_mean as "Mean before", upper_bound as "Upper bound",
    case when is_alarm then 'above the bound' else 'first seen' end as "Warning", comparability as "Comparability"
from recent
-- What publications happen to mention is no register: a first mention there is not a first sighting.
where is_alarm or (is_first_seen and not is_seen_from_start and source <> 'published_figures')
order by country_code, period_start desc, substance_label, source
