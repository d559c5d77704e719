-- Where a consumer price index plugs in: one row per country and year, the index relative to its base year. There is no
-- such feed yet, so there are no rows, and every real price is null with the reason no_cpi.
select
    cast(null as varchar) as country_code,
    cast(null as integer) as calendar_year,
    cast(null as decimal(18, 9)) as deflator
where false
