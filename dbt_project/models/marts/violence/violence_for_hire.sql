with figures as (

    select * from {{ ref('indicators') }}
    where
        series in ('violence_contracts_executed_count', 'violence_contracts_averted_count')
        and not is_synthetic

),

counts as (

    select
        indicator_key,
        source,
        country_code,
        country_label,
        period_start,
        period_end,
        case series
            when 'violence_contracts_executed_count' then 'executed'
            when 'violence_contracts_averted_count' then 'averted'
        end as outcome,
        cast(coalesce(value, value_low) as bigint) as n_low,
        cast(coalesce(value, value_high) as bigint) as n_high,
        case
            when value is not null then 'exact'
            when value_high is null then 'at_least'
            when value_low is null then 'at_most'
            else 'interval'
        end as bound_type,
        kind,
        publisher,
        published_date,
        document,
        locator,
        -- A report of the year it counts was written before that year was over.
        case
            when left(published_date, 4) <= cast(year(period_end) as varchar) then 'provisional'
            else 'ok'
        end as comparability,
        is_synthetic
    from figures

),

-- The other outcome as the same document states it for the same period; the key settles which, should it state two.
paired as (

    select
        counts.*,
        other.n_low as other_low,
        other.n_high as other_high
    from counts
    left join counts as other
        on
            counts.document = other.document
            and counts.country_code = other.country_code
            and counts.period_start = other.period_start
            and counts.period_end = other.period_end
            and counts.outcome <> other.outcome
    qualify row_number() over (partition by counts.indicator_key order by other.indicator_key nulls last) = 1

),

final as (

    select
        indicator_key,
        source,
        country_code,
        country_label,
        period_start,
        period_end,
        outcome,
        n_low,
        n_high,
        bound_type,
        {{ share_pct('n_low', 'n_low + other_high') }} as share_of_known_pct_lo,
        {{ share_pct('n_high', 'n_high + other_low') }} as share_of_known_pct_hi,
        case
            when coalesce(other_low, other_high) is null then 'no_other_outcome'
            when n_low is null or n_high is null or other_low is null or other_high is null then 'open_bound'
            when n_low + other_high = 0 or n_high + other_low = 0 then 'none_known'
        end as share_reason,
        kind,
        publisher,
        published_date,
        document,
        locator,
        comparability,
        is_synthetic
    from paired

)

select * from final
