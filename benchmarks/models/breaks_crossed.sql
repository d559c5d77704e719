-- Periods that a break in comparability lies in, or between them and a year earlier, by topic and group.
select distinct topics.topic, periods.country_code, periods.substance_group, periods.period_grain, periods.period_start
from {{ ref('periods') }} as periods
inner join {{ ref('breaks') }} as breaks
    on
        coalesce(breaks.country_code, periods.country_code) = periods.country_code
        and coalesce(breaks.substance_group, periods.substance_group) = periods.substance_group
        and breaks.breaks_on > periods.period_start - interval 1 year
        and breaks.breaks_on <= periods.period_end
inner join {{ ref('break_topics') }} as topics using (break_id)
