with observations as (

    select * from {{ ref('stg_darknet_turnover') }}

),

final as (

    select
        source,
        delivery_id,
        source_line,
        country_code,
        agency,
        platform_scope,
        period_start,
        period_end,
        {{ calendar_months('period_start', 'period_end') }} as n_months,
        turnover,
        currency,
        vendors,
        buyers,
        price_index,
        is_synthetic,
        valid_from
    from observations

)

select * from final
