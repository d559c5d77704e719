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

named as (

    select
        lines.*,
        coalesce(names.substance_code, 'unknown') as substance_code,
        (names.name is not null) as is_substance_mapped
    from lines
    left join names on {{ normalise('lines.substance_raw') }} = names.name

),

measured as (

    select
        named.*,
        substances.substance_group,
        substances.is_drug,
        case when named.unit_raw is not null then coalesce(units.unit, 'unknown') end as unit,
        (units.unit is not null or named.unit_raw is null) as is_unit_mapped,
        {{ grams('named.quantity', 'units.grams_central') }} as mass_g,
        {{ grams('named.stated_quantity', 'units.grams_central') }} as stated_mass_g,
        (named.exclusion is null) as is_in_seizure_marts,
        -- Restricted lines are published only when they are synthetic.
        (
            named.exclusion is null
            and (named.disclosure = 'open' or not {{ is_restricted('named.is_synthetic') }})
        ) as is_published
    from named
    inner join substances on named.substance_code = substances.substance_code
    left join units on {{ normalise('named.unit_raw') }} = units.unit_raw

),

-- The key is a number in the order of what is published. Lines alike in all of it are interchangeable, so that no
-- published value depends on the hashed identifiers that break the tie. Numbered apart from the lines: a sort that
-- carries all their columns takes three times as long. A line of a table with a column for each year is a line of each.
numbered as (

    select
        source,
        delivery_id,
        source_line,
        seized_on,
        row_number() over (
            partition by source, is_published
            order by
                seized_on asc,
                country_code asc,
                area asc nulls last,
                agency asc,
                place_class asc,
                transport_mode asc,
                substance_code asc,
                quantity asc nulls last,
                unit asc nulls last,
                n_seizures asc nulls last,
                purity asc nulls last,
                purity_measure asc nulls last,
                purity_basis asc nulls last,
                status asc,
                is_synthetic asc,
                row_hash asc,
                ordinal asc
        ) as key_number
    from measured

),

keyed as (

    select
        measured.*,
        numbered.key_number
    from measured
    inner join numbered
        on
            measured.source = numbered.source
            and measured.delivery_id = numbered.delivery_id
            and measured.source_line = numbered.source_line
            and measured.seized_on = numbered.seized_on

),

final as (

    select
        source,
        case when is_published then source || '-' || cast(key_number as varchar) end as seizure_key,
        row_unit,
        disclosure,
        delivery_id,
        source_line,
        seized_on,
        date_grain,
        {{ period_start("'year'", 'seized_on') }} as year_start,
        case when date_grain <> 'year' then {{ period_start("'half_year'", 'seized_on') }} end as half_year_start,
        case when date_grain <> 'year' then {{ period_start("'month'", 'seized_on') }} end as month_start,
        country_code,
        area,
        agency,
        place_class,
        transport_mode,
        substance_raw,
        substance_code,
        substance_group,
        is_drug,
        quantity,
        unit_raw,
        unit,
        mass_g,
        stated_mass_g,
        n_seizures,
        covers_all_drugs,
        purity,
        purity_measure,
        purity_basis,
        status,
        exclusion,
        is_in_seizure_marts,
        is_published,
        is_substance_mapped,
        is_unit_mapped,
        is_synthetic,
        valid_from
    from keyed

)

select * from final
