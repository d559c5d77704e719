{{ config(materialized='view') }}

-- Observations of mail and of online trade as they stood at each moment their country and year were told of.
with post as (

    {{ as_known('postal_interceptions', ['history.country_code', 'year(history.period_start)']) }}

),

trade as (

    {{ as_known('darknet_turnover', ['history.country_code', 'year(history.period_start)']) }}

),

mail as (

    select
        'postal_interceptions' as source,
        concat(agency, ', ', selection, ', ', mail_type) as category,
        {{ calendar_months('period_start', 'period_end') }} as n_months,
        *
    from post

),

platforms as (

    select
        'darknet_turnover' as source,
        concat(agency, ', ', platform_scope) as category,
        {{ calendar_months('period_start', 'period_end') }} as n_months,
        *
    from trade

),

figures as (

    {% for relation, series, value, unit in [
        ('mail', 'items_examined', 'items_examined', "'items'"),
        ('mail', 'items_with_drugs', 'items_with_drugs', "'items'"),
        ('platforms', 'turnover', 'turnover', 'currency'),
        ('platforms', 'vendors', 'vendors', "'vendors'"),
        ('platforms', 'buyers', 'buyers', "'buyers'"),
    ] -%}
        select
            source,
            '{{ series }}' as series,
            category,
            _delivery_id as delivery_id,
            _line as source_line,
            scope,
            vintage_at,
            country_code,
            n_months,
            period_start,
            {{ unit }} as unit,
            cast({{ value }} as decimal(18, 6)) as value,
            {{ 'cast(null as bigint)' if series == 'turnover' else value }} as n,
            _is_synthetic as is_synthetic
        from {{ relation }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        *,
        case n_months when 12 then 'year' when 6 then 'half_year' when 1 then 'month' end as period_grain
    from figures
    where n_months in (1, 6, 12) and value is not null

)

select * from final
