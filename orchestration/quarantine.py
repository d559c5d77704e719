"""What is kept of the cells that keep a row out: exact counts by reason, and the first cells themselves.

A file of a million rows that cannot be read must not need the memory for ten million sentences about them.
"""

from __future__ import annotations

from functools import reduce
from operator import or_

import polars as pl

from orchestration.contract import Contract

KEPT = 10_000  # failing cells of a delivery that are listed, in the order of its lines; counts are of all
SHOWN = 200  # characters of a quarantined value that are kept
DUPLICATE_KEY = "duplicate_key"
WRONG_WIDTH = "wrong_number_of_cells"

Failures = dict[
    tuple[str, str], pl.Series
]  # (field, reason): true where the row's cell fails for that reason


def any_of(failures: Failures, rows: int) -> pl.Series:
    """True for every row with a failing cell; of length `rows`."""
    return reduce(or_, failures.values(), pl.repeat(False, rows, dtype=pl.Boolean, eager=True))


def counted(failures: Failures, ragged: pl.DataFrame) -> pl.DataFrame:
    """`field`, `reason`, `rows` (Int64): rows by field and reason, and with field null by reason over all fields."""
    reasons: dict[str, pl.Series] = {}
    found: list[tuple[str | None, str, int]] = [
        ("", WRONG_WIDTH, ragged.height),
        (None, WRONG_WIDTH, ragged.height),
    ]
    for (field, reason), failed in failures.items():
        reasons[reason] = reasons[reason] | failed if reason in reasons else failed
        found.append((field, reason, int(failed.sum())))
    found += [(None, reason, int(failed.sum())) for reason, failed in reasons.items()]
    schema = {"field": pl.String, "reason": pl.String, "rows": pl.Int64}
    return pl.DataFrame([row for row in found if row[2]], schema=schema, orient="row").sort("field", "reason")


def listed(
    failures: Failures, shown: pl.DataFrame, ragged: pl.DataFrame, width: int, contract: Contract
) -> pl.DataFrame:
    """`line`, `field`, `value` (null when personal), `reason` of the first failing cells.

    Args:
        shown: `line` and the fields as text, one row per value in `failures`.
        ragged: records with another number of cells than `width`.
    """
    personal = {f.name for f in contract.fields if f.personal}
    parts = [
        _listed(ragged, "", pl.format("{} cells instead of {}", pl.col("cells"), pl.lit(width)), WRONG_WIDTH)
    ]
    for (field, reason), failed in failures.items():
        is_shown = reason != DUPLICATE_KEY and field not in personal
        value = pl.col(field).str.slice(0, SHOWN) if is_shown else pl.lit(None, pl.String)
        parts.append(_listed(shown.filter(failed), field, value, reason))
    return pl.concat(parts).sort("line", "field", "reason").head(KEPT)


def _listed(hit: pl.DataFrame, field: str, value: pl.Expr, reason: str) -> pl.DataFrame:
    return hit.head(KEPT).select(
        pl.col("line").cast(pl.Int32),
        pl.lit(field).alias("field"),
        value.cast(pl.String).alias("value"),
        pl.lit(reason).alias("reason"),
    )
