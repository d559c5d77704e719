-- One row per number of values: the ranks of the ordered values that enclose the quartiles and the median.
with ranks as (

    select * from {{ ref('int_intervals__exact') }}
    where kind = 'quantile_rank'

),

final as (

    select
        n,
        max(case when x = 25 then lo end) as p25_lo,
        max(case when x = 25 then hi end) as p25_hi,
        max(case when x = 50 then lo end) as p50_lo,
        max(case when x = 50 then hi end) as p50_hi,
        max(case when x = 75 then lo end) as p75_lo,
        max(case when x = 75 then hi end) as p75_hi
    from ranks
    group by n

)

select * from final
