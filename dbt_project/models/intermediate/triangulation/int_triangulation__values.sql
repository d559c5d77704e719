-- One row per comparable item and year: a national figure, or one of a site. Prices come in dollars and are told in the
-- country's own money of 2015, or a rise of the dollar would read as one of the price. Only figures that measure
-- something are here: none that was carried forward, and no zero, of which no change can be told.
with evidence as (

    select * from {{ ref('triangulation_evidence') }}

),

-- Breaks are judged over the change that is told.
indicators as (

    select
        *,
        {{ without_break('comparability') }} as mark
    from {{ ref('indicators') }}
    where not is_synthetic

),

currencies as (

    select * from {{ ref('country_currencies') }}

),

figures as (

    select
        evidence.evidence,
        evidence.max_gap_years,
        evidence.is_count,
        indicators.indicator_key,
        indicators.source,
        indicators.substance_group,
        indicators.country_code,
        concat_ws(
            '|',
            indicators.substance,
            coalesce(indicators.area, ''),
            coalesce(indicators.agency_scope, ''),
            indicators.unit,
            indicators.mark
        ) as item,
        year(indicators.period_start) as year,
        indicators.value
    from indicators
    inner join evidence
        on indicators.source = evidence.source and indicators.series = evidence.series
    where
        indicators.value > 0
        and indicators.mark not in ('imputed', 'below_loq_or_zero')
        and indicators.substance_group not in ('mixed', 'other', 'unknown')
        and indicators.country_code <> 'EU'
        and (evidence.evidence = 'wastewater' or indicators.area is null)
        and indicators.period_start = make_date(year(indicators.period_start), 1, 1)
        and indicators.period_end = make_date(year(indicators.period_start), 12, 31)
    qualify
        row_number() over (
            partition by evidence.evidence, indicators.substance_group, indicators.country_code, item, year
            order by indicators.indicator_key
        ) = 1

),

rates as (

    select
        unit,
        year(period_start) as year,
        value
    from indicators
    where
        series = 'fx_units_per_eur'
        and period_start = make_date(year(period_start), 1, 1)
        and period_end = make_date(year(period_start), 12, 31)

),

prices_of_consumers as (

    select
        country_code,
        year(period_start) as year,
        value
    from indicators
    where series = 'cpi_index_2015_100' and country_code is not null

),

euro as (

    select
        'EUR' as currency,
        1 as units_per_eur

),

deflated as (

    select
        figures.*,
        case
            when figures.evidence <> 'price' then cast(figures.value as double)
            else
                cast(figures.value as double)
                * {{ safe_divide('coalesce(local_rates.value, euro.units_per_eur)', 'dollar_rates.value') }}
                * {{ safe_divide('100', 'prices_of_consumers.value') }}
        end as level
    from figures
    left join currencies
        on figures.country_code = currencies.country_code and figures.year >= currencies.used_from_year
    left join euro on currencies.currency = euro.currency
    left join rates as local_rates
        on concat(currencies.currency, '/EUR') = local_rates.unit and figures.year = local_rates.year
    left join rates as dollar_rates
        on dollar_rates.unit = 'USD/EUR' and figures.year = dollar_rates.year
    left join prices_of_consumers
        on figures.country_code = prices_of_consumers.country_code and figures.year = prices_of_consumers.year

),

final as (

    select
        evidence,
        max_gap_years,
        is_count,
        indicator_key,
        source,
        substance_group,
        country_code,
        item,
        year,
        cast(value as decimal(18, 6)) as value,
        cast(level as decimal(18, 6)) as level
    from deflated
    where level > 0

)

select * from final
