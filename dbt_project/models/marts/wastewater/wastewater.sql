with loads as (

    select * from {{ ref('int_wastewater__mapped') }}

),

countries as (

    select * from {{ ref('countries') }}

),

substances as (

    select * from {{ ref('substances') }}

),

substance_groups as (

    select * from {{ ref('substance_groups') }}

),

final as (

    select
        case when loads.site_source is null then loads.source else loads.source || '+' || loads.site_source end
            as source,
        loads.site_id,
        loads.city,
        loads.plants,
        loads.country_code,
        countries.country_label,
        loads.substance,
        loads.substance_code,
        substances.label_en as substance_label,
        loads.substance_group,
        substance_groups.substance_group_label,
        loads.sampled_year as year,
        loads.period_start,
        loads.period_end,
        loads.n_days,
        loads.n_days_zero,
        loads.daily_mean as daily_mean_mg_per_1000_per_day,
        loads.weekday_mean as weekday_mean_mg_per_1000_per_day,
        loads.weekend_mean as weekend_mean_mg_per_1000_per_day,
        loads.population,
        case
            when loads.daily_mean is null then 'not_reported'
            when loads.daily_mean = 0 then 'below_loq_or_zero'
            else 'measured'
        end as load_status,
        coalesce(
            nullif(
                concat_ws(
                    '+',
                    case
                        when
                            {{
                                crosses_break(
                                    "'wastewater'", 'loads.country_code', 'loads.period_start', 'loads.period_end', 'loads.substance_group'
                                ) | indent(28)
                            }} then 'break'
                    end,
                    case when loads.n_days < 7 then 'fewer_than_7_days' end,
                    case when loads.has_means_at_odds then 'means_at_odds' end,
                    case when loads.plants is not null then 'pooled_plants' end
                ),
                ''
            ),
            'ok'
        ) as comparability,
        loads.is_synthetic
    from loads
    inner join countries on loads.country_code = countries.country_code
    inner join substances on loads.substance_code = substances.substance_code
    inner join substance_groups on loads.substance_group = substance_groups.substance_group

)

select * from final
