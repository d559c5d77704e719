with counts as (

    select * from {{ ref('int_routes__counts') }}

),

coverage as (

    select * from {{ ref('int_seizures__coverage') }} where period_grain = 'year'

),

records as (

    select * from {{ ref('int_seizures__records') }} where period_grain = 'year'

),

matched as (

    select * from {{ ref('int_routes__places') }}

),

port_sizes as (

    select * from {{ ref('port_sizes') }}

),

countries as (

    select * from {{ ref('countries') }}

),

substance_groups as (

    select * from {{ ref('substance_groups') }}

),

group_years as (

    select * from {{ ref('int_seizures__periods') }}
    where period_grain = 'year'

),

controlled as (

    select
        counts.*,
        counts.disclosure = 'restricted' and {{ is_restricted('counts.is_all_synthetic') }} as is_controlled,
        counts.breakdown in ('port', 'port_class', 'port_size_class') as is_of_ports,
        coalesce(group_years.is_withheld, false) as is_year_withheld,
        coalesce(group_years.is_mass_withheld, false) as is_year_mass_withheld
    from counts
    left join group_years
        on
            counts.source = group_years.source
            and counts.country_code = group_years.country_code
            and counts.substance_group = group_years.substance_group
            and counts.year_start = group_years.period_start

),

-- A breakdown of a restricted source appears only where each of its cells is 0 or at least 5 and what it divides is
-- told: the year, and for ports the kinds of place too. Else one row says that it is withheld, and not which categories
-- it has. Masses go where counts go, and where a cell is of few weighed lines or two of them dominate it.
told as (

    select
        *,
        is_year_withheld
        or bool_or(is_controlled and {{ is_small('n_lines') }}) over breakdown_cells
        or (
            is_of_ports
            and bool_or(breakdown = 'place_class' and is_controlled and {{ is_small('n_lines') }}) over all_cells
        ) as is_withheld,
        bool_or(
            is_controlled and ({{ is_small('n_mass_lines') }} or {{ is_dominated('top2_g', 'mass_g') }})
        ) over breakdown_cells
        or is_year_mass_withheld
        or (
            is_of_ports
            and bool_or(
                breakdown = 'place_class'
                and is_controlled
                and ({{ is_small('n_mass_lines') }} or {{ is_dominated('top2_g', 'mass_g') }})
            ) over all_cells
        ) as is_mass_small
    from controlled
    window
        breakdown_cells as (partition by source, country_code, substance_group, year_start, breakdown),
        all_cells as (partition by source, country_code, substance_group, year_start)

),

totalled as (

    select
        *,
        is_withheld or is_mass_small as is_mass_withheld,
        cast(sum(n_seizures) over whole as bigint) as n_all,
        sum(mass_g) over whole as mass_g_all,
        cast(sum(case when is_stated then n_seizures end) over whole as bigint) as n_stated,
        sum(case when is_stated then 1 else 0 end) over whole as n_stated_categories,
        cast(sum(case when is_stated then n_seizures * n_seizures end) over whole as bigint) as sum_of_squares,
        row_number() over (
            partition by source, country_code, substance_group, year_start, breakdown order by category
        ) as position_in_breakdown
    from told
    window
        whole as (partition by source, country_code, substance_group, year_start, breakdown)

),

from_lines as (

    select
        totalled.source,
        totalled.country_code,
        totalled.substance_group,
        totalled.year_start as period_start,
        coverage.period_end,
        coverage.is_complete,
        totalled.breakdown,
        case when totalled.is_withheld then 'suppressed' else totalled.category end as category,
        case
            when totalled.breakdown = 'port' and totalled.is_stated and not totalled.is_withheld then totalled.category
        end as locode,
        case
            when totalled.is_withheld then null
            when totalled.breakdown = 'port' and totalled.is_stated then 'port'
            when totalled.breakdown = 'port_class' then totalled.category
        end as port_class,
        totalled.n_seizures,
        totalled.n_all,
        totalled.mass_g,
        cast(null as decimal(38, 6)) as mass_g_low,
        totalled.mass_g_all,
        totalled.n_stated,
        totalled.sum_of_squares,
        case
            when totalled.is_withheld then 'suppressed'
            when totalled.n_seizures is null then 'aggregate_source'
            when totalled.n_all < 30 then 'n_below_30'
        end as share_reason,
        case
            when totalled.is_withheld then 'suppressed'
            when totalled.n_seizures is null then 'aggregate_source'
            when totalled.n_stated_categories < 2 then 'fewer_than_2_categories'
            when totalled.n_stated < 30 then 'n_below_30'
        end as hhi_reason,
        totalled.is_withheld,
        totalled.is_mass_withheld,
        cast(null as varchar) as figure_ids,
        totalled.is_synthetic
    from totalled
    inner join coverage
        on
            totalled.source = coverage.source
            and totalled.country_code = coverage.country_code
            and totalled.year_start = coverage.period_start
    where not totalled.is_withheld or totalled.position_in_breakdown = 1

),

-- Single seizures that publications name: chosen for their size, so that no share can be made of them.
from_records as (

    select
        records.source,
        records.country_code,
        records.substance_group,
        records.period_start,
        records.period_end,
        true as is_complete,
        'published_record' as breakdown,
        coalesce(records.area, 'place_not_stated') as category,
        min(matched.locode) as locode,
        coalesce(min(matched.port_class), 'place_not_stated') as port_class,
        cast(count(*) as bigint) as n_seizures,
        cast(null as bigint) as n_all,
        case when count(records.mass_g) = count(*) then sum(records.mass_g) end as mass_g,
        sum(records.mass_g_low) as mass_g_low,
        cast(null as decimal(38, 6)) as mass_g_all,
        cast(null as bigint) as n_stated,
        cast(null as bigint) as sum_of_squares,
        'published_record' as share_reason,
        'published_record' as hhi_reason,
        false as is_withheld,
        false as is_mass_withheld,
        {{ joined('records.figure_id') }} as figure_ids,
        bool_or(records.is_synthetic) as is_synthetic
    from records
    left join matched
        on
            records.country_code = matched.country_code
            and records.area = matched.place_raw
    group by
        records.source,
        records.country_code,
        records.substance_group,
        records.period_start,
        records.period_end,
        coalesce(records.area, 'place_not_stated')

),

all_rows as (

    select * from from_lines
    union all
    select * from from_records

),

crossed as (

    {{
        crossed_breaks(
            'all_rows',
            ['country_code', 'substance_group', 'period_start'],
            topic='seizures',
            country_code='all_rows.country_code',
            substance_group='all_rows.substance_group',
            agency_scope="'unstated'",
            earlier_start='all_rows.period_start',
            later_end='all_rows.period_end',
        )
    }}

),

final as (

    select
        all_rows.source,
        all_rows.country_code,
        countries.country_label,
        all_rows.substance_group,
        substance_groups.substance_group_label,
        'year' as period_grain,
        all_rows.period_start,
        all_rows.period_end,
        all_rows.is_complete,
        all_rows.breakdown,
        all_rows.category,
        all_rows.locode,
        all_rows.port_class,
        port_sizes.port_size_class,
        case
            when all_rows.locode is null then 'port_not_known'
            when port_sizes.port_size_class is null then 'no_cited_size'
        end as port_size_reason,
        case when not all_rows.is_withheld then all_rows.n_seizures end as n_seizures,
        case when not all_rows.is_withheld then all_rows.n_all end as n_seizures_all,
        case when all_rows.share_reason is null then {{ share_pct('all_rows.n_seizures', 'all_rows.n_all') }} end
            as share_count_pct,
        case when all_rows.share_reason is null then {{ wilson_low('all_rows.n_seizures', 'all_rows.n_all') }} end
            as share_count_pct_lo,
        case when all_rows.share_reason is null then {{ wilson_high('all_rows.n_seizures', 'all_rows.n_all') }} end
            as share_count_pct_hi,
        case when not all_rows.is_mass_withheld then {{ safe_divide('all_rows.mass_g', 1000) }} end as mass_kg,
        case when not all_rows.is_mass_withheld then {{ safe_divide('all_rows.mass_g_low', 1000) }} end as mass_kg_low,
        case when not all_rows.is_mass_withheld then {{ share_pct('all_rows.mass_g', 'all_rows.mass_g_all') }} end
            as share_mass_pct,
        case when all_rows.hhi_reason is null then {{ hhi('all_rows.sum_of_squares', 'all_rows.n_stated') }} end as hhi,
        case when not all_rows.is_withheld then all_rows.n_stated end as hhi_n,
        all_rows.share_reason,
        case
            when all_rows.is_mass_withheld then 'suppressed'
            when all_rows.mass_g is null and all_rows.mass_g_low is not null then 'open_bound'
            when all_rows.mass_g is null then 'no_mass_reported'
        end as mass_reason,
        all_rows.hhi_reason,
        {{
            comparability('crossed.break_ids is not null', 'all_rows.is_complete') | indent(8)
        }} as comparability,
        crossed.break_ids,
        all_rows.figure_ids,
        all_rows.is_synthetic
    from all_rows
    inner join countries on all_rows.country_code = countries.country_code
    inner join substance_groups on all_rows.substance_group = substance_groups.substance_group
    left join port_sizes on all_rows.locode = port_sizes.locode and all_rows.port_class = 'port'
    left join crossed
        on {{ same('all_rows', 'crossed', ['country_code', 'substance_group', 'period_start']) }}

)

select * from final
