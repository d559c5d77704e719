-- One row per claim and published figure that its tests take.
with picks as (

    select * from {{ ref('int_claims__picks') }}

),

ex_top3 as (

    select * from {{ ref('int_claims__ex_top3') }}

),

final as (

    select
        picks.claim_id,
        coalesce(ex_top3.indicator_key, picks.figure_key) as indicator_key,
        picks.source
    from picks
    left join ex_top3 on picks.figure_key = concat(ex_top3.total_key, ':ex_top3')
    group by
        picks.claim_id,
        coalesce(ex_top3.indicator_key, picks.figure_key),
        picks.source

)

select * from final
