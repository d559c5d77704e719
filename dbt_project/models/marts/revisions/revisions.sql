with stated as (

    select * from {{ ref('int_revisions__values') }}

),

vintages as (

    select * from {{ source('ops', 'vintages') }}

),

countries as (

    select * from {{ ref('countries') }}

),

substance_groups as (

    select * from {{ ref('substance_groups') }}

),

figures as (

    select
        source,
        series,
        category,
        country_code,
        substance_group,
        period_grain,
        period_start,
        unit,
        scope,
        min(vintage_at) as first_known_at,
        max(vintage_at) as last_stated_at,
        min_by(value, vintage_at) as first_value,
        max_by(value, vintage_at) as last_value,
        bool_or(is_restricted and {{ is_restricted('is_all_synthetic') }} and {{ is_small('n') }}) as is_small,
        bool_or(is_synthetic) as is_synthetic
    from stated
    group by
        source,
        series,
        category,
        country_code,
        substance_group,
        period_grain,
        period_start,
        unit,
        scope

),

-- What a country's year was told of is shown whole or not at all: every figure of it, in every edition.
judged as (

    select
        *,
        bool_or(is_small) over (partition by source, country_code, year(period_start)) as is_withheld
    from figures

),

-- Editions of the figure's country and year, from the first that stated it: also those that repeated or dropped it.
dated as (

    select
        judged.source,
        judged.series,
        judged.category,
        judged.country_code,
        judged.substance_group,
        judged.period_grain,
        judged.period_start,
        {{ period_end('judged.period_grain', 'judged.period_start') }} as period_end,
        judged.unit,
        judged.first_known_at,
        judged.last_stated_at,
        judged.first_value,
        judged.last_value,
        judged.is_withheld,
        judged.is_synthetic,
        max(vintages.known_at) as latest_known_at,
        cast(count(*) as integer) as n_vintages
    from judged
    inner join vintages
        on
            judged.source = vintages.source
            and judged.scope = vintages.scope
            and judged.first_known_at <= vintages.known_at
    group by
        judged.source,
        judged.series,
        judged.category,
        judged.country_code,
        judged.substance_group,
        judged.period_grain,
        judged.period_start,
        judged.unit,
        judged.first_known_at,
        judged.last_stated_at,
        judged.first_value,
        judged.last_value,
        judged.is_withheld,
        judged.is_synthetic

),

reasoned as (

    select
        *,
        case
            when is_withheld then 'suppressed'
            when n_vintages = 1 then 'one_vintage'
            when last_stated_at < latest_known_at then 'withdrawn'
            when cast(first_known_at as date) <= period_end then 'first_was_partial'
            when first_value = 0 then 'first_is_zero'
        end as revision_reason
    from dated

),

final as (

    select
        reasoned.source,
        reasoned.series,
        reasoned.category,
        reasoned.country_code,
        countries.country_label,
        reasoned.substance_group,
        substance_groups.substance_group_label,
        reasoned.period_grain,
        reasoned.period_start,
        reasoned.period_end,
        (cast(reasoned.latest_known_at as date) > reasoned.period_end) as is_complete,
        case when not reasoned.is_withheld then reasoned.first_value end as first_value,
        case
            when not reasoned.is_withheld and reasoned.last_stated_at = reasoned.latest_known_at
                then reasoned.last_value
        end as latest_value,
        reasoned.unit,
        case
            when reasoned.revision_reason is null
                then {{ share_pct('(reasoned.last_value - reasoned.first_value)', 'reasoned.first_value') }}
        end as revision_pct,
        reasoned.revision_reason,
        reasoned.first_known_at,
        reasoned.latest_known_at,
        {{ days_between('reasoned.first_known_at', 'reasoned.latest_known_at') }} as lag_days,
        reasoned.n_vintages,
        {{
            comparability(
                crosses_break(
                    "case reasoned.source when 'postal_interceptions' then 'post' when 'darknet_turnover' then 'online_trade' else 'seizures' end", 'reasoned.country_code', 'reasoned.period_start', 'reasoned.period_end', 'reasoned.substance_group'
                ),
                '(cast(reasoned.latest_known_at as date) > reasoned.period_end)',
            ) | indent(8)
        }} as comparability,
        reasoned.is_synthetic
    from reasoned
    left join countries on reasoned.country_code = countries.country_code
    left join substance_groups on reasoned.substance_group = substance_groups.substance_group

)

select * from final
