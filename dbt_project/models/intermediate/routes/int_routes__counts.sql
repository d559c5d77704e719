-- Lines of the sources that say where or how goods were found, counted and weighed once per breakdown, year and
-- category. Lines are added up by what they say before that is looked up and broken down: a million lines say some
-- thousand things, and six breakdowns would be six million rows. The two largest of a sum are among the two largest of
-- its parts.
with lines as (

    select * from {{ ref('int_seizures__mapped') }}
    where is_in_seizure_marts and source in ('seizures', 'colombia_ponal', 'cbp_seizures')

),

registers as (

    select * from {{ ref('stg_seizures') }}
    where (place_class = 'port' and municipality is not null) or origin_country is not null

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

said as (

    select
        lines.source,
        lines.disclosure,
        lines.country_code,
        lines.substance_group,
        lines.year_start,
        lines.place_class,
        lines.transport_mode,
        case when lines.place_class = 'port' then registers.municipality end as municipality,
        registers.origin_country,
        cast(count(*) as bigint) as n_lines,
        cast(sum(lines.n_seizures) as bigint) as n_seizures,
        sum(lines.mass_g) as mass_g,
        cast(count(lines.mass_g) as bigint) as n_mass_lines,
        {{ nth_largest('lines.mass_g', 1) }} as largest_g,
        {{ nth_largest('lines.mass_g', 2) }} as second_g,
        bool_or(lines.is_synthetic) as is_synthetic,
        bool_and(lines.is_synthetic) as is_all_synthetic
    from lines
    left join registers
        on
            lines.source = registers.source
            and lines.delivery_id = registers.delivery_id
            and lines.source_line = registers.source_line
    group by
        lines.source,
        lines.disclosure,
        lines.country_code,
        lines.substance_group,
        lines.year_start,
        lines.place_class,
        lines.transport_mode,
        case when lines.place_class = 'port' then registers.municipality end,
        registers.origin_country

),

described as (

    select
        said.*,
        case
            when said.place_class <> 'port' then 'not_at_a_port'
            when said.municipality is null then 'place_not_stated'
            else matched.port_class
        end as port_class,
        case
            when said.place_class = 'port' and matched.port_class = 'port' then matched.locode
            when said.place_class = 'port' then 'port_not_known'
        end as port,
        case when said.place_class = 'port' then coalesce(port_sizes.port_size_class, 'no_cited_size') end
            as port_size_class,
        case
            when said.source <> 'seizures' then null
            when said.origin_country is null then 'not_stated'
            else coalesce(origin_regions.region, 'other_region')
        end as origin_region
    from said
    left join matched
        on
            said.country_code = matched.country_code
            and said.municipality = matched.place_raw
    left join port_sizes on matched.port_class = 'port' and matched.locode = port_sizes.locode
    left join origin_regions on said.origin_country = origin_regions.country_code

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

broken_down as (

    select
        source,
        disclosure,
        country_code,
        substance_group,
        year_start,
        breakdown,
        category,
        cast(sum(n_lines) as bigint) as n_lines,
        cast(sum(n_seizures) as bigint) as n_seizures,
        sum(mass_g) as mass_g,
        cast(sum(n_mass_lines) as bigint) as n_mass_lines,
        cast(
            max(largest_g) + coalesce(greatest({{ nth_largest('largest_g', 2) }}, max(second_g)), 0) as decimal(38, 6)
        ) as top2_g,
        bool_or(is_synthetic) as is_synthetic,
        bool_and(is_all_synthetic) as is_all_synthetic
    from categorised
    where category is not null
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
