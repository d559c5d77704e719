-- One row per test: the interval found, how it reads against what the claim lets expect, and the words for it.
with tests as (

    select * from {{ ref('claim_tests') }}

),

operands as (

    select * from {{ ref('int_claims__operands') }}

),

evaluated as (

    select
        claim_id,
        choice_no,
        count(*) as n_operands,
        min(n_in_series) = 0 as waits_for_a_series,
        bool_or(n_matching < needs or low_factor is null or high_factor is null) as lacks_figures,
        bool_and(is_of_the_claims_document) as rests_on_the_claims_document,
        max(case when n_in_series = 0 then series end) as awaited_series,
        max(
            case
                when n_matching < needs
                    then concat(series, ', of which ', cast(n_matching as varchar), ' of ', cast(needs as varchar))
            end
        ) as lacking,
        {{ product_in_order('low_factor', 'operand_no', 4) }} as low_product,
        {{ product_in_order('high_factor', 'operand_no', 4) }} as high_product,
        -- One end that nobody states leaves that end of the product unknown.
        bool_or(is_open_below) as is_open_below,
        bool_or(is_open_above) as is_open_above,
        {{ joined_in_order('said', 'operand_no', 4, ' ') }} as said_operands,
        max(case when enters = 'over' then said_alone end) as said_base,
        min(period_start) as window_start,
        max(period_end) as window_end
    from operands
    group by
        claim_id,
        choice_no

),

found as (

    select
        tests.claim_id,
        tests.choice_no,
        tests.choice,
        tests.role,
        tests.test_kind,
        tests.factor,
        tests.unit,
        tests.expects_from,
        tests.expects_to,
        tests.scope,
        tests.note,
        tests.mart,
        evaluated.n_operands,
        evaluated.waits_for_a_series,
        evaluated.rests_on_the_claims_document,
        evaluated.awaited_series,
        coalesce(evaluated.is_open_below, false) as is_open_below,
        coalesce(evaluated.is_open_above, false) as is_open_above,
        coalesce(evaluated.lacking, 'other than 0, which none') as lacking,
        evaluated.said_operands,
        evaluated.said_base,
        evaluated.window_start,
        evaluated.window_end,
        case
            when not evaluated.lacks_figures
                then cast(cast(tests.factor as double) * evaluated.low_product as decimal(18, 6))
        end as found_low,
        case
            when not evaluated.lacks_figures
                then cast(cast(tests.factor as double) * evaluated.high_product as decimal(18, 6))
        end as found_high
    from tests
    inner join evaluated
        on tests.claim_id = evaluated.claim_id and tests.choice_no = evaluated.choice_no

),

weighed as (

    select
        *,
        case
            when waits_for_a_series then 'untestable'
            when found_low is null then 'insufficient_data'
            when rests_on_the_claims_document then 'restated'
            when
                (expects_from is null or (found_low >= expects_from and not is_open_below))
                and (expects_to is null or (found_high <= expects_to and not is_open_above))
                then 'supported'
            when
                (found_high < expects_from and not is_open_above)
                or (found_low > expects_to and not is_open_below)
                then 'contradicted'
            else 'straddles'
        end as reading,
        case
            when found_low is null then null
            when is_open_below or is_open_above then 'nominal'
            else 'closed'
        end as bound_type,
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

remarked as (

    select
        *,
        concat_ws(
            '; ',
            case
                when role = 'decides' and reading in ('supported', 'contradicted', 'straddles')
                    then concat(said_expected, ' asked')
            end,
            case when bound_type = 'nominal' and n_operands > 1 then 'at the stated ends of open figures' end,
            case when role = 'decides' and scope = 'near' then 'near to what is claimed' end,
            note
        ) as said_remark
    from weighed

),

final as (

    select
        claim_id,
        choice_no,
        choice,
        role,
        test_kind,
        unit,
        expects_from,
        expects_to,
        scope,
        mart,
        awaited_series,
        found_low,
        found_high,
        bound_type,
        reading,
        said_unit,
        said_found,
        said_base,
        window_start,
        window_end,
        case reading
            when 'untestable' then concat(choice, ': no feed carries the series ', awaited_series)
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
                        when reading = 'supported' then ', which fits'
                        when reading = 'contradicted' then ', which does not fit'
                        else ', which fits in part'
                    end,
                    case when said_remark <> '' then concat(' (', said_remark, ')') else '' end
                )
        end as said
    from remarked

)

select * from final
