-- One row per input line of each indicator, with the key of the indicator it goes into and how lines combine there:
-- stated (one line), sum, mean or chained (every line behind a link of a chain, each with the link's value).
-- A source with lines of its own kind gets a model int_<source>__indicators, made with the macro indicator_columns, which
-- gives all branches the same columns.
with final as (

    select * from {{ ref('int_indicators__figures') }}

)

select * from final -- noqa: AM04
