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

medians_of_purity as (

    select
        'median_rank' as kind,
        0 as x,
        n_values as n
    from {{ ref('int_purity__values') }}

),

medians_of_purity_by_size as (

    select
        'median_rank' as kind,
        0 as x,
        n_values as n
    from {{ ref('int_purity__sizes') }}

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

medians_of_prices as (

    select
        'median_rank' as kind,
        0 as x,
        count(quotes.unit_price) as n
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

requests as (

    select * from rate_ratios
    union all
    select * from shares_of_mail
    union all
    select * from medians_of_purity
    union all
    select * from medians_of_purity_by_size
    union all
    select * from standard_errors_of_medians
    union all
    select * from rates_of_effort
    union all
    select * from medians_of_prices

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
