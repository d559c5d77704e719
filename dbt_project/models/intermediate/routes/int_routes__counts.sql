-- Lines of the sources that say where or how goods were found, counted and weighed once per breakdown, year and
-- category.
with lines as (

    select * from {{ ref('int_seizures__mapped') }}
    where is_in_seizure_marts and source in ('seizures', 'colombia_ponal', 'cbp_seizures')

),

registers as (

    select * from {{ ref('stg_seizures') }}

),

matched as (

    select * from {{ ref('int_routes__places') }}

),

port_sizes as (

    select * from {{ ref('port_sizes') }}

),

origin_regions as (

    select * from {{ ref('origin_regions') }}

),

described as (

    select
        lines.source,
        lines.disclosure,
        lines.country_code,
        lines.substance_group,
        lines.year_start,
        lines.n_seizures,
        lines.mass_g,
        lines.is_synthetic,
        lines.place_class,
        lines.transport_mode,
        case
            when lines.place_class <> 'port' then 'not_at_a_port'
            when registers.municipality is null then 'place_not_stated'
            else matched.port_class
        end as port_class,
        case
            when lines.place_class = 'port' and matched.port_class = 'port' then matched.locode
            when lines.place_class = 'port' then 'port_not_known'
        end as port,
        case when lines.place_class = 'port' then coalesce(port_sizes.port_size_class, 'no_cited_size') end
            as port_size_class,
        case
            when lines.source <> 'seizures' then null
            when registers.origin_country is null then 'not_stated'
            else coalesce(origin_regions.region, 'other_region')
        end as origin_region
    from lines
    left join registers
        on
            lines.source = registers.source
            and lines.delivery_id = registers.delivery_id
            and lines.source_line = registers.source_line
    left join matched
        on
            registers.country_code = matched.country_code
            and registers.municipality = matched.place_raw
    left join port_sizes on matched.port_class = 'port' and matched.locode = port_sizes.locode
    left join origin_regions on registers.origin_country = origin_regions.country_code

),

breakdowns as (

    select 'place_class' as breakdown
    union all
    select 'transport_mode' as breakdown
    union all
    select 'port_class' as breakdown
    union all
    select 'port' as breakdown
    union all
    select 'port_size_class' as breakdown
    union all
    select 'origin_region' as breakdown

),

categorised as (

    select
        described.*,
        breakdowns.breakdown,
        case breakdowns.breakdown
            when 'place_class' then described.place_class
            when 'transport_mode' then coalesce(described.transport_mode, 'unknown')
            when 'port_class' then described.port_class
            when 'port' then described.port
            when 'port_size_class' then described.port_size_class
            when 'origin_region' then described.origin_region
        end as category
    from described
    cross join breakdowns
    where described.source = 'seizures' or breakdowns.breakdown = 'place_class'

),

ranked as (

    select
        *,
        row_number() over (
            partition by source, country_code, substance_group, year_start, breakdown, category
            order by mass_g desc nulls last
        ) as size_rank
    from categorised
    where category is not null

),

broken_down as (

    select
        source,
        disclosure,
        country_code,
        substance_group,
        year_start,
        breakdown,
        category,
        cast(count(*) as bigint) as n_lines,
        cast(sum(n_seizures) as bigint) as n_seizures,
        sum(mass_g) as mass_g,
        cast(count(mass_g) as bigint) as n_mass_lines,
        sum(case when size_rank <= 2 then mass_g end) as top2_g,
        bool_or(is_synthetic) as is_synthetic,
        bool_and(is_synthetic) as is_all_synthetic
    from ranked
    group by
        source,
        disclosure,
        country_code,
        substance_group,
        year_start,
        breakdown,
        category

),

-- Colombia's and CBP's totals state the kind of place alone. `other` places are those whose kind is not known as well.
final as (

    select
        *,
        (
            category not in (
                'unknown',
                'other',
                'not_at_a_port',
                'place_not_stated',
                'country_not_delivered',
                'port_not_known',
                'no_cited_size',
                'not_stated'
            )
        ) as is_stated
    from broken_down

)

select * from final
