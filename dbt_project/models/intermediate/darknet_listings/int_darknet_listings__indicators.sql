-- Figures of the whole market: a vendor stands in several cells of the mart, so its counts of vendors do not add up
-- to this.
{{ config(materialized='view') }}

with listings as (

    select * from {{ ref('int_darknet_listings__mapped') }}

),

months as (

    select
        period_start,
        count(*) as n_listings,
        count(distinct vendor) as n_vendors,
        cast({{ quantile('claimed_purity_pct', 0.5) }} as decimal(18, 6)) as purity_pct
    from listings
    group by period_start

),

series as (

    select 'darknet_listings' as series
    union all
    select 'darknet_listing_vendors' as series
    union all
    select 'darknet_listing_claimed_purity_median_pct' as series

),

valued as (

    select
        listings.source,
        listings.delivery_id,
        listings.source_line,
        listings.is_synthetic,
        listings.substance_group,
        listings.period_start,
        listings.period_end,
        series.series,
        cast(
            case series.series
                when 'darknet_listings' then months.n_listings
                when 'darknet_listing_vendors' then months.n_vendors
                else months.purity_pct
            end as decimal(18, 6)
        ) as value
    from listings
    inner join months on listings.period_start = months.period_start
    cross join series

),

final as (

    select
        {{ indicator_columns('valued', {
            'indicator_key': "concat('darknet_listings:', valued.series, ':', cast(valued.period_start as varchar))",
            'series': 'valued.series',
            'substance': 'valued.substance_group',
            'substance_group': 'valued.substance_group',
            'area': "'Dream Market'",
            'value': 'valued.value',
            'combination': "'shared'",
            'unit': "case when valued.series like '%pct' then 'pct' else 'count' end",
            'kind': "case when valued.series like '%pct' then 'stated' else 'measured' end",
            'publisher': "'Dream Market, public copy of its pages'",
            'title': "'Cocaine listings on Dream Market'",
            'locator': "'all listings of the file'",
        }) }}
    from valued
    where valued.value is not null

)

select * from final
