with observations as (

    select * from {{ ref('stg_postal_interceptions') }}

),

final as (

    select
        source,
        delivery_id,
        source_line,
        country_code,
        agency,
        period_start,
        period_end,
        {{ calendar_months('period_start', 'period_end') }} as n_months,
        selection,
        mail_type,
        items_examined,
        items_with_drugs,
        items_in_stream,
        is_synthetic,
        valid_from
    from observations

)

select * from final
