-- Share of examined mail that held drugs, per way of choosing what to examine, with exact intervals.
select
    source, country_code, country_label,
    case selection
        when 'random' then 'Chosen at random'
        when 'undeliverable' then 'Undeliverable'
        else 'Targeted by controllers'
    end as panel,
    'Share with drugs (' || replace(mail_types, '+', ' and ') || ')' as series,
    period_start, period_end, share_pct as value, share_pct_lo as low, share_pct_hi as high,
    items_examined as n, is_synthetic
from marts.postal_interceptions
where period_grain = 'year' and is_complete and share_pct is not null
order by all
