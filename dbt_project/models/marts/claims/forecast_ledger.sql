with claims as (

    select * from {{ ref('stg_claims') }}
    where likelihood_word_raw is not null and not is_synthetic

),

ledger as (

    select * from {{ ref('claim_ledger') }}

),

document_scales as (

    select * from {{ ref('document_scales') }}

),

scales as (

    select * from {{ ref('likelihood_scales') }}

),

dated as (

    select
        *,
        try_cast(nullif(split_part(period, '/', 1), '') as date) as horizon_start,
        try_cast(nullif(split_part(period, '/', 2), '') as date) as horizon_end
    from claims

),

banded as (

    select
        dated.*,
        document_scales.scale_id,
        scales.band_raw,
        scales.band_from_pct,
        scales.band_below_pct,
        scales.is_corrected,
        -- A statement about a period that was not over when it was published; periods without an end never are.
        case
            when dated.horizon_start is null then 'no_period'
            when
                dated.horizon_end is null
                or left(cast(dated.horizon_end as varchar), length(dated.published)) > dated.published
                then 'forecast'
            else 'assessment'
        end as statement_kind
    from dated
    left join document_scales on dated.document = document_scales.document
    left join scales
        on
            document_scales.scale_id = scales.scale_id
            and {{ normalise('dated.likelihood_word_raw') }} = scales.word

),

resolved as (

    select
        banded.*,
        ledger.country_code,
        ledger.country_label,
        ledger.verdict,
        ledger.evidence,
        ledger.comparability,
        ledger.source as ledger_source,
        case
            when ledger.verdict not in ('supported', 'contradicted') then ledger.verdict
            when
                banded.statement_kind = 'forecast'
                and (
                    ledger.window_end < banded.horizon_start
                    or coalesce(ledger.window_end > banded.horizon_end, false)
                )
                then 'figures_outside_the_horizon'
        end as outcome_reason
    from banded
    inner join ledger on banded.claim_id = ledger.claim_id

),

scored as (

    select
        *,
        case when outcome_reason is null then verdict = 'supported' end as came_true,
        cast(band_from_pct / 100 as decimal(9, 6)) as p_low,
        cast(band_below_pct / 100 as decimal(9, 6)) as p_high
    from resolved

),

final as (

    select
        claim_id,
        document,
        publisher,
        published,
        locator,
        claim as statement,
        statement_kind,
        country_code,
        country_label,
        horizon_start,
        horizon_end,
        likelihood_word_raw as word,
        scale_id,
        band_raw,
        band_from_pct,
        band_below_pct,
        is_corrected as is_band_corrected,
        case
            when scale_id is null then 'no_published_scale'
            when band_raw is null then 'word_not_in_the_scale'
        end as band_reason,
        came_true,
        outcome_reason,
        cast(
            case when came_true then (1 - p_high) * (1 - p_high) when not came_true then p_low * p_low end as double
        ) as brier_lo,
        cast(
            case when came_true then (1 - p_low) * (1 - p_low) when not came_true then p_high * p_high end as double
        ) as brier_hi,
        case
            when band_raw is null then 'no_band'
            when came_true is null then 'not_resolved'
        end as brier_reason,
        evidence,
        comparability,
        ledger_source as source,
        is_synthetic
    from scored

)

select * from final
