-- One row per item and year that has a figure before it, near enough.
with items as (

    select * from {{ ref('int_triangulation__values') }}

),

before as (

    select
        *,
        lag(year) over (
            partition by evidence, substance_group, country_code, item order by year
        ) as previous_year,
        lag(level) over (
            partition by evidence, substance_group, country_code, item order by year
        ) as previous_level,
        lag(indicator_key) over (
            partition by evidence, substance_group, country_code, item order by year
        ) as previous_key
    from items

),

final as (

    select
        evidence,
        source,
        substance_group,
        country_code,
        item,
        year,
        previous_year,
        indicator_key,
        previous_key,
        {{ ln_decimal(safe_divide('level', 'previous_level')) }} as ln_change,
        -- The squared standard error of the logarithm of a ratio of two counts; that of other figures is not known.
        cast(
            case
                when is_count then {{ safe_divide('1', 'level') }} + {{ safe_divide('1', 'previous_level') }}
                else 0
            end as decimal(18, 12)
        ) as ln_variance
    from before
    where previous_level is not null and year - previous_year <= max_gap_years

)

select * from final
