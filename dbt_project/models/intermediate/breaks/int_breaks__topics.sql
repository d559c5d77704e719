{{ config(materialized='view') }}

select
    breaks.break_id,
    topics.topic,
    breaks.country_code,
    breaks.agency_scope,
    breaks.substance_group,
    breaks.breaks_on
from {{ ref('breaks') }} as breaks
inner join {{ ref('break_topics') }} as topics on breaks.break_id = topics.break_id
