-- One row per input line of each indicator, with the key of the indicator it goes into and how lines combine there:
-- stated (one line), sum, mean or shared (every line behind a figure computed elsewhere, each with it). A source
-- with lines of its own kind gets a model int_<source>__indicators; indicator_columns gives all the same columns.
with final as (

    select * from {{ ref('int_indicators__figures') }}
    union all
    select * from {{ ref('int_seizures__indicators') }}
    union all
    select * from {{ ref('int_euda_wastewater__indicators') }}
    union all
    select * from {{ ref('int_cpi__indicators') }}
    union all
    select * from {{ ref('int_cpi__monthly_indicators') }}
    union all
    select * from {{ ref('int_darknet_listings__indicators') }}
    union all
    select * from {{ ref('int_unodc_prices__indicators') }}
    union all
    select * from {{ ref('int_unodc_prevalence__indicators') }}
    union all
    select * from {{ ref('int_unodc_prevalence_nps__indicators') }}
    union all
    select * from {{ ref('int_oc_index__indicators') }}

)

select * from final -- noqa: AM04
