-- Lines of the sources that say where or how goods were found, counted and weighed once per breakdown, year and category.
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

broken_down as (
    {% for breakdown in ['place_class', 'transport_mode', 'port_class', 'port', 'port_size_class', 'origin_region'] %}
    select
        source,
        disclosure,
        country_code,
        substance_group,
        year_start,
        '{{ breakdown }}' as breakdown,
        {{ breakdown }} as category,
        cast(count(*) as bigint) as n_lines,
        cast(sum(n_seizures) as bigint) as n_seizures,
        sum(mass_g) as mass_g,
        bool_or(is_synthetic) as is_synthetic,
        bool_and(is_synthetic) as is_all_synthetic
    from described
    where {{ breakdown }} is not null
    group by source, disclosure, country_code, substance_group, year_start, {{ breakdown }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
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
    where source = 'seizures' or breakdown = 'place_class'

)

select * from final
