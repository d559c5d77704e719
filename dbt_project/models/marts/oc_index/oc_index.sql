with scores as (

    select * from {{ ref('indicators') }}
    where source = 'oc_index' and not is_synthetic

),

names as (

    select * from {{ ref('oc_index_scores') }}

),

named as (

    select
        scores.indicator_key,
        scores.source,
        scores.country_code,
        scores.country_label,
        year(scores.period_start) as year,
        names.score_code,
        names.score_label,
        names.score_kind,
        scores.value as score,
        scores.comparability,
        scores.is_synthetic
    from scores
    inner join names on scores.series = concat('oc_index_', names.score_code, '_score')

),

-- The edition before, whichever year it was of.
compared as (

    select
        named.*,
        lag(named.year) over (
            partition by named.country_code, named.score_code order by named.year
        ) as previous_year,
        lag(named.score) over (
            partition by named.country_code, named.score_code order by named.year
        ) as previous_score
    from named

),

final as (

    select
        indicator_key,
        source,
        country_code,
        country_label,
        year,
        score_code,
        score_label,
        score_kind,
        score,
        previous_year,
        previous_score,
        case when comparability = 'ok' then score - previous_score end as change,
        case
            when previous_year is null then 'first_edition'
            when comparability <> 'ok' then comparability
        end as change_reason,
        comparability,
        is_synthetic
    from compared

)

select * from final
