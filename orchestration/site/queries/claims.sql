-- Every published claim, its verdict and the evidence for it.
select
    source, claim_id, document, locator, claim, country_code, verdict, evidence, baseline, mart, value_found,
    value_claimed, is_synthetic
from marts.claim_ledger
order by
    case verdict
        when 'contradicted' then 1 when 'supported' then 2 when 'mixed' then 3 when 'scope_differs' then 4
        when 'insufficient_data' then 5 else 6
    end,
    claim_id
