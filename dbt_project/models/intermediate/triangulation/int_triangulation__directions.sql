-- One row per kind of evidence, substance group, country and year: the mean change of its items (geometric) and the
-- direction that it is. Up and down are changes of at least the declared size and, for counts, beyond 1.96 standard
-- errors; everything else is flat.
with changes as (

    select * from {{ ref('int_triangulation__changes') }}

),

evidence as (

    select * from {{ ref('triangulation_evidence') }}

),

breaks as (

    select * from {{ ref('int_breaks__series') }}

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
    inner join evidence on means.evidence = evidence.evidence
    inner join breaks
        on
            evidence.series like breaks.series_like
            and {{ is_crossed(
                'breaks',
                'means.country_code',
                'means.substance_group',
                "'unstated'",
                'make_date(means.previous_year, 1, 1)',
                'make_date(means.year, 12, 31)',
            ) }}
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
        broken.year is not null as crosses_a_break
    from means
    inner join evidence on means.evidence = evidence.evidence
    left join broken
        on {{ same('means', 'broken', ['evidence', 'substance_group', 'country_code', 'year']) }}

)

select * from final
