with rolled as (

    select * from {{ ref('int_darknet__rolled') }}

),

rates as (

    select * from {{ ref('int_fx__periods') }}

),

known as (

    select
        source,
        country_code,
        cast(max(valid_from) as date) as known_on
    from {{ ref('int_darknet__mapped') }}
    group by source, country_code

),

-- Two agencies' estimates of one market are alternatives and never add: police first, then by name.
chosen as (

    select * from rolled
    qualify
        row_number() over (
            partition by source, country_code, platform_scope, period_grain, period_start
            order by case when agency = 'police' then 0 else 1 end, agency, currency
        ) = 1

),

published as (

    select * from {{ ref('int_darknet__published') }}

),

estimates as (

    select
        chosen.source,
        chosen.country_code,
        chosen.platform_scope,
        chosen.period_grain,
        chosen.period_start,
        chosen.period_end,
        known.known_on,
        chosen.agency,
        chosen.currency,
        chosen.turnover,
        chosen.turnover as turnover_low,
        chosen.turnover as turnover_high,
        chosen.vendors,
        chosen.buyers,
        chosen.price_index,
        chosen.n_parts,
        chosen.is_synthetic,
        chosen.is_all_synthetic
    from chosen
    inner join known
        on
            chosen.source = known.source
            and chosen.country_code = known.country_code
    union all
    select
        source,
        country_code,
        platform_scope,
        'year' as period_grain,
        period_start,
        period_end,
        cast(valid_from as date) as known_on,
        agency,
        currency,
        turnover,
        turnover_low,
        turnover_high,
        vendors,
        buyers,
        cast(null as decimal(18, 6)) as price_index,
        1 as n_parts,
        is_synthetic,
        is_synthetic as is_all_synthetic
    from published

),

final as (

    select
        estimates.source,
        estimates.country_code,
        estimates.platform_scope,
        estimates.period_grain,
        estimates.period_start,
        estimates.period_end,
        estimates.known_on > estimates.period_end as is_complete,
        estimates.agency,
        estimates.currency,
        estimates.turnover,
        estimates.turnover_low,
        estimates.turnover_high,
        case
            when estimates.currency = 'EUR' then cast(1 as decimal(18, 9)) else rates.units_per_eur
        end as units_per_eur,
        estimates.currency <> 'EUR' and rates.units_per_eur is not null as is_ecb_rate_used,
        estimates.vendors,
        estimates.buyers,
        estimates.price_index,
        estimates.n_parts,
        {{ ln_decimal('estimates.turnover') }} as ln_turnover,
        {{ ln_decimal('estimates.vendors') }} as ln_vendors,
        {{ ln_decimal('estimates.price_index') }} as ln_price,
        estimates.is_synthetic,
        estimates.is_all_synthetic
    from estimates
    left join rates
        on
            estimates.currency = rates.currency
            and estimates.period_grain = rates.period_grain
            and estimates.period_start = rates.period_start

)

select * from final
