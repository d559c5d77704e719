-- What claims may be tested against: real figures only, as stated, and masses less their three largest seizures.
with figures as (

    select * from {{ ref('indicators') }}
    where not is_synthetic

),

ex_top3 as (

    select
        total_key,
        sum(kg) as kg
    from {{ ref('int_claims__ex_top3') }}
    group by total_key

),

final as (

    select
        indicator_key as figure_key,
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
        unit,
        publisher,
        document,
        is_secondary_source,
        -- Breaks are judged over a test's own window.
        {{ without_break('comparability') }} as comparability
    from figures
    union all
    select
        concat(figures.indicator_key, ':ex_top3') as figure_key,
        figures.source,
        'seizures_kg_ex_top3' as series,
        figures.substance,
        figures.substance_group,
        figures.country_code,
        figures.area,
        figures.agency_scope,
        figures.period_start,
        figures.period_end,
        cast(null as decimal(18, 6)) as value_low,
        cast(ex_top3.kg as decimal(18, 6)) as value,
        cast(null as decimal(18, 6)) as value_high,
        figures.unit,
        figures.publisher,
        figures.document,
        figures.is_secondary_source,
        {{ without_break('figures.comparability') }} as comparability
    from figures
    inner join ex_top3 on figures.indicator_key = ex_top3.total_key

)

select * from final
