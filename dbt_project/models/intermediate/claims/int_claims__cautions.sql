-- What hinders comparison in a test, one row per test and caution: a break of reference.breaks that its window crosses,
-- or a mark that marts.indicators has on a figure it takes.
{{ config(materialized='view') }}

with picks as (

    select * from {{ ref('int_claims__picks') }}

),

breaks as (

    select * from {{ ref('int_breaks__series') }}

),

windows as (

    select
        claim_id,
        choice_no,
        min(period_start) as window_start,
        max(period_end) as window_end,
        count(*) as n_figures
    from picks
    group by
        claim_id,
        choice_no

),

-- Two periods are compared across a break, or one of more than a year holds it.
crossed as (

    select
        picks.claim_id,
        picks.choice_no,
        'break' as kind,
        breaks.break_id as caution
    from picks
    inner join windows
        on picks.claim_id = windows.claim_id and picks.choice_no = windows.choice_no
    inner join breaks
        on
            picks.series like breaks.series_like
            and {{ is_crossed(
                'breaks',
                "coalesce(picks.country_code, '')",
                "coalesce(picks.substance_group, '')",
                "coalesce(picks.agency_scope, 'unstated')",
                'windows.window_start',
                'windows.window_end',
            ) }}
    where windows.n_figures > 1 or year(windows.window_start) < year(windows.window_end)
    group by
        picks.claim_id,
        picks.choice_no,
        breaks.break_id

),

marked as (

    select
        picks.claim_id,
        picks.choice_no,
        'mark' as kind,
        picks.comparability as caution
    from picks
    inner join windows
        on picks.claim_id = windows.claim_id and picks.choice_no = windows.choice_no
    where
        picks.comparability <> 'ok'
        -- A change of method is between editions; figures of one edition compare.
        and (picks.comparability <> 'method_changed' or year(windows.window_start) < year(windows.window_end))

),

final as (

    select * from crossed
    union all
    select * from marked

)

select * from final
