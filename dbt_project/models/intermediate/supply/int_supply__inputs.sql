-- One row per estimate of marts.supply_range and figure that goes into it, with the role it plays there. Masses are in
-- kilograms, money in kronor, shares in per cent.
with figures as (

    select
        figures.*,
        coalesce(substances.substance_group, 'unknown') as substance_group,
        substances.substance_code,
        coalesce(figures.value_low, figures.value) as amount_low,
        coalesce(figures.value_high, figures.value) as amount_high
    from {{ ref('stg_published_figures') }} as figures
    left join {{ ref('int_substances__names') }} as names on {{ normalise('figures.substance') }} = names.name
    left join {{ ref('substances') }} as substances on names.substance_code = substances.substance_code
    where
        figures.country_code is not null
        and figures.period_start = make_date(year(figures.period_start), 1, 1)

),

scaled as (

    select
        *,
        cast(
            case unit
                when 'tonnes/yr' then 1000
                when 'tonnes' then 1000
                when 'million SEK' then 1000000
                else 1
            end as decimal(24, 6)
        ) as scale
    from figures

),

published as (

    select
        source,
        delivery_id,
        source_line,
        figure_id,
        series,
        substance_group,
        substance_code,
        country_code,
        agency_scope,
        publisher,
        period_start,
        period_end,
        amount_low * scale as amount_low,
        value * scale as amount_central,
        amount_high * scale as amount_high,
        is_secondary_source,
        is_synthetic
    from scaled

),

supplies as (

    select * from published
    where series = 'supply_estimate_tonnes'

),

revisions as (

    select * from published
    where series = 'supply_estimate_revision_factor'

),

-- Turnover of a part of the market and the part's share of the whole, by one publisher for one year.
markets as (

    select
        turnovers.figure_id as turnover_id,
        shares.figure_id as share_id,
        turnovers.publisher,
        turnovers.country_code,
        turnovers.substance_group,
        turnovers.period_start,
        turnovers.period_end
    from published as turnovers
    inner join published as shares
        on
            turnovers.publisher = shares.publisher
            and turnovers.country_code = shares.country_code
            and turnovers.period_start = shares.period_start
    where turnovers.series = 'hidden_online_turnover' and shares.series = 'hidden_online_share_of_market_pct'

),

-- Customs' own total of a year: the publisher's own words before a quotation of them, tonnes and kilograms alike.
customs as (

    select * from published
    where
        series in ('seizures_tonnes', 'seizures_kg')
        and substance_group = 'all_drugs'
        and agency_scope = 'customs'
        and period_end = make_date(year(period_start), 12, 31)
    qualify
        row_number() over (
            partition by country_code, period_start
            order by is_secondary_source asc, figure_id asc
        ) = 1

),

-- National totals as countries report them to UNODC, by substance group and for all drugs together.
totals as (

    select
        source,
        delivery_id,
        source_line,
        country_code,
        substance_group,
        make_date(year(seized_on), 1, 1) as period_start,
        mass_g,
        is_synthetic
    from {{ ref('int_seizures__mapped') }}
    where source = 'unodc_seizures' and is_in_seizure_marts and is_drug and mass_g is not null

),

national as (

    select
        *,
        substance_group as seized_group
    from totals
    union all
    select
        *,
        'all_drugs' as seized_group
    from totals

),

loads as (

    select
        lines.source,
        lines.delivery_id,
        lines.source_line,
        wastewater.country_code,
        wastewater.substance_group,
        wastewater.period_start,
        wastewater.period_end,
        concat(wastewater.site_id, ':', wastewater.substance) as figure_id,
        -- mg per 1000 people and day, over the people and a year of 365 days, in kg of the drug
        case
            when lines.source = 'euda_wastewater'
                then
                    cast(
                        round(
                            cast(wastewater.daily_mean_mg_per_1000_per_day as decimal(24, 6))
                            * cast(wastewater.population as decimal(12, 0)) * 365
                            * cast(0.000000001 as decimal(9, 9))
                            * ratios.drug_g_per_residue_g, 6
                        ) as decimal(24, 6)
                    )
        end as amount,
        wastewater.is_synthetic
    from {{ ref('wastewater') }} as wastewater
    inner join {{ ref('int_wastewater__lines') }} as lines
        on
            wastewater.site_id = lines.site_id
            and wastewater.substance = lines.substance
            and wastewater.year = lines.year
    inner join {{ ref('residue_ratios') }} as ratios on {{ normalise('wastewater.substance') }} = ratios.substance
    where wastewater.daily_mean_mg_per_1000_per_day > 0 and wastewater.population is not null

),

estimates as (

    select
        concat('supply:', figure_id) as supply_id,
        'supply' as measure,
        country_code,
        substance_group,
        'unstated' as agency_scope,
        period_start,
        period_end,
        figure_id as supply_figure,
        cast(null as varchar) as turnover_id,
        cast(null as varchar) as share_id,
        cast(null as varchar) as seized_id
    from supplies
    union all
    select
        concat('revision:', figure_id) as supply_id,
        'supply_revision' as measure,
        country_code,
        substance_group,
        'unstated' as agency_scope,
        period_start,
        period_end,
        null as supply_figure,
        null as turnover_id,
        null as share_id,
        null as seized_id
    from revisions
    union all
    select
        concat('turnover:', turnover_id) as supply_id,
        'implied_turnover' as measure,
        country_code,
        substance_group,
        'unstated' as agency_scope,
        period_start,
        period_end,
        null as supply_figure,
        turnover_id,
        share_id,
        null as seized_id
    from markets
    union all
    select
        concat('price:', markets.turnover_id, ':', supplies.figure_id) as supply_id,
        'implied_price' as measure,
        markets.country_code,
        markets.substance_group,
        'unstated' as agency_scope,
        markets.period_start,
        markets.period_end,
        supplies.figure_id as supply_figure,
        markets.turnover_id,
        markets.share_id,
        null as seized_id
    from markets
    inner join supplies
        on
            markets.publisher = supplies.publisher
            and markets.country_code = supplies.country_code
            and markets.substance_group = supplies.substance_group
    union all
    select
        concat('interception:', supplies.figure_id, ':', customs.figure_id) as supply_id,
        'interception_of_supply' as measure,
        supplies.country_code,
        supplies.substance_group,
        'customs' as agency_scope,
        supplies.period_start,
        supplies.period_end,
        supplies.figure_id as supply_figure,
        null as turnover_id,
        null as share_id,
        customs.figure_id as seized_id
    from supplies
    inner join customs
        on supplies.country_code = customs.country_code and supplies.period_start = customs.period_start
    where supplies.substance_group = 'all_drugs'
    union all
    select
        concat('interception:', supplies.figure_id, ':national') as supply_id,
        'interception_of_supply' as measure,
        supplies.country_code,
        supplies.substance_group,
        'all_agencies' as agency_scope,
        supplies.period_start,
        supplies.period_end,
        supplies.figure_id as supply_figure,
        null as turnover_id,
        null as share_id,
        'national' as seized_id
    from supplies
    where
        exists (
            select 1
            from national
            where
                national.country_code = supplies.country_code
                and national.seized_group = supplies.substance_group
                and national.period_start = supplies.period_start
        )
    union all
    select
        concat('consumption:', country_code, ':', substance_group, ':', cast(year(period_start) as varchar))
            as supply_id,
        'consumption_sampled_cities' as measure,
        country_code,
        substance_group,
        'unstated' as agency_scope,
        period_start,
        period_end,
        null as supply_figure,
        null as turnover_id,
        null as share_id,
        null as seized_id
    from loads
    group by country_code, substance_group, period_start, period_end
    union all
    select
        concat(
            'interception:', loads.country_code, ':', loads.substance_group, ':',
            cast(year(loads.period_start) as varchar)
        ) as supply_id,
        'interception_of_use' as measure,
        loads.country_code,
        loads.substance_group,
        'all_agencies' as agency_scope,
        loads.period_start,
        loads.period_end,
        null as supply_figure,
        null as turnover_id,
        null as share_id,
        'national' as seized_id
    from loads
    inner join national
        on
            loads.country_code = national.country_code
            and loads.substance_group = national.seized_group
            and loads.period_start = national.period_start
    group by loads.country_code, loads.substance_group, loads.period_start, loads.period_end

),

-- What goes into each estimate. Resin is the cheapest drug by weight with a published price: the primary publisher's
-- prices within two years of the estimate.
roles as (

    select
        estimates.*,
        case
            when published.figure_id = estimates.supply_figure then 'supply'
            when published.figure_id = estimates.turnover_id then 'turnover'
            when published.figure_id = estimates.share_id then 'market_share'
            when published.figure_id = estimates.seized_id then 'seized'
            when published.series = 'supply_estimate_revision_factor' then 'revision'
            when published.series = 'price_street_median' then 'cheapest_price'
            when published.series = 'seizure_share_of_supply_pct' then 'published_rate'
        end as role,
        published.source,
        published.delivery_id,
        published.source_line,
        published.figure_id,
        published.amount_low,
        published.amount_central,
        published.amount_high,
        published.is_secondary_source,
        published.is_synthetic
    from estimates
    inner join published
        on
            estimates.country_code = published.country_code
            and (
                published.figure_id in (
                    estimates.supply_figure, estimates.turnover_id, estimates.share_id, estimates.seized_id
                )
                or (
                    published.series = 'supply_estimate_revision_factor'
                    and estimates.substance_group = published.substance_group
                    and estimates.measure in ('supply', 'supply_revision', 'interception_of_supply')
                    and estimates.period_end >= published.period_start
                )
                or (
                    published.series = 'price_street_median'
                    and published.substance_code = 'cannabis.resin'
                    and not published.is_secondary_source
                    and estimates.measure = 'implied_price'
                    and abs(year(published.period_start) - year(estimates.period_start)) <= 2
                )
                or (
                    published.series = 'seizure_share_of_supply_pct'
                    and estimates.agency_scope = 'customs'
                    and estimates.period_start = published.period_start
                )
            )
    union all
    select
        estimates.*,
        'seized' as role,
        national.source,
        national.delivery_id,
        national.source_line,
        cast(null as varchar) as figure_id,
        cast(national.mass_g as decimal(24, 6)) * cast(0.001 as decimal(4, 3)) as amount_low,
        cast(national.mass_g as decimal(24, 6)) * cast(0.001 as decimal(4, 3)) as amount_central,
        cast(national.mass_g as decimal(24, 6)) * cast(0.001 as decimal(4, 3)) as amount_high,
        false as is_secondary_source,
        national.is_synthetic
    from estimates
    inner join national
        on
            estimates.seized_id = 'national'
            and estimates.country_code = national.country_code
            and estimates.substance_group = national.seized_group
            and estimates.period_start = national.period_start
    union all
    select
        estimates.*,
        'consumed' as role,
        loads.source,
        loads.delivery_id,
        loads.source_line,
        loads.figure_id,
        loads.amount as amount_low,
        cast(null as decimal(24, 6)) as amount_central,
        cast(null as decimal(24, 6)) as amount_high,
        false as is_secondary_source,
        loads.is_synthetic
    from estimates
    inner join loads
        on
            estimates.measure in ('consumption_sampled_cities', 'interception_of_use')
            and estimates.country_code = loads.country_code
            and estimates.substance_group = loads.substance_group
            and estimates.period_start = loads.period_start

),

final as (

    select
        supply_id,
        measure,
        country_code,
        substance_group,
        agency_scope,
        period_start,
        period_end,
        role,
        source,
        delivery_id,
        source_line,
        figure_id,
        cast(amount_low as decimal(24, 6)) as amount_low,
        cast(amount_central as decimal(24, 6)) as amount_central,
        cast(amount_high as decimal(24, 6)) as amount_high,
        is_secondary_source,
        is_synthetic
    from roles

)

select * from final
