{#- Every (kind, x, n) some mart wants, once. It reads intermediate models only, so that marts can join the answer. -#}

with rate_ratios as (

    select
        'rate_ratio' as kind,
        n_seizures as x,
        n_seizures_prev as n
    from {{ ref('int_seizures__counts') }}
    where n_seizures is not null and n_seizures_prev is not null

),

shares_of_mail as (

    select
        'clopper_pearson' as kind,
        items_with_drugs as x,
        items_examined as n
    from {{ ref('int_postal__periods') }}
    where items_with_drugs between 0 and items_examined and items_examined > 0

),

standard_errors_of_medians as (

    select
        'median_z' as kind,
        {{ price_bonett_rank('n_values') }} as x,
        n_values as n
    from {{ ref('int_purity__sizes') }}
    where n_values >= 10

),

rates_of_effort as (

    select
        'garwood' as kind,
        n_seizures as x,
        effort as n
    from {{ ref('int_enforcement__counts') }}
    where effort > 0 and n_seizures >= 5

),

grains as (

    {{ period_grains() }}

),

prices as (

    select count(quotes.unit_price) as n_values
    from {{ ref('int_prices__mapped') }} as quotes
    cross join grains
    where quotes.is_priced
    group by
        quotes.source,
        quotes.country_code,
        quotes.substance_code,
        quotes.market_level,
        quotes.lot_band,
        quotes.currency,
        grains.period_grain,
        {{ period_start('grains.period_grain', 'quotes.quoted_on') }}

),

masses as (

    select count(*) as n_values
    from {{ ref('int_seizures__mapped') }} as lines
    cross join grains
    where
        lines.is_in_seizure_marts
        and lines.row_unit = 'seizure'
        and lines.mass_g is not null
        and grains.period_grain <> 'month'
    group by
        lines.source,
        lines.country_code,
        lines.substance_group,
        grains.period_grain,
        {{ period_start('grains.period_grain', 'lines.seized_on') }}

),

listings as (

    select
        count(price_btc_per_g) as n_prices,
        count(claimed_purity_pct) as n_purities,
        count(price_btc_per_pure_g) as n_pure_prices
    from {{ ref('int_darknet_listings__mapped') }}
    group by source, country_code, substance_code, lot_band, period_start

),

-- How many values quantiles are taken of.
counted as (

    select n_values from {{ ref('int_purity__values') }}
    union
    select n_values from {{ ref('int_purity__sizes') }}
    union
    select n_values from prices
    union
    select n_values from masses
    union
    select n_prices as n_values from listings
    union
    select n_purities as n_values from listings
    union
    select n_pure_prices as n_values from listings

),

percents as (

    select 25 as x
    union all
    select 50 as x
    union all
    select 75 as x

),

quantiles as (

    select
        'quantile_rank' as kind,
        percents.x,
        counted.n_values as n
    from counted
    cross join percents
    where counted.n_values > 0

),

requests as (

    select * from rate_ratios
    union all
    select * from shares_of_mail
    union all
    select * from standard_errors_of_medians
    union all
    select * from rates_of_effort
    union all
    select * from quantiles

),

final as (

    select
        kind,
        cast(x as bigint) as x,
        cast(n as bigint) as n
    from requests
    group by kind, cast(x as bigint), cast(n as bigint)

)

select * from final
