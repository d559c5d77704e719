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

final as (

    select
        chosen.source,
        chosen.country_code,
        chosen.platform_scope,
        chosen.period_grain,
        chosen.period_start,
        chosen.period_end,
        known.known_on > chosen.period_end as is_complete,
        chosen.agency,
        chosen.currency,
        chosen.turnover,
        case when chosen.currency = 'EUR' then cast(1 as decimal(18, 9)) else rates.units_per_eur end as units_per_eur,
        chosen.currency <> 'EUR' and rates.units_per_eur is not null as is_ecb_rate_used,
        chosen.vendors,
        chosen.buyers,
        chosen.price_index,
        chosen.n_parts,
        {{ ln_decimal('chosen.turnover') }} as ln_turnover,
        {{ ln_decimal('chosen.vendors') }} as ln_vendors,
        {{ ln_decimal('chosen.price_index') }} as ln_price,
        chosen.is_synthetic,
        chosen.is_all_synthetic
    from chosen
    inner join known
        on
            chosen.source = known.source
            and chosen.country_code = known.country_code
    left join rates
        on
            chosen.currency = rates.currency
            and chosen.period_grain = rates.period_grain
            and chosen.period_start = rates.period_start

)

select * from final
