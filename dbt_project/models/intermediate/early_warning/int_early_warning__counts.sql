-- Seizures per substance and year or half-year, of sources that state numbers. A register that names no seizure of a
-- substance in a covered period had none; totals and publications that do not name it have not reported it.
with lines as (

    select * from {{ ref('int_seizures__mapped') }}
    where is_in_seizure_marts and n_seizures is not null and is_drug

),

coverage as (

    select * from {{ ref('int_seizures__coverage') }} where period_grain <> 'month'

),

stated as (

    select * from {{ ref('int_seizures__stated') }} where measure = 'count'

),

substances as (

    select * from {{ ref('substances') }}

),

group_periods as (

    select * from {{ ref('int_seizures__periods') }}

),

parts as (

    select
        source,
        country_code,
        substance_code,
        substance_group,
        coalesce(month_start, year_start) as part_start,
        cast(count(*) as bigint) as n_lines,
        cast(sum(n_seizures) as bigint) as n_seizures
    from lines
    group by
        source,
        country_code,
        substance_code,
        substance_group,
        coalesce(month_start, year_start)

),

substances_seen as (

    select
        source,
        country_code,
        substance_code,
        substance_group
    from parts
    group by source, country_code, substance_code, substance_group

),

lined as (

    select
        coverage.source,
        coverage.country_code,
        substances_seen.substance_code,
        substances_seen.substance_group,
        coverage.period_grain,
        coverage.period_start,
        coverage.period_end,
        coverage.is_complete,
        cast(null as varchar) as agency_scope,
        coverage.row_unit,
        cast(count(parts.part_start) as bigint) as n_parts,
        cast(coalesce(sum(parts.n_lines), 0) as bigint) as n_lines,
        cast(coalesce(sum(parts.n_seizures), 0) as bigint) as n_seizures,
        coverage.is_synthetic,
        coverage.is_controlled,
        coalesce(bool_or(group_periods.is_withheld), false) as is_group_withheld
    from coverage
    inner join substances_seen
        on
            coverage.source = substances_seen.source
            and coverage.country_code = substances_seen.country_code
    left join parts
        on
            substances_seen.source = parts.source
            and substances_seen.country_code = parts.country_code
            and substances_seen.substance_code = parts.substance_code
            and parts.part_start between coverage.period_start and coverage.period_end
    left join group_periods
        on
            coverage.source = group_periods.source
            and coverage.country_code = group_periods.country_code
            and coverage.period_grain = group_periods.period_grain
            and coverage.period_start = group_periods.period_start
            and substances_seen.substance_group = group_periods.substance_group
    group by
        coverage.source,
        coverage.country_code,
        substances_seen.substance_code,
        substances_seen.substance_group,
        coverage.period_grain,
        coverage.period_start,
        coverage.period_end,
        coverage.is_complete,
        coverage.row_unit,
        coverage.is_synthetic,
        coverage.is_controlled
    having coverage.row_unit = 'seizure' or count(parts.part_start) > 0

),

final as (

    select
        source,
        country_code,
        substance_code,
        substance_group,
        period_grain,
        period_start,
        period_end,
        is_complete,
        agency_scope,
        n_seizures,
        {{
            is_in_withheld_breakdown(
                '(is_controlled and ' ~ is_small('n_lines') ~ ')',
                family=['source', 'country_code'],
                cell=['source', 'country_code', 'substance_code'],
            ) | indent(8)
        }} or is_group_withheld as is_withheld,
        is_synthetic
    from lined
    union all
    select
        stated.source,
        stated.country_code,
        stated.substance_code,
        stated.substance_group,
        stated.period_grain,
        stated.period_start,
        stated.period_end,
        stated.is_complete,
        stated.agency_scope,
        cast(stated.value as bigint) as n_seizures,
        false as is_withheld,
        stated.is_synthetic
    from stated
    inner join substances on stated.substance_code = substances.substance_code
    where substances.is_drug

)

select * from final
