{#- A view: nothing is made of it; its rows are looked up where a figure is refused, and written out once a build, for
tracing. -#}
{{ config(materialized='view') }}

-- One row per line and figure it ever went into. Moments are asked only for the customs' lines of joint cases, which
-- count while the police case does not stand: any other line stood when it was told of, and a row for each moment
-- would grow with the nights.
with history as (

    select * from {{ ref('int_revisions__register_history') }}

),

joint_lines as (

    select * from {{ ref('int_revisions__joint_lines') }}

),

stated as (

    select * from {{ ref('int_revisions__stated') }}

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
    where
        history.customs_case_id is null
        and (
            not history._is_synthetic
            or (
                select count(*)
                from {{ source('history', 'seizures') }} as told_lines
                where not told_lines._is_synthetic
            ) = 0
        )

),

joint as (

    select
        delivery_id,
        source_line,
        country_code,
        substance_group,
        period_start,
        mass_g
    from joint_lines
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

-- What a line of a register is told in; a line without a mass is told in numbers alone.
series as (

    select
        'seizures' as series,
        'lines' as unit
    union all
    select
        'seized_kg' as series,
        'kg' as unit

),

final as (

    select
        'seizures' as source,
        series.series,
        cast(null as varchar) as category,
        told.country_code,
        told.substance_group,
        'half_year' as period_grain,
        told.period_start,
        series.unit,
        told.delivery_id,
        told.source_line
    from told
    cross join series
    where series.series = 'seizures' or told.mass_g is not null
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
