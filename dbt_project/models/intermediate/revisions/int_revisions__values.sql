-- One row per figure and moment at which it was known. Registers come added up (int_revisions__register_sums), what
-- others state comes line by line.
with registers as (

    select * from {{ ref('int_revisions__register_sums') }}

),

stated as (

    select * from {{ ref('int_revisions__stated') }}

),

counts as (

    select
        'seizures' as source,
        'seizures' as series,
        cast(null as varchar) as category,
        country_code,
        substance_group,
        'half_year' as period_grain,
        period_start,
        'lines' as unit,
        scope,
        vintage_at,
        cast(n_lines as decimal(18, 6)) as value,
        n_lines as n,
        true as is_restricted,
        is_synthetic,
        is_all_synthetic
    from registers

),

masses as (

    select
        'seizures' as source,
        'seized_kg' as series,
        cast(null as varchar) as category,
        country_code,
        substance_group,
        'half_year' as period_grain,
        period_start,
        'kg' as unit,
        scope,
        vintage_at,
        mass_kg as value,
        n_mass_lines as n,
        true as is_restricted,
        is_synthetic,
        is_all_synthetic
    from registers
    where n_mass_lines > 0

),

others as (

    select
        source,
        series,
        category,
        country_code,
        substance_group,
        period_grain,
        period_start,
        unit,
        scope,
        vintage_at,
        cast(sum(value) as decimal(18, 6)) as value,
        cast(sum(n) as bigint) as n,
        bool_or(is_restricted) as is_restricted,
        bool_or(is_synthetic) as is_synthetic,
        bool_and(is_synthetic) as is_all_synthetic
    from stated
    group by
        source,
        series,
        category,
        country_code,
        substance_group,
        period_grain,
        period_start,
        unit,
        scope,
        vintage_at

),

final as (

    select * from counts
    union all
    select * from masses
    union all
    select * from others

)

select * from final
