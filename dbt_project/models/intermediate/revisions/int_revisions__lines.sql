{#- A view: nothing is made of it; its rows are looked up where a figure is refused, and written out once a build, for
tracing. -#}
{{ config(materialized='view') }}

-- One row per line and figure it ever went into. Moments are asked only for the customs' lines of joint cases, which
-- count while the police case does not stand: any other line stood when it was told of, and a row for each moment
-- would grow with the nights.
with history as (

    select * from {{ ref('int_revisions__register_history') }}

),

registers as (

    select * from {{ ref('int_revisions__registers') }}

),

stated as (

    select * from {{ ref('int_revisions__stated') }}

),

measured as (

    select count(*) as n_real from history where not _is_synthetic

),

own as (

    select
        history._delivery_id as delivery_id,
        history._line as source_line,
        history.country_code,
        history.substance_group,
        history.period_start,
        history.mass_g
    from history
    cross join measured
    where history.customs_case_id is null and (not history._is_synthetic or measured.n_real = 0)

),

joint as (

    select
        delivery_id,
        source_line,
        country_code,
        substance_group,
        period_start,
        mass_g
    from registers
    where is_joint
    group by
        delivery_id,
        source_line,
        country_code,
        substance_group,
        period_start,
        mass_g

),

told as (

    select * from own
    union all
    select * from joint

),

final as (

    select
        'seizures' as source,
        'seizures' as series,
        cast(null as varchar) as category,
        country_code,
        substance_group,
        'half_year' as period_grain,
        period_start,
        'lines' as unit,
        delivery_id,
        source_line
    from told
    union all
    select
        'seizures' as source,
        'seized_kg' as series,
        cast(null as varchar) as category,
        country_code,
        substance_group,
        'half_year' as period_grain,
        period_start,
        'kg' as unit,
        delivery_id,
        source_line
    from told
    where mass_g is not null
    union all
    select
        source,
        series,
        category,
        country_code,
        substance_group,
        period_grain,
        period_start,
        unit,
        delivery_id,
        source_line
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
        delivery_id,
        source_line

)

select * from final
