-- Loads with the substance they tell of and the population of their site. Brackets behind a city hold the number or the
-- names of the plants that were pooled; other brackets, such as Ruisbroek (Puurs), belong to the name.
{% set plants = "' *[(]([0-9][^)]*|[IVXM0-9]+[-+][IVXM0-9]+)[)]$'" -%}
with loads as (

    select * from {{ ref('stg_euda_wastewater') }}

),

sites as (

    select * from {{ ref('stg_euda_wastewater_sites') }}

),

names as (

    select * from {{ ref('int_substances__names') }}

),

substances as (

    select * from {{ ref('substances') }}

),

named as (

    select
        loads.*,
        (names.name is not null) as is_substance_mapped,
        coalesce(names.substance_code, 'unknown') as substance_code
    from loads
    left join names on {{ normalise('loads.metabolite') }} = names.name

),

counted as (

    select
        named.*,
        substances.substance_group,
        regexp_replace(named.city_raw, {{ plants }}, '') as city,
        nullif(regexp_extract(named.city_raw, {{ plants }}, 1), '') as plants,
        (
            case when named.monday is not null then 1 else 0 end
            + case when named.tuesday is not null then 1 else 0 end
            + case when named.wednesday is not null then 1 else 0 end
            + case when named.thursday is not null then 1 else 0 end
            + case when named.friday is not null then 1 else 0 end
            + case when named.saturday is not null then 1 else 0 end
            + case when named.sunday is not null then 1 else 0 end
        ) as n_days,
        (
            case when named.monday = 0 then 1 else 0 end
            + case when named.tuesday = 0 then 1 else 0 end
            + case when named.wednesday = 0 then 1 else 0 end
            + case when named.thursday = 0 then 1 else 0 end
            + case when named.friday = 0 then 1 else 0 end
            + case when named.saturday = 0 then 1 else 0 end
            + case when named.sunday = 0 then 1 else 0 end
        ) as n_days_zero
    from named
    inner join substances on named.substance_code = substances.substance_code

),

final as (

    select
        counted.source,
        counted.delivery_id,
        counted.source_line,
        sites.source as site_source,
        sites.delivery_id as site_delivery_id,
        sites.source_line as site_source_line,
        counted.site_id,
        counted.city,
        counted.plants,
        counted.country_code,
        counted.metabolite as substance,
        counted.substance_code,
        counted.substance_group,
        counted.is_substance_mapped,
        counted.sampled_year,
        make_date(counted.sampled_year, 1, 1) as period_start,
        make_date(counted.sampled_year, 12, 31) as period_end,
        cast(counted.n_days as integer) as n_days,
        cast(counted.n_days_zero as integer) as n_days_zero,
        counted.daily_mean,
        counted.weekday_mean,
        counted.weekend_mean,
        coalesce(
            counted.daily_mean < least(counted.weekday_mean, counted.weekend_mean) - 0.01
            or counted.daily_mean > greatest(counted.weekday_mean, counted.weekend_mean) + 0.01,
            false
        ) as has_means_at_odds,
        sites.population,
        (counted.is_synthetic or coalesce(sites.is_synthetic, false)) as is_synthetic
    from counted
    left join sites on counted.site_id = sites.site_id

)

select * from final
