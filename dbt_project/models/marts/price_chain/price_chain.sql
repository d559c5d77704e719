with figures as (

    select * from {{ ref('int_price_chain__figures') }}

),

countries as (

    select * from {{ ref('countries') }}

),

substance_groups as (

    select * from {{ ref('substance_groups') }}

),

-- One stage alone is a price and no chain; such prices stand in marts.indicators.
chains as (

    select
        substance_group,
        period_grain,
        period_start
    from figures
    group by substance_group, period_grain, period_start
    having count(distinct stage) > 1

),

-- A bound that is not stated gives way to the one that is, in ratios only: the stated values, called nominal.
steps as (

    select
        figures.substance_group,
        figures.stage,
        figures.stage_order,
        figures.country_code,
        figures.place,
        figures.period_grain,
        figures.period_start,
        figures.period_end,
        bool_and(figures.is_complete) as is_complete,
        count(*) as n_figures,
        case when bool_and(figures.nok_per_kg_low is not null) then min(figures.nok_per_kg_low) end as nok_per_kg_low,
        case
            when bool_and(figures.nok_per_kg_high is not null) then max(figures.nok_per_kg_high)
        end as nok_per_kg_high,
        min(coalesce(figures.nok_per_kg_low, figures.nok_per_kg_high)) as stated_low,
        max(coalesce(figures.nok_per_kg_high, figures.nok_per_kg_low)) as stated_high,
        bool_or(figures.nok_per_kg_low is null or figures.nok_per_kg_high is null) as is_open,
        min(figures.publisher) as first_publisher,
        max(figures.publisher) as last_publisher,
        {{ joined('figures.publisher') }} as publishers,
        {{ joined('figures.figure_id') }} as figure_ids,
        {{ joined('figures.source') }} as sources,
        bool_or(figures.is_converted) as is_converted,
        bool_or(figures.is_secondary_source) as is_secondary_source,
        bool_or(figures.is_imputed) as is_imputed,
        bool_or(figures.is_synthetic) as is_synthetic
    from figures
    inner join chains
        on
            figures.substance_group = chains.substance_group
            and figures.period_grain = chains.period_grain
            and figures.period_start = chains.period_start
    group by
        figures.substance_group,
        figures.stage,
        figures.stage_order,
        figures.country_code,
        figures.place,
        figures.period_grain,
        figures.period_start,
        figures.period_end

),

-- Producers and ports of arrival supply every market; a wholesale or retail price is one of its own country.
supplied as (

    select
        substance_group,
        stage,
        stage_order,
        case when stage in ('wholesale', 'retail') then country_code end as supplied_country,
        period_grain,
        period_start,
        min(stated_low) as stated_low,
        max(stated_high) as stated_high,
        bool_or(is_open) as is_open,
        min(first_publisher) as first_publisher,
        max(last_publisher) as last_publisher
    from steps
    group by
        substance_group,
        stage,
        stage_order,
        case when stage in ('wholesale', 'retail') then country_code end,
        period_grain,
        period_start

),

previous as (

    select
        steps.substance_group,
        steps.stage,
        steps.country_code,
        steps.place,
        steps.period_grain,
        steps.period_start,
        supplied.stage as previous_stage,
        supplied.stated_low,
        supplied.stated_high,
        supplied.is_open,
        supplied.first_publisher,
        supplied.last_publisher
    from steps
    inner join supplied
        on
            steps.substance_group = supplied.substance_group
            and steps.period_grain = supplied.period_grain
            and steps.period_start = supplied.period_start
            and steps.stage_order > supplied.stage_order
            and (supplied.supplied_country is null or steps.country_code = supplied.supplied_country)
    qualify
        row_number() over (
            partition by
                steps.substance_group, steps.stage, steps.country_code, steps.place, steps.period_grain,
                steps.period_start
            order by supplied.stage_order desc
        ) = 1

),

compared as (

    select
        steps.*,
        previous.previous_stage,
        previous.stated_low as previous_low,
        previous.stated_high as previous_high,
        producer.stated_low as producer_low,
        producer.stated_high as producer_high,
        steps.is_open
        or coalesce(previous.is_open, false)
        or coalesce(producer.is_open, false) as is_nominal,
        least(steps.first_publisher, coalesce(previous.first_publisher, steps.first_publisher))
        <> greatest(steps.last_publisher, coalesce(previous.last_publisher, steps.last_publisher))
        or least(steps.first_publisher, coalesce(producer.first_publisher, steps.first_publisher))
        <> greatest(steps.last_publisher, coalesce(producer.last_publisher, steps.last_publisher))
            as is_of_several_publishers
    from steps
    left join previous
        on
            steps.substance_group = previous.substance_group
            and steps.stage = previous.stage
            and steps.country_code = previous.country_code
            and steps.place = previous.place
            and steps.period_grain = previous.period_grain
            and steps.period_start = previous.period_start
    left join supplied as producer
        on
            producer.stage = 'producer'
            and steps.stage <> 'producer'
            and steps.substance_group = producer.substance_group
            and steps.period_grain = producer.period_grain
            and steps.period_start = producer.period_start

),

final as (

    select
        compared.substance_group,
        compared.stage_order,
        compared.stage,
        compared.place,
        compared.period_grain,
        compared.period_start,
        compared.period_end,
        compared.is_complete,
        substance_groups.substance_group_label,
        compared.country_code,
        countries.country_label,
        compared.n_figures,
        cast(compared.nok_per_kg_low as double) as nok_per_kg_low,
        cast(compared.nok_per_kg_high as double) as nok_per_kg_high,
        case when compared.is_nominal then 'nominal' else 'closed' end as bound_type,
        compared.previous_stage,
        {{ safe_divide('compared.stated_low', 'compared.previous_high') }} as ratio_to_previous_low,
        {{ safe_divide('compared.stated_high', 'compared.previous_low') }} as ratio_to_previous_high,
        case
            when compared.previous_stage is not null then null
            when compared.stage = 'producer' then 'first_stage'
            else 'no_earlier_stage'
        end as ratio_to_previous_reason,
        {{ safe_divide('compared.stated_low', 'compared.producer_high') }} as ratio_to_producer_low,
        {{ safe_divide('compared.stated_high', 'compared.producer_low') }} as ratio_to_producer_high,
        case
            when compared.producer_low is not null then null
            when compared.stage = 'producer' then 'first_stage'
            else 'no_producer_price'
        end as ratio_to_producer_reason,
        compared.publishers,
        compared.figure_ids,
        compared.is_secondary_source,
        case
            when compared.is_imputed then 'imputed'
            when compared.is_of_several_publishers then 'scope_differs'
            else 'ok'
        end as comparability,
        concat(case when compared.is_converted then 'ecb_fx+' else '' end, compared.sources) as source,
        compared.is_synthetic
    from compared
    left join countries on compared.country_code = countries.country_code
    left join substance_groups on compared.substance_group = substance_groups.substance_group

)

select * from final
