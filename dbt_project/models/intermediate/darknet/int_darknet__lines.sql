{{ config(materialized='view') }}

with lines as (

    {{
        rolled_lines(
            ref('int_darknet__mapped'),
            ref('int_darknet__rolled'),
            keys=['source', 'country_code', 'agency', 'platform_scope', 'currency'],
        ) | indent(4)
    }}

),

periods as (

    select * from {{ ref('int_darknet__periods') }}

),

published as (

    select * from {{ ref('int_darknet__published') }}

),

delivered as (

    select
        lines.source,
        lines.delivery_id,
        lines.source_line,
        lines.country_code,
        lines.agency,
        lines.platform_scope,
        lines.currency,
        lines.period_grain,
        lines.period_start
    from lines
    inner join periods
        on
            lines.source = periods.source
            and lines.country_code = periods.country_code
            and lines.agency = periods.agency
            and lines.platform_scope = periods.platform_scope
            and lines.currency = periods.currency
            and lines.period_grain = periods.period_grain
            and lines.whole_start = periods.period_start

),

figures as (

    select
        source,
        delivery_id,
        source_line,
        country_code,
        agency,
        platform_scope,
        currency,
        period_start
    from published
    union all
    select
        source,
        buyers_delivery_id as delivery_id,
        buyers_source_line as source_line,
        country_code,
        agency,
        platform_scope,
        currency,
        period_start
    from published
    where buyers is not null
    union all
    select
        source,
        vendors_delivery_id as delivery_id,
        vendors_source_line as source_line,
        country_code,
        agency,
        platform_scope,
        currency,
        period_start
    from published
    where vendors is not null

),

final as (

    select * from delivered
    union all
    select
        source,
        delivery_id,
        source_line,
        country_code,
        agency,
        platform_scope,
        currency,
        'year' as period_grain,
        period_start
    from figures

)

select * from final
