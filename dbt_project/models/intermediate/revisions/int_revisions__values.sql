-- One row per figure and moment at which it was known.
with lines as (

    select * from {{ ref('int_revisions__lines') }}

),

final as (

    select
        source,
        series,
        category,
        country_code,
        substance_group,
        period_grain,
        period_start,
        unit,
        scope,
        vintage_at,
        cast(sum(value) as decimal(18, 6)) as value,
        cast(sum(n) as bigint) as n,
        bool_or(is_restricted) as is_restricted,
        bool_or(is_synthetic) as is_synthetic,
        bool_and(is_synthetic) as is_all_synthetic
    from lines
    group by
        source,
        series,
        category,
        country_code,
        substance_group,
        period_grain,
        period_start,
        unit,
        scope,
        vintage_at

)

select * from final
