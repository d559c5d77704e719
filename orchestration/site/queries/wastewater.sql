-- The latest year of each country and residue: mean load of the week by city, from weekdays to weekend.
select
    source, country_code, country_label, substance_group, substance_group_label,
    substance as panel, 'Mean of the week; bar from weekdays to weekend' as series, period_start, period_end,
    city as label, daily_mean_mg_per_1000_per_day as value,
    least(weekday_mean_mg_per_1000_per_day, weekend_mean_mg_per_1000_per_day) as low,
    greatest(weekday_mean_mg_per_1000_per_day, weekend_mean_mg_per_1000_per_day) as high,
    n_days as n, is_synthetic, case when load_status <> 'measured' then load_status else comparability end as note
from marts.wastewater
where daily_mean_mg_per_1000_per_day is not null
qualify year = max(year) over (partition by country_code, substance)
order by country_code, substance, value desc, city
