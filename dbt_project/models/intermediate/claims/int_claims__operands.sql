-- One row per operand of a test: its interval, how a sentence says it, and whether the series is delivered at all.
with operands as (

    select * from {{ ref('claim_test_figures') }}

),

claims as (

    select * from {{ ref('stg_claims') }}

),

picks as (

    select * from {{ ref('int_claims__picks') }}

),

delivered as (

    select
        series,
        count(*) as n_figures
    from {{ ref('int_claims__figures') }}
    group by series

),

summed as (

    select
        claim_id,
        choice_no,
        operand_no,
        max(n_matching) as n_matching,
        count(*) as n_picked,
        sum(lowest) as lowest,
        sum(highest) as highest,
        min(period_start) as period_start,
        max(period_end) as period_end,
        max(unit) as unit,
        {{ joined('document') }} as documents,
        max(
            concat(
                {{ said_range('value_low', 'value', 'value_high') }},
                ' ',
                {{ said_unit('unit') }},
                case when is_of_several_substances then concat(' of ', substance) else '' end,
                ' (',
                case when is_of_several_countries then concat(country_code, ', ') else '' end,
                case when series = 'single_seizure_kg' and area is not null then concat(area, ', ') else '' end,
                {{ said_period('period_start', 'period_end') }},
                ', ',
                publisher,
                ')'
            )
        ) as said_one,
        max(publisher) as publisher
    from picks
    group by
        claim_id,
        choice_no,
        operand_no

),

final as (

    select
        operands.claim_id,
        operands.choice_no,
        operands.operand_no,
        operands.enters,
        operands.series,
        operands.needs,
        coalesce(delivered.n_figures, 0) as n_in_series,
        coalesce(summed.n_matching, 0) as n_matching,
        summed.lowest,
        summed.highest,
        summed.period_start,
        summed.period_end,
        coalesce(summed.documents = claims.document, false) as is_of_the_claims_document,
        case
            when summed.n_picked > 1
                then concat(
                    {{ said('summed.lowest') }},
                    ' ',
                    {{ said_unit('summed.unit') }},
                    ' (sum of ',
                    cast(summed.n_picked as varchar),
                    ' figures, ',
                    {{ said_period('summed.period_start', 'summed.period_end') }},
                    ', ',
                    summed.publisher,
                    ')'
                )
            else summed.said_one
        end as said
    from operands
    inner join claims on operands.claim_id = claims.claim_id
    left join delivered on operands.series = delivered.series
    left join summed
        on
            operands.claim_id = summed.claim_id
            and operands.choice_no = summed.choice_no
            and operands.operand_no = summed.operand_no

)

select * from final
