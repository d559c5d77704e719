"""The `baseline` suite: a build against the one that readers see. Closed years do not change much by themselves.

Compared are sources that both builds hold, per mart: rows and totals of years that were over when the published build
was made, categories that vanished or are new, and how the rows are spread over them. What a rightly different build
moves is let through once by `beslag accept REASON`. Not here: making `ops.baseline` (orchestration/baseline.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from expectations.suite import Note, Suite, no_rows_where

TABLE = "ops.baseline"


@dataclass(frozen=True)
class Compared:
    """What is compared of a mart, and how far it may move.

    Attributes:
        mart: the table in schema `marts`.
        date: the column whose year a row counts to.
        category: the column whose values are compared.
        totals: columns that add up.
        only: which rows, so that nothing counts twice.
        total_tolerance: share of a year's total that may change; sums of mass hang on a few seizures.
    """

    mart: str
    date: str
    category: str
    totals: Sequence[str] = ()
    only: str = "true"
    total_tolerance: float = 0.1


YEARS = "period_grain = 'year' and is_complete"
COMPARED = (
    Compared("seizures", "seized_on", "substance_group", ("mass_g",), total_tolerance=0.25),
    Compared("substance_share", "period_start", "substance_group", ("n_seizures",), YEARS),
    Compared("purity", "period_start", "substance_code", ("n",), YEARS),
    Compared("price_level", "period_start", "substance_code", ("n_quotes",), YEARS),
    Compared("postal_interceptions", "period_start", "selection", ("items_examined",), YEARS),
    Compared("darknet_turnover", "period_start", "platform_scope", ("turnover",), YEARS),
    Compared("wastewater", "period_start", "substance_code"),
    Compared("indicators", "period_start", "series"),
)
ROWS_TOLERANCE, ROWS_FLOOR = 0.1, 5  # a year's rows may change by a tenth, and by five where it has few
VANISHED_FLOOR = 5  # rows; a category seen less often may go without a word
SHIFT_POINTS = 10  # per cent of a source's rows that may change their category (total variation)
# what is compared -> when it refuses, over a row of ops.baseline
RULES: dict[str, str] = {
    "rows_of_closed_years_stand": f"kind = 'rows' and abs(now - before) > greatest({ROWS_TOLERANCE} * before, {ROWS_FLOOR})",
    "totals_of_closed_years_stand": "kind = 'total' and abs(now - before) > tolerance * abs(before)",
    "no_category_vanished": f"kind = 'category' and before >= {VANISHED_FLOOR} and now = 0",
    "categories_keep_their_shares": f"kind = 'shift' and now > {SHIFT_POINTS}",
}
NEW_CATEGORY = "kind = 'category' and before = 0 and now > 0"


def baseline_suites() -> list[Suite]:
    """One suite per compared mart, named after it."""
    return [
        Suite(
            f"baseline.{each.mart}",
            "ops",
            "baseline",
            [no_rows_where(TABLE, _of(each, f"accepted is null and {rule}"), _note(each, name, rule)) for name, rule in RULES.items()]
            + [no_rows_where(TABLE, _of(each, NEW_CATEGORY), _note(each, "no_new_category", NEW_CATEGORY, warns=True))],
        )
        for each in COMPARED
    ]  # fmt: skip


def refusing(alias: str = "") -> str:
    """The condition over `ops.baseline` under which any rule refuses, accepted or not."""
    return " or ".join(f"({rule})" for rule in RULES.values())


def summary(each: Compared, schema: str, before: str) -> str:
    """SQL: kind, source, period, measure, value, tolerance of one build's mart; `before` is a date literal.

    Args:
        schema: of the mart, with its database.
    """
    rows = (
        f"(select source, is_synthetic, cast(year({each.date}) as varchar) as period, cast({each.category} as varchar) as category, "
        f"{''.join(f'cast({t} as decimal(38, 6)) as {t}, ' for t in each.totals)}1 as one "
        f"from {schema}.{each.mart} where {each.only} and year({each.date}) < year({before}))"
    )
    parts = [
        f"select 'rows' as kind, source, is_synthetic, period, 'row count' as measure, count(*) as value, 0 as tolerance from {rows} group by all",
        f"select 'category', source, is_synthetic, '', '{each.category} ' || coalesce(category, 'none'), count(*), 0 from {rows} group by all",
        *(
            f"select 'total', source, is_synthetic, period, '{t}', coalesce(sum({t}), 0), {each.total_tolerance} from {rows} group by all"
            for t in each.totals
        ),
    ]
    return " union all ".join(parts)


def _of(each: Compared, condition: str) -> str:
    return f"mart = '{each.mart}' and {condition}"


def _note(each: Compared, name: str, rule: str, warns: bool = False) -> Note:
    where = "case when period = '' then '' else ' in ' || period end"
    rows = (
        f"select measure || ' of ' || source || {where} as column_name, before, now "
        f"from {TABLE} where {_of(each, f'accepted is null and {rule}')}"
    )
    return Note(name, rows=rows, show="before, now", severity="warn" if warns else "error")
