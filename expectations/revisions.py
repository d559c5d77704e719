"""Promises of the mart of revisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from great_expectations.expectations.expectation import Expectation

from expectations.disclosure import controlled
from expectations.mart import PERIOD, Mart, figure_or_reason
from expectations.suite import literals

REVISIONS = Mart(
    "revisions",
    grain=(
        "source",
        "series",
        "category",
        "country_code",
        "substance_group",
        "unit",
        "period_grain",
        "period_start",
    ),
    promised=(
        *(
            *PERIOD,
            "first_value",
            "latest_value",
            "unit",
            "revision_pct",
            "revision_reason",
            "first_known_at",
        ),
        *("latest_known_at", "lag_days", "n_vintages"),
    ),
    lines="int_revisions__lines",
    line_keys=("source", "series", "country_code", "unit", "period_start"),
    line_date=None,
    filled_from="intermediate.int_revisions__values",
    texts=("category",),
)
COUNTS = ("seizures", "items_examined", "items_with_drugs", "vendors", "buyers")


def revisions(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Two values and what lies between them; the latest is what the other marts are made of."""
    mart = REVISIONS
    yield mart.between("first_value", 0, None)
    yield mart.between("latest_value", 0, None)
    yield mart.between("revision_pct", -100, None)
    yield mart.between("lag_days", 0, None)
    yield mart.between("n_vintages", 1, None)
    yield figure_or_reason(mart, "revision_pct", "revision_reason")
    yield mart.never(
        "revision_is_of_its_values",
        "revision_pct is not null and not coalesce(abs(revision_pct * cast(first_value as double) "
        "- 100 * cast(latest_value - first_value as double)) <= 1e-6 * greatest(1, cast(latest_value as double)), false)",
        "revision_pct",
    )
    yield mart.never(
        "revision_takes_two_vintages",
        "revision_pct is not null and not (n_vintages >= 2 and cast(first_known_at as date) > period_end)",
        "revision_pct",
    )
    yield mart.nothing_from("latest_seizures_are_what_stands", _other_than_what_stands(mart), "latest_value")
    yield mart.never(
        "small_counts_withheld",
        f"{controlled(restricted)} and series in ({literals(COUNTS)}) "
        "and (first_value between 1 and 4 or latest_value between 1 and 4)",
        "latest_value",
    )
    yield mart.nothing_from(
        "year_withheld_whole",
        f"select * from {mart.table} where {controlled(restricted)} "
        "window w as (partition by source, country_code, year(period_start)) "
        "qualify bool_or(coalesce(revision_reason = 'suppressed', false)) over w "
        "and coalesce(first_value, latest_value, revision_pct) is not null",
        "latest_value",
    )


def _other_than_what_stands(mart: Mart) -> str:
    """Rows whose latest value is not what the current lines add up to, where none of them was corrected."""
    return f"""
        with stands as (
            select source, country_code, substance_group, case when source = 'seizures' then 'half_year' else 'year' end as period_grain,
                case when source = 'seizures' then half_year_start else year_start end as period_start,
                count(*) as n, cast(sum(mass_g) as double) / 1000 as kg
            from intermediate.int_seizures__mapped
            where source in ('seizures', 'unodc_seizures') and exclusion is null group by all
        )
        select m.* from {mart.table} as m
        left join stands as s using (source, country_code, substance_group, period_grain, period_start)
        where m.source in ('seizures', 'unodc_seizures') and m.source not in (select source from ops.corrections where rows > 0)
        and m.latest_value is not null
        and not coalesce(abs(cast(m.latest_value as double) - case m.series when 'seizures' then s.n else s.kg end)
            <= 1e-3 + 1e-6 * cast(m.latest_value as double), false)"""
