-- What is each line's own: its numbers, its mass, why it is left out, and its place in the order of what is published.
with lines as (

    select * from {{ ref('int_seizures__lines') }}

),

kinds as (

    select * from {{ ref('int_seizures__kinds') }}

),

measured as (

    select
        kinds.kind_id,
        kinds.source_order,
        kinds.place_order,
        kinds.unit_order,
        kinds.figure_order,
        lines.delivery_id,
        lines.source_line,
        lines.row_hash,
        lines.ordinal,
        lines.seized_on,
        lines.quantity,
        {{ grams('lines.quantity', 'kinds.grams_central') | indent(8) }} as mass_g,
        case
            when lines.stated_quantity <> lines.quantity or lines.quantity is null
                then {{ grams('lines.stated_quantity', 'kinds.grams_central') | indent(16) }}
            when lines.stated_quantity is not null
                then {{ grams('lines.quantity', 'kinds.grams_central') | indent(16) }}
        end as stated_mass_g,
        lines.n_seizures,
        lines.purity,
        lines.exclusion,
        (lines.exclusion is null and kinds.may_be_published) as is_published,
        kinds.n_published_before,
        lines.valid_from
    from lines
    inner join kinds on {{ same_wording('lines', 'kinds') }}

),

-- Lines alike in all that is published are interchangeable, so that no published value depends on the hashed
-- identifiers that break the tie.
{%- set places = [
    'is_published desc',
    'source_order asc nulls last',
    'seized_on asc nulls last',
    'place_order asc nulls last',
    'quantity asc nulls last',
    'unit_order asc nulls last',
    'n_seizures asc nulls last',
    'purity asc nulls last',
    'figure_order asc nulls last',
    'row_hash asc nulls last',
    'ordinal asc nulls last',
] %}
ordered as (

    select * from measured
    order by
        {{ places | join(',\n        ') }}

),

final as (

    select
        kind_id,
        delivery_id,
        source_line,
        seized_on,
        quantity,
        mass_g,
        stated_mass_g,
        n_seizures,
        purity,
        exclusion,
        is_published,
        valid_from,
        case when is_published then {{ number_in_order(places) }} - n_published_before end as key_number
    from ordered

)

select * from final
