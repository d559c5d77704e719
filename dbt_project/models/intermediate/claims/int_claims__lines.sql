-- One row per input line behind a claim of the ledger: the claim's own, and those of every figure it is tested with.
with claims as (

    select * from {{ ref('stg_claims') }}

),

keys as (

    select * from {{ ref('int_claims__keys') }}

),

lines as (

    select * from {{ ref('int_indicators__mapped') }}

),

final as (

    select
        claim_id,
        source,
        delivery_id,
        source_line
    from claims
    union all
    select
        keys.claim_id,
        lines.source,
        lines.delivery_id,
        lines.source_line
    from keys
    inner join lines on keys.indicator_key = lines.indicator_key

)

select * from final
