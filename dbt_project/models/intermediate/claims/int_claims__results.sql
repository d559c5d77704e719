-- One row per test: the interval found, how it reads against what the claim lets expect, and the words for it.
with tests as (

    select * from {{ ref('claim_tests') }}

),

operands as (

    select * from {{ ref('int_claims__operands') }}

),

-- The lowest quotient takes the lowest of what multiplies and the highest of what divides. An operand of a form that can
-- be absent counts as 1; one that is not there leaves the whole without result.
evaluated as (

    select
        claim_id,
        choice_no,
        min(n_in_series) = 0 as waits_for_a_series,
        bool_or(n_matching < needs) as lacks_figures,
        bool_and(is_of_the_claims_document) as rests_on_the_claims_document,
        max(case when n_in_series = 0 then series end) as awaited_series,
        max(case when n_matching < needs then concat(series, ', of which ', cast(n_matching as varchar), ' of ', cast(needs as varchar)) end)
            as lacking,
        {%- for operand in range(1, 5) %}
        max(case when operand_no = {{ operand }} and enters = 'times' then lowest end) as times_low_{{ operand }},
        max(case when operand_no = {{ operand }} and enters = 'times' then highest end) as times_high_{{ operand }},
        max(case when operand_no = {{ operand }} and enters = 'over' then lowest end) as over_low_{{ operand }},
        max(case when operand_no = {{ operand }} and enters = 'over' then highest end) as over_high_{{ operand }},
        max(case when operand_no = {{ operand }} then {% if operand > 1 %}concat(case enters when 'over' then ' divided by ' else ' multiplied by ' end, said){% else %}said{% endif %} end)
            as said_{{ operand }},
        {%- endfor %}
        max(case when enters = 'over' then said end) as said_base,
        count(*) as n_operands,
        min(period_start) as window_start,
        max(period_end) as window_end
    from operands
    group by
        claim_id,
        choice_no

),

found as (

    select
        tests.*,
        evaluated.waits_for_a_series,
        evaluated.lacks_figures,
        evaluated.rests_on_the_claims_document,
        evaluated.awaited_series,
        evaluated.lacking,
        evaluated.n_operands,
        evaluated.window_start,
        evaluated.window_end,
        evaluated.said_base,
        concat_ws('', evaluated.said_1, evaluated.said_2, evaluated.said_3, evaluated.said_4) as said_operands,
        case when not evaluated.lacks_figures then
            cast(
                cast(tests.factor as double)
                {%- for operand in range(1, 5) %}
                * cast(coalesce(evaluated.times_low_{{ operand }}, 1) as double)
                / nullif(cast(coalesce(evaluated.over_high_{{ operand }}, 1) as double), 0)
                {%- endfor %}
            as decimal(18, 6))
        end as found_low,
        case when not evaluated.lacks_figures then
            cast(
                cast(tests.factor as double)
                {%- for operand in range(1, 5) %}
                * cast(coalesce(evaluated.times_high_{{ operand }}, 1) as double)
                / nullif(cast(coalesce(evaluated.over_low_{{ operand }}, 1) as double), 0)
                {%- endfor %}
            as decimal(18, 6))
        end as found_high
    from tests
    inner join evaluated
        on tests.claim_id = evaluated.claim_id and tests.choice_no = evaluated.choice_no

),

read as (

    select
        *,
        case
            when waits_for_a_series then 'untestable'
            when found_low is null or found_high is null then 'insufficient_data'
            when rests_on_the_claims_document then 'restated'
            when
                found_low >= coalesce(expects_from, found_low) and found_high <= coalesce(expects_to, found_high)
                then 'supported'
            when found_high < expects_from or found_low > expects_to then 'contradicted'
            else 'straddles'
        end as reading,
        {{ said_unit('unit') }} as said_unit,
        concat_ws(
            ' to ',
            {{ said('found_low') }},
            case when found_high <> found_low then {{ said('found_high') }} end
        ) as said_found,
        case
            when expects_from is null then concat('at most ', {{ said('expects_to') }})
            when expects_to is null then concat('at least ', {{ said('expects_from') }})
            when expects_from = expects_to then {{ said('expects_from') }}
            else concat({{ said('expects_from') }}, ' to ', {{ said('expects_to') }})
        end as said_expected
    from found

),

worded as (

    select
        *,
        case reading
            when 'untestable'
                then concat(
                    choice,
                    ': no feed carries the series ',
                    awaited_series
                )
            when 'insufficient_data' then concat(choice, ': the test needs figures of ', lacking, ' are there')
            else
                concat(
                    choice,
                    ': ',
                    said_operands,
                    case when n_operands > 1 or factor <> 1 then concat(' is ', said_found, ' ', said_unit) else '' end,
                    case
                        when role = 'context' then ', for context'
                        when reading = 'restated' then ', which restates the claim''s own source'
                        when reading = 'supported' then concat(', which fits (', said_expected, ' asked)')
                        when reading = 'contradicted' then concat(', which does not fit (', said_expected, ' asked)')
                        else concat(', which fits in part (', said_expected, ' asked)')
                    end,
                    case
                        when scope = 'near' and role = 'decides'
                            then concat(' (near to what is claimed', coalesce(concat(': ', note), ''), ')')
                        when note is not null then concat(' (', note, ')')
                        else ''
                    end
                )
        end as said
    from read

)

select * from worded
