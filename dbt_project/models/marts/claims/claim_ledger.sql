with claims as (

    select * from {{ ref('stg_claims') }}
    where not is_synthetic

),

verdicts as (

    select * from {{ ref('int_claims__verdicts') }}

),

names as (

    select * from {{ ref('int_substances__names') }}

),

substances as (

    select * from {{ ref('substances') }}

),

substance_groups as (

    select * from {{ ref('substance_groups') }}

),

countries as (

    select * from {{ ref('countries') }}

),

sources as (

    select
        claim_id,
        {{ joined('source') }} as source
    from {{ ref('int_claims__lines') }}
    group by claim_id

),

final as (

    select
        claims.claim_id,
        claims.document,
        claims.publisher,
        claims.published,
        claims.locator,
        claims.claim,
        claims.substance,
        substances.substance_group,
        substance_groups.substance_group_label,
        countries.country_code,
        countries.country_label,
        claims.period,
        verdicts.test_kind,
        verdicts.verdict,
        concat(
            case verdicts.verdict
                when 'supported' then 'The figures fit the claim'
                when 'contradicted' then 'The figures do not fit the claim'
                when 'mixed' then 'Whether the figures fit the claim depends on the choice'
                when 'scope_differs' then 'The figures measure something near to the claim only'
                when 'insufficient_data' then 'There are too few independent figures to judge the claim'
                when 'untestable' then 'The claim cannot be tested'
            end,
            ': ',
            verdicts.evidence,
            case
                when verdicts.break_ids is not null
                    then concat('; the window crosses a break in comparability (', verdicts.break_ids, ')')
                else ''
            end,
            '.'
        ) as evidence,
        nullif(verdicts.baseline, '') as baseline,
        verdicts.window_start,
        verdicts.window_end,
        verdicts.mart,
        nullif(verdicts.value_found, '') as value_found,
        concat_ws(' ', claims.direction_or_value, claims.unit) as value_claimed,
        verdicts.found_low as value_found_low,
        verdicts.found_high as value_found_high,
        verdicts.bound_type,
        verdicts.expects_from as value_expected_from,
        verdicts.expects_to as value_expected_to,
        verdicts.unit as value_unit,
        verdicts.n_choices,
        concat(
            'select indicator_key, source, series, substance, country_code, area, agency_scope, period_start, '
            || 'period_end, value_low, value, value_high, unit, publisher, document, locator from marts.indicators '
            || 'where not is_synthetic and ',
            case
                when verdicts.quoted_keys is not null then concat('indicator_key in (', verdicts.quoted_keys, ')')
                else concat('series in (''', replace(verdicts.awaited_series, '+', ''', '''), ''')')
            end,
            ' order by series, period_start, indicator_key'
        ) as query_sql,
        coalesce(
            nullif(
                concat_ws(
                    '+',
                    verdicts.marks,
                    case when verdicts.decided_by = 'near' then 'scope_differs' end
                ),
                ''
            ),
            'ok'
        ) as comparability,
        sources.source,
        claims.is_synthetic
    from claims
    inner join verdicts on claims.claim_id = verdicts.claim_id
    inner join sources on claims.claim_id = sources.claim_id
    left join names on {{ normalise('claims.substance') }} = names.name
    left join substances on names.substance_code = substances.substance_code
    left join substance_groups on substances.substance_group = substance_groups.substance_group
    left join countries on claims.country = countries.country_code

)

select * from final
