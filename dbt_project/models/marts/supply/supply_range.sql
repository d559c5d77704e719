with inputs as (

    select * from {{ ref('int_supply__inputs') }}

),

countries as (

    select * from {{ ref('countries') }}

),

substance_groups as (

    select * from {{ ref('substance_groups') }}

),

-- A sum with a missing bound has none: "over 11 tonnes" gives no upper end.
estimates as (

    select
        supply_id,
        measure,
        country_code,
        substance_group,
        agency_scope,
        period_start,
        period_end,
        {{ joined('source') }} as source,
        {{ joined('figure_id') }} as figure_ids,
        cast(count(*) as bigint) as n_inputs,
        bool_or(is_secondary_source) as is_secondary_source,
        bool_or(is_synthetic) as is_synthetic,
        {{ of_role('supply', 'amount_low') }} as supply_low,
        {{ of_role('supply', 'amount_central') }} as supply_central,
        {{ of_role('supply', 'amount_high') }} as supply_high,
        {{ of_role('turnover', 'amount_low') }} as turnover_low,
        {{ of_role('turnover', 'amount_high') }} as turnover_high,
        {{ of_role('market_share', 'amount_low') }} as share_low,
        {{ of_role('market_share', 'amount_high') }} as share_high,
        {{ of_role('seized', 'amount_low') }} as seized_low,
        {{ of_role('seized', 'coalesce(amount_high, amount_low)') }} as seized_high,
        coalesce(bool_or(role = 'seized' and amount_high is null), false) as is_seized_open,
        {{ of_role('consumed', 'amount_low') }} as consumed_low,
        min(case when role = 'cheapest_price' then amount_low end) as cheapest_low,
        max(case when role = 'cheapest_price' then amount_high end) as cheapest_high,
        max(case when role = 'revision' then amount_central end) as revision_factor,
        min(case when role = 'published_rate' then amount_low end) as published_rate_low,
        max(case when role = 'published_rate' then amount_high end) as published_rate_high
    from inputs
    group by
        supply_id,
        measure,
        country_code,
        substance_group,
        agency_scope,
        period_start,
        period_end

),

computed as (

    select
        *,
        case measure
            when 'supply' then cast(supply_low as double) / 1000
            when 'supply_revision' then cast(revision_factor as double)
            when 'implied_turnover' then 100 * {{ safe_divide('turnover_low', 'share_high') }}
            when 'implied_price'
                then 100 * {{ safe_divide('turnover_low', 'share_high') }} / (1000 * cast(supply_high as double))
            when 'interception_of_supply' then {{ share_pct('seized_low', 'supply_high') }}
            when 'consumption_sampled_cities' then cast(consumed_low as double)
        end as value_low,
        case measure
            when 'supply' then cast(supply_central as double) / 1000
            when 'supply_revision' then cast(revision_factor as double)
            when 'interception_of_supply'
                then {{ share_pct('seized_low + seized_high', '(supply_low + supply_high)') }}
        end as value_central,
        case measure
            when 'supply' then cast(supply_high as double) / 1000
            when 'supply_revision' then cast(revision_factor as double)
            when 'implied_turnover' then 100 * {{ safe_divide('turnover_high', 'share_low') }}
            when 'implied_price'
                then 100 * {{ safe_divide('turnover_high', 'share_low') }} / (1000 * cast(supply_low as double))
            when 'interception_of_supply' then {{ share_pct('seized_high', 'supply_low') }}
            when 'interception_of_use' then {{ part_of_whole_pct('seized_high', 'consumed_low') }}
        end as value_high,
        case measure
            when 'supply' then 'tonnes per year'
            when 'supply_revision' then 'ratio'
            when 'implied_turnover' then 'SEK per year'
            when 'implied_price' then 'SEK per g'
            when 'consumption_sampled_cities' then 'kg per year'
            else 'pct'
        end as unit,
        case measure
            when 'implied_price' then cast(cheapest_low as double)
            when 'interception_of_supply' then cast(published_rate_low as double)
        end as compared_low,
        case measure
            when 'implied_price' then cast(cheapest_high as double)
            when 'interception_of_supply' then cast(published_rate_high as double)
        end as compared_high
    from estimates

),

final as (

    select
        computed.supply_id,
        computed.measure,
        computed.country_code,
        computed.substance_group,
        computed.agency_scope,
        computed.period_start,
        computed.period_end,
        countries.country_label,
        substance_groups.substance_group_label,
        round(computed.value_low, 6) as value_low,
        round(computed.value_central, 6) as value_central,
        round(computed.value_high, 6) as value_high,
        computed.unit,
        case
            when computed.measure in ('consumption_sampled_cities', 'interception_of_use')
                then 'no_cited_excretion_factor'
            when computed.value_low is null or computed.value_central is null or computed.value_high is null
                then 'not_stated'
        end as missing_value_reason,
        case when computed.is_seized_open then 'nominal' else 'closed' end as bound_type,
        case
            when computed.compared_low is null then null
            when computed.measure = 'implied_price' then 'street_price_of_cannabis_resin'
            else 'published_share_of_supply'
        end as compared_with,
        computed.compared_low,
        computed.compared_high,
        case
            when computed.compared_low is null then null
            when computed.measure = 'implied_price' then computed.value_high <= computed.compared_low
            else computed.compared_low > computed.value_high or computed.compared_high < computed.value_low
        end as is_in_conflict,
        cast(computed.revision_factor as double) as revision_factor,
        computed.n_inputs,
        computed.figure_ids,
        computed.is_secondary_source,
        case
            when computed.agency_scope = 'customs' then 'scope_differs'
            when computed.revision_factor is not null then 'break'
            when computed.measure = 'supply' then 'ok'
            else 'scope_differs'
        end as comparability,
        computed.source,
        computed.is_synthetic
    from computed
    left join countries on computed.country_code = countries.country_code
    left join substance_groups on computed.substance_group = substance_groups.substance_group

)

select * from final
