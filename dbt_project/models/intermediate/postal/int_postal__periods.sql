with rolled as (

    select * from {{ ref('int_postal__rolled') }}

),

-- "all" already holds letters and parcels: where an agency gives it, the parts are left out.
scoped as (

    select
        *,
        bool_or(mail_type = 'all')
            over (partition by source, country_code, agency, selection, period_grain, period_start) as has_all
    from rolled

),

used as (

    select * from scoped
    where mail_type = 'all' or not has_all

),

agencies as (

    select
        source,
        country_code,
        selection,
        period_grain,
        period_start,
        {{ joined('agency') }} as agency_scope
    from used
    group by source, country_code, selection, period_grain, period_start

),

-- The stream is the same mail whichever agency counts it, so it is never added over agencies.
by_mail_type as (

    select
        source,
        country_code,
        selection,
        period_grain,
        period_start,
        period_end,
        mail_type,
        {{ joined('agency') }} as agency_scope,
        {{ sum_of_all('items_examined', 'bigint') }} as items_examined,
        {{ sum_of_all('items_with_drugs', 'bigint') }} as items_with_drugs,
        min(items_in_stream) as items_in_stream_low,
        max(items_in_stream) as items_in_stream_high,
        bool_or(is_synthetic) as is_synthetic,
        bool_and(is_all_synthetic) as is_all_synthetic
    from used
    group by source, country_code, selection, period_grain, period_start, period_end, mail_type

),

known as (

    select
        source,
        country_code,
        cast(max(valid_from) as date) as known_on
    from {{ ref('int_postal__mapped') }}
    group by source, country_code

),

pooled as (

    select
        source,
        country_code,
        selection,
        period_grain,
        period_start,
        period_end,
        {{ joined('mail_type') }} as mail_types,
        {{ sum_of_all('items_examined', 'bigint') }} as items_examined,
        {{ sum_of_all('items_with_drugs', 'bigint') }} as items_with_drugs,
        {{ sum_of_all('items_in_stream_low', 'bigint') }} as items_in_stream_low,
        {{ sum_of_all('items_in_stream_high', 'bigint') }} as items_in_stream_high,
        count(distinct agency_scope) > 1 or (bool_or(mail_type = 'all') and count(*) > 1) as is_scope_mixed,
        bool_or(is_synthetic) as is_synthetic,
        bool_and(is_all_synthetic) as is_all_synthetic
    from by_mail_type
    group by source, country_code, selection, period_grain, period_start, period_end

),

final as (

    select
        pooled.*,
        known.known_on > pooled.period_end as is_complete,
        agencies.agency_scope
    from pooled
    inner join known
        on
            pooled.source = known.source
            and pooled.country_code = known.country_code
    inner join agencies
        on
            pooled.source = agencies.source
            and pooled.country_code = agencies.country_code
            and pooled.selection = agencies.selection
            and pooled.period_grain = agencies.period_grain
            and pooled.period_start = agencies.period_start

)

select * from final
