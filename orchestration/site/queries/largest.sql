-- Mass seized, with and without the three largest seizures, where those are known of at least one period.
with known as (
    select *
    from marts.seizure_concentration
    where mass_kg is not null
    qualify count(mass_kg_ex_top3) over (partition by source, country_code, substance_group, period_grain) > 0
)
select
    source, country_code, country_label, substance_group, substance_group_label,
    case period_grain when 'year' then 'By year' else 'By half-year' end as panel,
    'All seizures' as series,
    period_start, period_end, mass_kg as value, n, is_synthetic, comparability as note
from known
union all
select
    source, country_code, country_label, substance_group, substance_group_label,
    case period_grain when 'year' then 'By year' else 'By half-year' end as panel,
    'Without the three largest' as series,
    period_start, period_end, mass_kg_ex_top3 as value, n, is_synthetic, comparability as note
from known
where mass_kg_ex_top3 is not null
order by all
