-- What an analyst asks of single lines, beside the questions of docs/analysts.md and of the page. One query a paragraph.
select count(*) from marts.seizures where source = 'seizures' and substance_group = 'cocaine' and country_code = 'NO';

select date_trunc('month', seized_on) as month, substance_group, count(*) as n, sum(mass_g) / 1000 as kg
from marts.seizures where source = 'seizures' group by all order by all;

select seized_on, area, substance_label, mass_g from marts.seizures where source = 'seizures' order by mass_g desc nulls last limit 20;

select area, place_class, count(*) as n, median(mass_g) as median_g
from marts.seizures where source = 'seizures' and country_code = 'NO' group by all order by n desc, area, place_class limit 50;

select * from marts.seizures where seizure_key = 'seizures-4711';

select substance_label, quantity, unit, purity from marts.seizures
where source = 'seizures' and seized_on between date '2023-03-01' and date '2023-03-07' and agency = 'customs' order by all limit 200;
