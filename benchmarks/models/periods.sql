-- Counts and masses per group and period, with zeros for a group that a covered period does not hold.
with months as (

    select
        country_code,
        substance_group,
        date_trunc('month', seized_on) as month_start,
        count(*) as n_seizures,
        count(mass_g) as n_mass_lines,
        sum(mass_g) as mass_g,
        max(mass_g, 3) as largest_g
    from {{ ref('lines') }}
    where is_counted
    group by all

),

placed as (

    select months.*, period_grain, period_start(period_grain, month_start) as period_start
    from months cross join (values ('year'), ('half_year'), ('month')) as grains (period_grain)

),

top3 as (

    select country_code, substance_group, period_grain, period_start, list_sum(max(mass_g, 3)) as top3_g
    from (select * exclude (mass_g, largest_g), unnest(largest_g) as mass_g from placed)
    group by country_code, substance_group, period_grain, period_start

),

sums as (

    select
        country_code, substance_group, period_grain, period_start,
        cast(sum(n_seizures) as bigint) as n_seizures,
        cast(sum(n_mass_lines) as bigint) as n_mass_lines,
        sum(mass_g) as mass_g
    from placed
    group by all

)

select
    coverage.*,
    substance_group,
    coalesce(n_seizures, 0) as n_seizures,
    coalesce(n_mass_lines, 0) as n_mass_lines,
    case when n_seizures is null then cast(0 as decimal(38, 6)) else mass_g end as mass_g,
    coalesce(top3_g, cast(0 as decimal(38, 6))) as top3_g
from {{ ref('coverage') }} as coverage
inner join (select distinct country_code, substance_group from months) as groups_seen using (country_code)
left join sums using (country_code, substance_group, period_grain, period_start)
left join top3 using (country_code, substance_group, period_grain, period_start)
