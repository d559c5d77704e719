-- Purity figures of a year by the size of what they were measured on, ranked within the size class.
with purity_values as (

    select * from {{ ref('int_purity__values') }}
    where period_grain = 'year' and mass_g is not null

),

size_classes as (

    select * from {{ ref('size_classes') }}

),

classed as (

    select
        purity_values.source,
        purity_values.row_unit,
        purity_values.country_code,
        purity_values.substance_code,
        purity_values.purity_measure,
        purity_values.purity_basis,
        purity_values.period_grain,
        purity_values.period_start,
        purity_values.period_end,
        purity_values.is_complete,
        purity_values.is_controlled,
        purity_values.purity,
        purity_values.delivery_id,
        purity_values.source_line,
        purity_values.is_synthetic,
        size_classes.size_class,
        size_classes.size_class_order
    from purity_values
    inner join size_classes
        on
            purity_values.mass_g >= size_classes.from_g
            and (purity_values.mass_g < size_classes.to_g or size_classes.to_g is null)

),

final as (

    select
        *,
        row_number() over (
            partition by
                source,
                country_code,
                substance_code,
                purity_measure,
                purity_basis,
                period_start,
                size_class
            order by purity asc nulls last
        ) as value_rank,
        cast(count(*) over (
            partition by
                source,
                country_code,
                substance_code,
                purity_measure,
                purity_basis,
                period_start,
                size_class
        ) as bigint) as n_values
    from classed

)

select * from final
