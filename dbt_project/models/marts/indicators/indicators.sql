with lines as (

    select * from {{ ref('int_indicators__mapped') }}

),

countries as (

    select * from {{ ref('countries') }}

),

substance_groups as (

    select * from {{ ref('substance_groups') }}

),

-- Everything but the values is the same in all lines of one key.
combined as (

    select
        indicator_key,
        source,
        series,
        substance,
        substance_group,
        country_code,
        area,
        period_start,
        period_end,
        max(value_low) as value_low,
        cast(
            case combination
                when 'stated' then max(value)
                when 'shared' then max(value)
                when 'sum' then sum(value)
                when 'mean' then round({{ mean_decimal('value') }}, 6)
            end as decimal(18, 6)
        ) as value,
        max(value_high) as value_high,
        unit,
        market_level,
        kind,
        publisher,
        agency_scope,
        is_secondary_source,
        title,
        published_date,
        document,
        locator,
        comparability,
        bool_or(is_synthetic) as is_synthetic
    from lines
    group by
        indicator_key,
        source,
        series,
        substance,
        substance_group,
        country_code,
        area,
        period_start,
        period_end,
        combination,
        unit,
        market_level,
        kind,
        publisher,
        agency_scope,
        is_secondary_source,
        title,
        published_date,
        document,
        locator,
        comparability

),

-- Neighbours in a series are a year apart.
crossed as (

    {{
        crossed_breaks(
            'combined',
            ['indicator_key'],
            series='combined.series',
            country_code="coalesce(combined.country_code, '')",
            substance_group="coalesce(combined.substance_group, '')",
            agency_scope="coalesce(combined.agency_scope, 'unstated')",
            earlier_start=a_year_earlier('combined.period_start'),
            later_end='combined.period_end',
        )
    }}

),

final as (

    select
        combined.indicator_key,
        combined.source,
        combined.series,
        combined.substance,
        combined.substance_group,
        substance_groups.substance_group_label,
        combined.country_code,
        countries.country_label,
        combined.area,
        combined.period_start,
        combined.period_end,
        combined.market_level,
        combined.agency_scope,
        combined.value_low,
        combined.value,
        combined.value_high,
        combined.unit,
        combined.kind,
        combined.publisher,
        combined.is_secondary_source,
        combined.title,
        combined.published_date,
        combined.document,
        combined.locator,
        case
            when crossed.break_ids is null then combined.comparability
            else concat_ws('+', 'break', nullif(combined.comparability, 'ok'))
        end as comparability,
        crossed.break_ids,
        combined.is_synthetic
    from combined
    left join crossed on combined.indicator_key = crossed.indicator_key
    left join countries on combined.country_code = countries.country_code
    left join substance_groups on combined.substance_group = substance_groups.substance_group

)

select * from final
