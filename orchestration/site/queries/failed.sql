-- Checks that failed without blocking the build.
select suite, check_name, table_name, column_name, severity, failing_rows
from meta.check_results
where not success
order by all
