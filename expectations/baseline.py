"""The `baseline` suite: a build against the one that readers see. Closed years do not change much by themselves.

Compared are sources that both builds hold, per mart: rows and totals of years that were over when the published build
was made, categories that vanished or are new, and how the rows are spread over them. What a rightly different build
moves is let through once by `beslag accept REASON`. Not here: making `ops.baseline` (orchestration/baseline.py).
"""

from __future__ import annotations

from expectations.compared import COMPARED, NEW_CATEGORY, RULES, Compared
from expectations.suite import Note, Suite, no_rows_where

TABLE = "ops.baseline"


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


def _of(each: Compared, condition: str) -> str:
    return f"mart = '{each.mart}' and {condition}"


def _note(each: Compared, name: str, rule: str, warns: bool = False) -> Note:
    where = "case when period = '' then '' else ' in ' || period end"
    rows = (
        f"select measure || ' of ' || source || {where} as column_name, before, now "
        f"from {TABLE} where {_of(each, f'accepted is null and {rule}')}"
    )
    return Note(name, rows=rows, show="before, now", severity="warn" if warns else "error")
