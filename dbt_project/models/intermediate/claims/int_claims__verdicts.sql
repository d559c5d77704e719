-- One row per claim: the verdict that its tests give, their words in order, and what they rest on.
with results as (

    select * from {{ ref('int_claims__results') }}

),

keys as (

    select * from {{ ref('int_claims__keys') }}

),

cautions as (

    select * from {{ ref('int_claims__cautions') }}

),

judged as (

    select
        *,
        case
            when role = 'context' then 'context'
            when reading in ('supported', 'contradicted', 'straddles') then concat(scope, '_', reading)
            else reading
        end as says
    from results

),

counted as (

    select
        claim_id,
        max(case when says = 'same_supported' then 1 else 0 end) as same_supported,
        max(case when says = 'same_contradicted' then 1 else 0 end) as same_contradicted,
        max(case when says = 'same_straddles' then 1 else 0 end) as same_straddles,
        max(case when says = 'near_supported' then 1 else 0 end) as near_supported,
        max(case when says = 'near_contradicted' then 1 else 0 end) as near_contradicted,
        max(case when says = 'near_straddles' then 1 else 0 end) as near_straddles,
        max(case when says in ('restated', 'insufficient_data') then 1 else 0 end) as too_little
    from judged
    group by claim_id

),

verdicts as (

    select
        claim_id,
        case
            when same_supported + same_contradicted + same_straddles > 0 then 'same'
            when near_supported + near_contradicted + near_straddles > 0 then 'near'
        end as decided_by,
        case
            when same_straddles = 1 or same_supported + same_contradicted = 2 then 'mixed'
            when same_supported = 1 then 'supported'
            when same_contradicted = 1 then 'contradicted'
            when near_supported + near_contradicted = 2 then 'mixed'
            when near_supported + near_contradicted + near_straddles > 0 then 'scope_differs'
            when too_little = 1 then 'insufficient_data'
            else 'untestable'
        end as verdict
    from counted

),

-- What the verdict rests on: the choices that decided it, else those that say what is lacking.
resting as (

    select
        judged.*,
        case
            when judged.found_low is not null
                then concat(judged.said_found, ' ', judged.said_unit, ' (', judged.choice, ')')
        end as value_found,
        verdicts.verdict,
        verdicts.decided_by,
        judged.role = 'decides'
        and (verdicts.decided_by is null or judged.says like concat(verdicts.decided_by, '_%')) as is_decisive
    from judged
    inner join verdicts on judged.claim_id = verdicts.claim_id

),

described as (

    select
        claim_id,
        verdict,
        decided_by,
        min(case when is_decisive then choice_no end) as first_choice,
        cast(sum(case when role = 'decides' then 1 else 0 end) as bigint) as n_choices,
        min(case when is_decisive then window_start end) as window_start,
        max(case when is_decisive then window_end end) as window_end,
        {{ joined('awaited_series') }} as awaited_series,
        {{ joined_in_order('said', 'choice_no', 6, '; ') }} as evidence,
        {{ joined_in_order('case when is_decisive then said_base end', 'choice_no', 6, '; ') }} as baseline,
        {{ joined_in_order('case when is_decisive then value_found end', 'choice_no', 6, '; ') }} as value_found
    from resting
    group by
        claim_id,
        verdict,
        decided_by

),

cautioned as (

    select
        cautions.claim_id,
        {{ joined("case when cautions.kind = 'break' then cautions.caution end") }} as break_ids,
        {{ joined("case when cautions.kind = 'break' then 'break' else cautions.caution end") }} as marks
    from cautions
    inner join resting
        on cautions.claim_id = resting.claim_id and cautions.choice_no = resting.choice_no
    where resting.role = 'decides'
    group by cautions.claim_id

),

used as (

    select
        claim_id,
        {{ joined("concat('''', replace(indicator_key, '''', ''''''), '''')", ', ') }} as quoted_keys
    from keys
    group by claim_id

),

final as (

    select
        described.*,
        nullif(cautioned.break_ids, '') as break_ids,
        cautioned.marks,
        used.quoted_keys,
        results.test_kind,
        results.unit,
        results.mart,
        results.found_low,
        results.found_high,
        results.bound_type,
        results.expects_from,
        results.expects_to
    from described
    inner join results
        on described.claim_id = results.claim_id and described.first_choice = results.choice_no
    left join cautioned on described.claim_id = cautioned.claim_id
    left join used on described.claim_id = used.claim_id

)

select * from final
