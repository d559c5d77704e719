-- One row per kind of evidence, substance group, country and year: the mean change of its items (geometric) and the
-- direction that it is. Up and down are changes of at least the declared size and, for counts, beyond 1.96 standard
-- errors; everything else is flat.
with changes as (

    select * from {{ ref('int_triangulation__changes') }}

),

evidence as (

    select * from {{ ref('triangulation_evidence') }}

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

means as (

    select
        evidence,
        substance_group,
        country_code,
        year,
        min(previous_year) as previous_year,
        count(*) as n_items,
        {{ safe_divide('sum(ln_change)', 'count(ln_change)') }} as ln_change,
        1.96 * sqrt(cast(sum(ln_variance) as double)) / count(*) as ln_margin
    from changes
    group by
        evidence,
        substance_group,
        country_code,
        year

),

broken as (

    select
        means.evidence,
        means.substance_group,
        means.country_code,
        means.year
    from means
    inner join breaks
        on
            (breaks.country_code is null or means.country_code = breaks.country_code)
            and (breaks.substance_group is null or means.substance_group = breaks.substance_group)
            and breaks.breaks_on > make_date(means.previous_year, 1, 1)
            and breaks.breaks_on <= make_date(means.year, 12, 31)
    group by
        means.evidence,
        means.substance_group,
        means.country_code,
        means.year

),

final as (

    select
        means.evidence,
        means.substance_group,
        means.country_code,
        means.year,
        means.previous_year,
        means.n_items,
        round(100 * (exp(means.ln_change) - 1), 6) as change_pct,
        case
            when abs(means.ln_change) <= means.ln_margin then 'flat'
            when 100 * (exp(means.ln_change) - 1) >= evidence.flat_below_pct then 'up'
            when 100 * (exp(means.ln_change) - 1) <= -evidence.flat_below_pct then 'down'
            else 'flat'
        end as direction,
        evidence.is_recorded_by_authorities and broken.year is not null as crosses_a_break
    from means
    inner join evidence on means.evidence = evidence.evidence
    left join broken
        on
            means.evidence = broken.evidence
            and means.substance_group = broken.substance_group
            and means.country_code = broken.country_code
            and means.year = broken.year

)

select * from final
