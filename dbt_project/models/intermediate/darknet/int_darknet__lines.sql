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

final as (

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

)

select * from final
