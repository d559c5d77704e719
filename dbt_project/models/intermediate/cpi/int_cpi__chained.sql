-- Annual inflation, chain-linked: an index relative to 2015 = 1 for every year that an unbroken run of years joins
-- to 2015. Logarithms are exact decimals, so that no sum depends on the order of rows.
with years as (

    select * from {{ ref('stg_cpi') }}

),

-- Years without a gap between them share the number of the run.
links as (

    select
        *,
        calendar_year - row_number() over (partition by country_iso3 order by calendar_year) as run_number,
        {{ ln_decimal('cast(100 + inflation_pct as decimal(18, 6)) * cast(0.01 as decimal(3, 2))') }} as ln_link
    from years

),

summed as (

    select
        *,
        sum(ln_link) over (partition by country_iso3, run_number order by calendar_year) as ln_sum
    from links

),

base as (

    select
        country_iso3,
        run_number,
        ln_sum
    from summed
    where calendar_year = 2015

),

chained as (

    select
        summed.country_iso3,
        summed.calendar_year,
        cast(summed.ln_sum - base.ln_sum as decimal(18, 12)) as ln_index
    from summed
    inner join base
        on
            summed.country_iso3 = base.country_iso3
            and summed.run_number = base.run_number

),

-- Beyond these bounds (a factor of 8 000 down, 485 million up) nine decimals no longer hold the index.
final as (

    select
        country_iso3,
        calendar_year,
        ln_index,
        cast(round(exp(cast(ln_index as double)), 9) as decimal(18, 9)) as index_to_2015
    from chained
    where ln_index between -9 and 20

)

select * from final
