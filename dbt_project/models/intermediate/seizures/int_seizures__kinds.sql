-- Every different wording of a line, mapped once: a million lines share some ten thousand. What only numbers tell apart
-- (day, quantity, purity figure) is left to the lines, which carry kind_id in place of all of these texts.
with lines as (

    select * from {{ ref('int_seizures__lines') }}

),

names as (

    select * from {{ ref('int_substances__names') }}

),

substances as (

    select * from {{ ref('substances') }}

),

units as (

    select * from {{ ref('units') }}

),

worded as (

    select
        {{ wording() }},
        cast(count(*) filter (where exclusion is null) as bigint) as n_counted
    from lines
    group by {{ wording() }}

),

named as (

    select
        worded.*,
        coalesce(names.substance_code, 'unknown') as substance_code,
        (names.name is not null) as is_substance_mapped
    from worded
    left join names on {{ normalise('worded.substance_raw') }} = names.name

),

mapped as (

    select
        named.*,
        -- Restricted lines are published only when they are synthetic.
        (named.disclosure = 'open' or not {{ is_restricted('named.is_synthetic') }}) as may_be_published,
        substances.substance_group,
        substances.is_drug,
        case when named.unit_raw is not null then coalesce(units.unit, 'unknown') end as unit,
        (units.unit is not null or named.unit_raw is null) as is_unit_mapped,
        units.grams_central
    from named
    inner join substances on named.substance_code = substances.substance_code
    left join units on {{ normalise('named.unit_raw') }} = units.unit_raw

),

published as (

    select
        *,
        case when may_be_published then n_counted else 0 end as n_published
    from mapped

),

-- The numbers order kinds as their texts do, so that lines are sorted by numbers alone (int_seizures__numbered). How
-- many published lines there are of the sources before is asked for keys, which are counted within their source.
final as (

    select
        *,
        cast(
            sum(n_published) over (order by source asc nulls last)
            - sum(n_published) over (partition by source) as bigint
        ) as n_published_before,
        cast(row_number() over (order by {{ wording(' asc nulls last') }}) as integer) as kind_id,
        cast(dense_rank() over (order by source asc nulls last) as integer) as source_order,
        cast(dense_rank() over (
            order by
                country_code asc nulls last,
                area asc nulls last,
                agency asc nulls last,
                place_class asc nulls last,
                transport_mode asc nulls last,
                substance_code asc nulls last
        ) as integer) as place_order,
        cast(dense_rank() over (order by unit asc nulls last) as integer) as unit_order,
        cast(dense_rank() over (
            order by
                purity_measure asc nulls last,
                purity_basis asc nulls last,
                status asc nulls last,
                is_synthetic asc nulls last
        ) as integer) as figure_order
    from published

)

select * from final
