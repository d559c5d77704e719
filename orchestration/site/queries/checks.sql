-- The checks that let this build through.
select
    split_part(suite, '.', 1) as gate, count(*) as checks, count(*) filter (where success) as passed,
    count(*) filter (where not success and severity = 'error') as refusing
from meta.check_results
group by gate
order by gate
