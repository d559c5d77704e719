-- Masses of a group per year and half-year with what is known of the single seizures behind them, from lines, totals
-- and publications alike.
with periods as (

    select * from {{ ref('int_seizures__periods') }}
    where period_grain <> 'month' and row_unit <> 'exhibit'

),

sizes as (

    select * from {{ ref('int_seizures__sizes') }}

),

stated as (

    select * from {{ ref('int_seizures__stated') }} where measure = 'kg' and is_whole_group

),

records as (

    select * from {{ ref('int_seizures__records') }} where mass_g is not null

),

-- A seizure belongs to a total of all agencies whoever made it, else only to its own agency's.
ranked_records as (

    select
        stated.figure_id as total_id,
        stated.period_grain,
        records.figure_id,
        records.mass_g,
        row_number() over (
            partition by stated.figure_id, stated.period_grain
            order by records.mass_g desc nulls last, records.figure_id asc
        ) as size_rank
    from stated
    inner join records
        on
            stated.country_code = records.country_code
            and stated.substance_group = records.substance_group
            and stated.period_grain = records.period_grain
            and stated.period_start = records.period_start
            and (stated.agency_scope = 'all_agencies' or stated.agency_scope = records.agency_scope)

),

known_records as (

    select
        total_id,
        cast(count(*) as bigint) as n_records,
        sum(case when size_rank = 1 then mass_g end) as top1_g,
        sum(case when size_rank <= 3 then mass_g end) as top3_g,
        {{ joined('figure_id') }} as record_ids
    from ranked_records
    group by total_id

),

lined as (

    select
        periods.source,
        periods.country_code,
        periods.substance_group,
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        periods.row_unit,
        cast(null as varchar) as agency_scope,
        periods.mass_g,
        periods.n_mass_lines,
        case when periods.row_unit = 'seizure' then periods.n_mass_lines end as n_known,
        sizes.top1_g,
        periods.top3_g,
        sizes.ranked_g,
        sizes.median_g,
        sizes.median_g_lo,
        sizes.median_g_hi,
        sizes.n_positive,
        sizes.geomean_g,
        cast(null as varchar) as figure_ids,
        periods.is_synthetic,
        periods.is_controlled,
        -- Every figure here is of masses; they are withheld where counts are, and where few lines were weighed.
        periods.is_mass_withheld as is_withheld
    from periods
    left join sizes
        on
            periods.source = sizes.source
            and periods.country_code = sizes.country_code
            and periods.substance_group = sizes.substance_group
            and periods.period_grain = sizes.period_grain
            and periods.period_start = sizes.period_start
    -- Sources that state numbers alone have no mass at any time.
    where periods.row_unit = 'seizure' or periods.n_mass_lines > 0

),

published as (

    select
        stated.source,
        stated.country_code,
        stated.substance_group,
        stated.period_grain,
        stated.period_start,
        stated.period_end,
        stated.is_complete,
        'published' as row_unit,
        stated.agency_scope,
        cast(1000 as decimal(5, 0)) * stated.value as mass_g,
        cast(null as bigint) as n_mass_lines,
        coalesce(known_records.n_records, 0) as n_known,
        known_records.top1_g,
        known_records.top3_g,
        cast(null as decimal(38, 6)) as ranked_g,
        cast(null as double) as median_g,
        cast(null as double) as median_g_lo,
        cast(null as double) as median_g_hi,
        cast(null as bigint) as n_positive,
        cast(null as double) as geomean_g,
        concat_ws('+', stated.figure_id, known_records.record_ids) as figure_ids,
        stated.is_synthetic,
        false as is_controlled,
        false as is_withheld
    from stated
    left join known_records on stated.figure_id = known_records.total_id

),

final as (

    select * from lined
    union all
    select * from published

)

select * from final
