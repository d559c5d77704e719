{%- set kinds = ['seizures_count', 'seizures_kg', 'price', 'purity', 'wastewater', 'survey'] -%}
with directions as (

    select * from {{ ref('int_triangulation__directions') }}

),

readings as (

    select * from {{ ref('triangulation_readings') }}

),

correlations as (

    select * from {{ ref('int_triangulation__correlations') }}

),

countries as (

    select * from {{ ref('countries') }}

),

substance_groups as (

    select * from {{ ref('substance_groups') }}

),

sources as (

    select
        substance_group,
        country_code,
        year,
        source
    from {{ ref('int_triangulation__lines') }}
    union all
    select
        substance_group,
        country_code,
        year,
        'ecb_fx' as source
    from directions
    where evidence = 'price'
    union all
    select
        substance_group,
        country_code,
        year,
        'cpi' as source
    from directions
    where evidence = 'price'

),

named as (

    select
        substance_group,
        country_code,
        year,
        {{ joined('source') }} as source
    from sources
    group by
        substance_group,
        country_code,
        year

),

wide as (

    select
        substance_group,
        country_code,
        year,
        bool_or(crosses_a_break) as crosses_a_break,
        {% for kind in kinds -%}
            coalesce(max(case when evidence = '{{ kind }}' then direction end), 'unknown') as {{ kind }}_direction,
            max(case when evidence = '{{ kind }}' then change_pct end) as {{ kind }}_change_pct,
        {% endfor -%}
        max(case when evidence = 'wastewater' then n_items end) as n_wastewater_sites
    from directions
    group by
        substance_group,
        country_code,
        year

),

-- Counts are preferred for trends; the mass stands in where no count is published.
combined as (

    select
        *,
        case
            when seizures_count_direction <> 'unknown' then seizures_count_direction else seizures_kg_direction
        end as seizures_direction,
        case
            when wastewater_direction <> 'unknown' then wastewater_direction else survey_direction
        end as use_direction,
        cast(
            case when seizures_count_direction = 'unknown' and seizures_kg_direction = 'unknown' then 0 else 1 end
            + case when price_direction = 'unknown' then 0 else 1 end
            + case when purity_direction = 'unknown' then 0 else 1 end
            + case when wastewater_direction = 'unknown' then 0 else 1 end
            + case when survey_direction = 'unknown' then 0 else 1 end as bigint
        ) as n_independent_series
    from wide

),

read as (

    select
        combined.*,
        readings.reading,
        readings.reading_label,
        readings.citation
    from combined
    left join readings
        on
            {{ selects('readings.seizures', 'combined.seizures_direction') }}
            and {{ selects('readings.price', 'combined.price_direction') }}
            and {{ selects('readings.purity', 'combined.purity_direction') }}
    qualify
        row_number() over (
            partition by combined.substance_group, combined.country_code, combined.year
            order by readings.reading_no asc nulls last
        ) = 1

),

final as (

    select
        named.source,
        read.substance_group,
        substance_groups.substance_group_label,
        read.country_code,
        countries.country_label,
        cast(read.year as integer) as year,
        make_date(read.year, 1, 1) as period_start,
        make_date(read.year, 12, 31) as period_end,
        {% for kind in kinds -%}
            read.{{ kind }}_direction,
            read.{{ kind }}_change_pct,
        {% endfor -%}
        cast(read.n_wastewater_sites as bigint) as n_wastewater_sites,
        read.seizures_direction,
        read.use_direction,
        read.n_independent_series,
        read.reading,
        read.reading_label,
        read.citation as reading_citation,
        case
            when read.reading is not null then null
            when read.seizures_direction = 'unknown' and read.price_direction = 'unknown'
                then 'no_seizures_and_no_price'
            when read.price_direction = 'unknown' then 'no_price'
            when read.seizures_direction = 'unknown' then 'no_seizures'
            else 'no_reading_fits'
        end as reading_reason,
        case
            when read.reading not in ('trafficking_rose', 'trafficking_fell') or read.use_direction = 'unknown'
                then 'not_compared'
            when read.reading = 'trafficking_rose' and read.use_direction = 'up' then 'agrees'
            when read.reading = 'trafficking_fell' and read.use_direction = 'down' then 'agrees'
            when read.reading is not null then 'differs'
            else 'not_compared'
        end as use_check,
        case when same.n_years >= 8 then same.rank_correlation end as rank_corr_price,
        case when later.n_years >= 8 then later.rank_correlation end as rank_corr_price_next_year,
        cast(coalesce(same.n_years, 0) as bigint) as n_years_corr,
        case
            when coalesce(same.n_years, 0) < 8 then 'fewer_than_8_years'
            when same.rank_correlation is null then 'no_variation'
        end as rank_corr_reason,
        case when read.crosses_a_break then 'break' else 'ok' end as comparability,
        false as is_synthetic
    from read
    inner join named
        on
            read.substance_group = named.substance_group
            and read.country_code = named.country_code
            and read.year = named.year
    left join correlations as same
        on
            read.substance_group = same.substance_group
            and read.country_code = same.country_code
            and same.lag_years = 0
    left join correlations as later
        on
            read.substance_group = later.substance_group
            and read.country_code = later.country_code
            and later.lag_years = 1
    left join countries on read.country_code = countries.country_code
    left join substance_groups on read.substance_group = substance_groups.substance_group

)

select * from final
