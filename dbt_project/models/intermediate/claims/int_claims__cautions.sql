-- What hinders comparison in a test, one row per test and caution: a break of reference.breaks that its window crosses,
-- or a mark that marts.indicators has on a figure it takes.
with picks as (

    select * from {{ ref('int_claims__picks') }}

),

concerned as (

    select break_id
    from {{ ref('break_topics') }}
    where topic <> 'areas'
    group by break_id

),

breaks as (

    -- A change of districts concerns figures of districts, and these are of countries.
    select dated.*
    from {{ ref('breaks') }} as dated
    inner join concerned on dated.break_id = concerned.break_id

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

-- Breaks are about what authorities record, so prices, surveys, scores and exchange rates do not cross them. Two
-- periods are compared across a break, or one of more than a year holds it.
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
            (breaks.country_code is null or picks.country_code = breaks.country_code)
            and (breaks.substance_group is null or picks.substance_group = breaks.substance_group)
            and (
                breaks.agency_scope is null
                or coalesce(picks.agency_scope, 'unstated') in (breaks.agency_scope, 'all_agencies', 'unstated')
            )
            and windows.window_start < breaks.breaks_on
            and windows.window_end >= breaks.breaks_on
    where
        (
            picks.series like '%seizure%'
            or picks.series like 'cases%'
            or picks.series like 'share_of_cases%'
            or picks.series like 'purity%'
            or picks.series like 'postal%'
            or picks.series like 'supply%'
            or picks.series like 'drug_law%'
        )
        and (windows.n_figures > 1 or year(windows.window_start) < year(windows.window_end))

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
