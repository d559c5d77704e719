-- National yearly turnover as published, with the buyers and sellers of the same publisher and year: one row per
-- published turnover. Lifetimes of single marketplaces are no years and stay in marts.indicators.
with figures as (

    select
        *,
        case series
            when 'darknet_turnover' then 'darknet_market'
            when 'darknet_buyers' then 'darknet_market'
            when 'darknet_vendors' then 'darknet_market'
            when 'hidden_online_turnover' then 'hidden_online'
        end as platform_scope
    from {{ ref('stg_published_figures') }}
    where
        series in ('darknet_turnover', 'hidden_online_turnover', 'darknet_buyers', 'darknet_vendors')
        and country_code is not null
        and area is null
        and period_start = make_date(year(period_start), 1, 1)
        and period_end = make_date(year(period_start), 12, 31)

),

counts as (

    select * from figures
    where series in ('darknet_buyers', 'darknet_vendors') and value is not null

),

final as (

    select
        turnovers.source,
        turnovers.delivery_id,
        turnovers.source_line,
        turnovers.figure_id,
        buyers.delivery_id as buyers_delivery_id,
        buyers.source_line as buyers_source_line,
        vendors.delivery_id as vendors_delivery_id,
        vendors.source_line as vendors_source_line,
        turnovers.country_code,
        coalesce(turnovers.agency_scope, 'unstated') as agency,
        turnovers.platform_scope,
        substring(turnovers.unit, 9, 3) as currency,
        turnovers.period_start,
        turnovers.period_end,
        cast(turnovers.value * 1000000 as decimal(18, 6)) as turnover,
        cast(coalesce(turnovers.value_low, turnovers.value) * 1000000 as decimal(18, 6)) as turnover_low,
        cast(coalesce(turnovers.value_high, turnovers.value) * 1000000 as decimal(18, 6)) as turnover_high,
        cast(vendors.value as bigint) as vendors,
        cast(buyers.value as bigint) as buyers,
        turnovers.is_synthetic,
        turnovers.valid_from
    from figures as turnovers
    left join counts as buyers
        on
            buyers.series = 'darknet_buyers'
            and turnovers.platform_scope = buyers.platform_scope
            and turnovers.publisher = buyers.publisher
            and turnovers.country_code = buyers.country_code
            and turnovers.period_start = buyers.period_start
    left join counts as vendors
        on
            vendors.series = 'darknet_vendors'
            and turnovers.platform_scope = vendors.platform_scope
            and turnovers.publisher = vendors.publisher
            and turnovers.country_code = vendors.country_code
            and turnovers.period_start = vendors.period_start
    where turnovers.series in ('darknet_turnover', 'hidden_online_turnover') and turnovers.unit like 'million ___'
    -- one publisher's estimate of a market and year, its own words before a quotation of them
    qualify
        row_number() over (
            partition by turnovers.country_code, turnovers.platform_scope, turnovers.period_start
            order by turnovers.is_secondary_source asc, turnovers.figure_id asc
        ) = 1

)

select * from final
