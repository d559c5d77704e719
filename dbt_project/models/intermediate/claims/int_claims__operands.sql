-- One row per operand of a test: its interval, how a sentence says it, and whether the series is delivered at all.
{{ config(materialized='view') }}

with operands as (

    select * from {{ ref('claim_test_figures') }}

),

claims as (

    select * from {{ ref('stg_claims') }}

),

picks as (

    select
        *,
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
        ) as said
    from {{ ref('int_claims__picks') }}

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
        sum(lowest) as lowest,
        sum(highest) as highest,
        bool_or(is_open_below) as is_open_below,
        bool_or(is_open_above) as is_open_above,
        min(period_start) as period_start,
        max(period_end) as period_end,
        {{ joined('document') }} as documents,
        case
            when count(*) > 1
                then concat(
                    case
                        when bool_or(is_open_below) and bool_or(is_open_above) then 'about '
                        when bool_or(is_open_above) then 'more than '
                        when bool_or(is_open_below) then 'up to '
                        else ''
                    end,
                    {{ said('sum(lowest)') }},
                    ' ',
                    {{ said_unit('max(unit)') }},
                    ' (sum of ',
                    cast(count(*) as varchar),
                    ' figures, ',
                    {{ said_period('min(period_start)', 'max(period_end)') }},
                    ', ',
                    max(publisher),
                    ')'
                )
            else max(said)
        end as said
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
        -- The lowest result takes the lowest of what multiplies and the highest of what divides.
        case operands.enters
            when 'times' then cast(summed.lowest as double)
            else {{ safe_divide('1', 'summed.highest') }}
        end as low_factor,
        case operands.enters
            when 'times' then cast(summed.highest as double)
            else {{ safe_divide('1', 'summed.lowest') }}
        end as high_factor,
        case when operands.enters = 'times' then summed.is_open_below else summed.is_open_above end as is_open_below,
        case when operands.enters = 'times' then summed.is_open_above else summed.is_open_below end as is_open_above,
        summed.period_start,
        summed.period_end,
        coalesce(summed.documents = claims.document, false) as is_of_the_claims_document,
        concat(
            case
                when operands.operand_no = 1 then ''
                when operands.enters = 'over' then 'divided by '
                else 'times '
            end,
            summed.said
        ) as said,
        summed.said as said_alone
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
