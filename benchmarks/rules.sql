-- Rules that several of these models share. DuckDB alone: nothing here has to run anywhere else.
create or replace macro cell(x) as case when trim(x) in ('', ':', '-', '..') then null else trim(x) end;
create or replace macro norm(x) as lower(trim(replace(x, chr(160), ' ')));
create or replace macro number_of(x) as try_cast(replace(replace(cell(x), '.', ''), ',', '.') as decimal(18, 6));

-- 2021-03-01, 01.03.2021, 44256 (days since 1899-12-30), and "1. mars 2021" in three languages.
create or replace macro month_of(x) as case x[1:3]
    when 'jan' then 1 when 'feb' then 2 when 'mar' then 3 when 'apr' then 4 when 'mai' then 5 when 'maj' then 5
    when 'jun' then 6 when 'jul' then 7 when 'aug' then 8 when 'sep' then 9 when 'okt' then 10 when 'nov' then 11
    when 'dec' then 12 when 'des' then 12 end;
create or replace macro day_of(x) as case
    when x like '____-__-__' then try_cast(x as date)
    when x like '%.%.____' then cast(try_strptime(x, '%d.%m.%Y') as date)
    when x similar to '[0-9]{5}' then date '1899-12-30' + cast(x as integer)
    else try_cast(concat_ws('-', regexp_extract(x, '[0-9]{4}$'), month_of(lower(regexp_extract(x, '[[:alpha:]]+'))),
        regexp_extract(x, '^[0-9]+')) as date) end;

create or replace macro period_start(grain, day) as case grain
    when 'year' then date_trunc('year', day) when 'month' then date_trunc('month', day)
    else make_date(year(day), case when month(day) <= 6 then 1 else 7 end, 1) end;
create or replace macro period_months(grain) as case grain when 'year' then 12 when 'half_year' then 6 else 1 end;
create or replace macro period_end(grain, start) as cast(start + to_months(period_months(grain)) - interval 1 day as date);

create or replace macro ratio(a, b) as cast(a as double) / nullif(cast(b as double), 0);
create or replace macro pct(a, b) as 100 * ratio(a, b);
create or replace macro wilson(x, n, s) as 100 * (cast(x as double) + 1.959963984540054::double * 1.959963984540054::double / 2
    + s * 1.959963984540054::double * sqrt(cast(x as double) * (cast(n as double) - cast(x as double)) / cast(n as double)
    + 1.959963984540054::double * 1.959963984540054::double / 4))
    / (cast(n as double) + 1.959963984540054::double * 1.959963984540054::double);
