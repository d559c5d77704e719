-- Each source: its last delivery, and whether that is older than the source's contract allows.
select
    s.source, s.title, s.producer, s.licence, count(d.sha256) as deliveries, max(d.known_at) as last_known_at,
    cast(coalesce(sum(d.rows_loaded), 0) as bigint) as rows_loaded,
    cast(coalesce(sum(d.rows_quarantined), 0) as bigint) as rows_quarantined,
    case
        when count(d.sha256) = 0 then 'never delivered'
        when max(d.known_at) + to_days(cast(s.freshness_days as integer)) < max(b.built_at) then 'stale'
        else 'fresh'
    end as state
from meta.sources as s
cross join meta.build as b
left join meta.snapshots as d using (source)
group by s.source, s.title, s.producer, s.licence, s.freshness_days
order by s.source
