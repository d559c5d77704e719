-- Rank correlation (Spearman) of the number of seizures and the price, in the same year and with the price a year
-- later. Ranks are doubled so that ties have whole ones and every sum is exact.
{{ config(materialized='view') }}

with items as (

    select * from {{ ref('int_triangulation__values') }}

),

numbers as (

    select * from items
    where evidence = 'seizures_count'

),

prices as (

    select * from items
    where evidence = 'price'

),

lags as (

    select 0 as lag_years
    union all
    select 1 as lag_years

),

pairs as (

    select
        numbers.substance_group,
        numbers.country_code,
        lags.lag_years,
        numbers.year,
        numbers.level as x,
        prices.level as y
    from numbers
    cross join lags
    inner join prices
        on
            numbers.substance_group = prices.substance_group
            and numbers.country_code = prices.country_code
            and numbers.year + lags.lag_years = prices.year

),

ranked as (

    select
        substance_group,
        country_code,
        lag_years,
        2 * rank() over (partition by substance_group, country_code, lag_years order by x)
        + count(*) over (partition by substance_group, country_code, lag_years, x) - 1 as rank_x,
        2 * rank() over (partition by substance_group, country_code, lag_years order by y)
        + count(*) over (partition by substance_group, country_code, lag_years, y) - 1 as rank_y
    from pairs

),

final as (

    select
        substance_group,
        country_code,
        lag_years,
        count(*) as n_years,
        {{ safe_divide(
            'count(*) * sum(rank_x * rank_y) - sum(rank_x) * sum(rank_y)',
            'sqrt(cast(count(*) * sum(rank_x * rank_x) - sum(rank_x) * sum(rank_x) as double) '
            ~ '* cast(count(*) * sum(rank_y * rank_y) - sum(rank_y) * sum(rank_y) as double))'
        ) }} as rank_correlation
    from ranked
    group by
        substance_group,
        country_code,
        lag_years

)

select * from final
