-- One row per operand of a test and figure that it takes. A figure told in several outlets counts once: the publisher's
-- own before a quotation of it, then by key.
with operands as (

    select * from {{ ref('claim_test_figures') }}

),

figures as (

    select
        *,
        coalesce(value_low, value, value_high) as lowest,
        coalesce(value_high, value, value_low) as highest,
        -- "Up to" has no lower end and "over" no upper one; the stated value stands in for it and decides nothing.
        coalesce(value_low, value) is null as is_open_below,
        coalesce(value_high, value) is null as is_open_above
    from {{ ref('int_claims__figures') }}

),

matching as (

    select
        operands.claim_id,
        operands.choice_no,
        operands.operand_no,
        operands.enters,
        operands.pick,
        operands.substance like '%|%' or operands.substance = '*' as is_of_several_substances,
        operands.country_code like '%|%' as is_of_several_countries,
        figures.figure_key,
        figures.source,
        figures.series,
        figures.substance,
        figures.substance_group,
        figures.country_code,
        figures.area,
        figures.agency_scope,
        figures.period_start,
        figures.period_end,
        figures.value_low,
        figures.value,
        figures.value_high,
        figures.lowest,
        figures.highest,
        figures.is_open_below,
        figures.is_open_above,
        figures.unit,
        figures.publisher,
        figures.document,
        figures.is_secondary_source,
        figures.comparability
    from operands
    inner join figures
        on
            operands.source = figures.source
            and operands.series = figures.series
            and {{ selects('operands.substance', 'figures.substance') }}
            and {{ selects('operands.country_code', 'figures.country_code') }}
            and {{ selects('operands.area', 'figures.area') }}
            and {{ selects('operands.agency_scope', 'figures.agency_scope') }}
            and coalesce(operands.unit, figures.unit) = figures.unit
            and (operands.period_from is null or operands.period_from <= figures.period_start)
            and (operands.period_to is null or operands.period_to >= figures.period_end)
            and (
                operands.pick <> 'stated'
                or (operands.period_from = figures.period_start and operands.period_to = figures.period_end)
            )

),

told_once as (

    select * from matching
    qualify
        row_number() over (
            partition by
                claim_id,
                choice_no,
                operand_no,
                substance,
                country_code,
                area,
                agency_scope,
                period_start,
                period_end,
                case when series = 'single_seizure_kg' or pick in ('max', 'min') then highest end
            order by is_secondary_source, figure_key
        ) = 1

),

counted as (

    select
        *,
        count(*) over (partition by claim_id, choice_no, operand_no) as n_matching,
        -- The most of several is at least the one picked, and more where any of them is "over": likewise the least.
        pick = 'max' and bool_or(is_open_above) over (partition by claim_id, choice_no, operand_no) as is_max_open,
        pick = 'min' and bool_or(is_open_below) over (partition by claim_id, choice_no, operand_no) as is_min_open,
        row_number() over (
            partition by claim_id, choice_no, operand_no
            order by
                case when pick = 'max' then highest end desc nulls last,
                case when pick = 'min' then lowest end asc nulls last,
                case when pick = 'latest' then period_end end desc nulls last,
                case when pick = 'earliest' then period_start end asc nulls last,
                is_secondary_source asc,
                figure_key asc
        ) as pick_no
    from told_once

),

final as (

    select
        claim_id,
        choice_no,
        operand_no,
        enters,
        pick,
        is_of_several_substances,
        is_of_several_countries,
        figure_key,
        source,
        series,
        substance,
        substance_group,
        country_code,
        area,
        agency_scope,
        period_start,
        period_end,
        value_low,
        value,
        value_high,
        lowest,
        highest,
        is_open_below or is_min_open as is_open_below,
        is_open_above or is_max_open as is_open_above,
        unit,
        publisher,
        document,
        is_secondary_source,
        comparability,
        n_matching
    from counted
    where pick_no = 1 or pick = 'sum'

)

select * from final
