{{ config(materialized='view') }}

select
    topics.series_like,
    breaks.break_id,
    breaks.country_code,
    breaks.agency_scope,
    breaks.substance_group,
    breaks.breaks_on
from {{ ref('int_breaks__topics') }} as breaks
inner join {{ ref('series_topics') }} as topics on breaks.topic = topics.topic
