-- A turnover of few sellers or buyers is theirs, and goes with their number.
with periods as (

    select
        *,
        {{
            is_in_withheld_breakdown(
                '(' ~ is_restricted('is_all_synthetic') ~ ' and ('
                ~ is_small('vendors') ~ ' or ' ~ is_small('buyers') ~ '))',
                family=['source', 'country_code'],
                cell=['source', 'country_code', 'platform_scope'],
            ) | indent(8)
        }} as is_withheld
    from {{ ref('int_darknet__periods') }}

),

countries as (

    select * from {{ ref('countries') }}

),

-- The change against the same period a year earlier, from complete periods of one agency and currency only.
compared as (

    select
        periods.*,
        {{
            crosses_break(
                "'online_trade'", 'periods.country_code', 'periods.period_start', 'periods.period_end',
                agency='periods.agency'
            ) | indent(8)
        }} as is_across_break,
        case
            when previous.source is null then 'no_year_earlier'
            when not periods.is_complete or not previous.is_complete then 'period_incomplete'
            when periods.agency <> previous.agency then 'agency_changed'
            when periods.currency <> previous.currency then 'currency_changed'
            when periods.is_withheld or previous.is_withheld then 'suppressed'
            when
                {{
                    crosses_break(
                        "'online_trade'", 'periods.country_code', 'periods.period_start', 'periods.period_end',
                        agency='periods.agency'
                    ) | indent(16)
                }}
                then 'across_break'
            when
                periods.ln_turnover - previous.ln_turnover is null
                or periods.ln_vendors - previous.ln_vendors is null
                or periods.ln_price - previous.ln_price is null
                then 'not_reported'
        end as dln_reason,
        periods.ln_turnover - previous.ln_turnover as dln_turnover,
        periods.ln_vendors - previous.ln_vendors as dln_vendors,
        periods.ln_price - previous.ln_price as dln_price
    from periods
    left join periods as previous
        on
            periods.source = previous.source
            and periods.country_code = previous.country_code
            and periods.platform_scope = previous.platform_scope
            and periods.period_grain = previous.period_grain
            and {{ a_year_earlier('periods.period_start') }} = previous.period_start

),

final as (

    select
        case
            when not periods.is_ecb_rate_used or periods.turnover is null then periods.source
            else
                concat(least(periods.source, 'ecb_fx'), '+', greatest(periods.source, 'ecb_fx'))
        end as source,
        periods.country_code,
        periods.platform_scope,
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        countries.country_label,
        periods.agency as agency_scope,
        case when not periods.is_withheld then periods.turnover end as turnover,
        case when not periods.is_withheld then periods.turnover_low end as turnover_low,
        case when not periods.is_withheld then periods.turnover_high end as turnover_high,
        periods.currency,
        case
            when not periods.is_withheld
                then cast(round({{ safe_divide('periods.turnover', 'periods.units_per_eur') }}, 6) as decimal(18, 6))
        end as turnover_eur,
        case
            when periods.is_withheld then 'suppressed'
            when periods.turnover is null then 'not_reported'
            when periods.units_per_eur is null then 'no_exchange_rate'
        end as turnover_eur_reason,
        case when not periods.is_withheld then periods.vendors end as vendors,
        case when not periods.is_withheld then periods.buyers end as buyers,
        case when periods.n_parts = 1 then 'as_delivered' else 'mean_of_parts' end as count_basis,
        periods.price_index,
        case
            when not periods.is_withheld
                then cast(round({{ safe_divide('periods.turnover', 'periods.vendors') }}, 6) as decimal(18, 6))
        end as turnover_per_vendor,
        case
            when not periods.is_withheld
                then cast(round({{ safe_divide('periods.turnover', 'periods.buyers') }}, 6) as decimal(18, 6))
        end as turnover_per_buyer,
        cast(case when periods.dln_reason is null then periods.dln_turnover end as decimal(18, 12)) as dln_turnover,
        cast(case when periods.dln_reason is null then periods.dln_vendors end as decimal(18, 12)) as dln_vendors,
        cast(case when periods.dln_reason is null then periods.dln_price end as decimal(18, 12)) as dln_price,
        cast(
            case
                when periods.dln_reason is null
                    then periods.dln_turnover - periods.dln_vendors - periods.dln_price
            end as decimal(18, 12)
        ) as dln_volume_per_vendor,
        periods.dln_reason,
        case
            when periods.platform_scope = 'hidden_online' then 'scope_differs'
            else {{ comparability('periods.is_across_break', 'periods.is_complete') | indent(12) }}
        end as comparability,
        periods.is_synthetic
    from compared as periods
    left join countries on periods.country_code = countries.country_code

)

select * from final
