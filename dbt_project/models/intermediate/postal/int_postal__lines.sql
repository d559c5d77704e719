{{ config(materialized='view') }}

with lines as (

    {{
        rolled_lines(
            ref('int_postal__mapped'),
            ref('int_postal__rolled'),
            keys=['source', 'country_code', 'agency', 'selection', 'mail_type'],
        ) | indent(4)
    }}

),

scoped as (

    select
        *,
        bool_or(mail_type = 'all')
            over (partition by source, country_code, agency, selection, period_grain, whole_start) as has_all
    from lines

),

final as (

    select
        source,
        delivery_id,
        source_line,
        country_code,
        agency,
        selection,
        mail_type,
        period_grain,
        period_start
    from scoped
    where mail_type = 'all' or not has_all

)

select * from final
