{#- Every (kind, x, n) some mart wants, once. Depends on intermediate models only, so that marts can join the answer. -#}

with rate_ratios as (

    select
        n_seizures as x,
        n_seizures_prev as n
    from {{ ref('int_seizures__counts') }}

),

shares_of_mail as (

    select
        items_with_drugs as x,
        items_examined as n
    from {{ ref('int_postal__periods') }}

),

purities as (

    select n_values as n
    from {{ ref('int_purity__values') }}
    where value_rank = 1 and n_values >= 10

),

sized_purities as (

    select n_values as n
    from {{ ref('int_purity__sizes') }}
    where value_rank = 1 and n_values >= 10

),

requests as (

    select
        'rate_ratio' as kind,
        x,
        n
    from rate_ratios
    where x is not null and n is not null

    union all

    select
        'clopper_pearson' as kind,
        x,
        n
    from shares_of_mail
    where x between 0 and n and n > 0

    union all

    select
        'median_rank' as kind,
        0 as x,
        n
    from purities

    union all

    select
        'median_z' as kind,
        {{ price_bonett_rank('n') }} as x,
        n
    from sized_purities

)

select
    kind,
    cast(x as bigint) as x,
    cast(n as bigint) as n
from requests
group by kind, x, n
