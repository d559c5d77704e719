"""What is kept of the cells that keep a row out: exact counts by reason, and the first cells themselves.

A file of a million rows that cannot be read must not need the memory for ten million sentences about them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from orchestration.contract import Contract

KEPT = 10_000  # failing cells of a delivery that are listed, in the order of its lines; counts are of all
# Of a part of a file: which cells repeat an earlier record is told at its end, and they are none of the first then.
LISTED = 2 * KEPT
SHOWN = 200  # characters of a quarantined value that are kept
DUPLICATE_KEY = "duplicate_key"
WRONG_WIDTH = "wrong_number_of_cells"

Failing = Mapping[tuple[str, str], pl.Series]  # (field, reason): the lines that fail so


def any_of(failing: Failing) -> pl.Series:
    """Every line with a failing cell, once."""
    return pl.concat([pl.Series("line", [], pl.Int32), *failing.values()]).unique()


def counted(failing: Failing, ragged: int) -> pl.DataFrame:
    """`field`, `reason`, `rows` (Int64): rows by field and reason, and with field null by reason over all fields.

    Args:
        ragged: how many records have a wrong number of cells.
    """
    rows: list[tuple[str | None, str, int]] = [("", WRONG_WIDTH, ragged), (None, WRONG_WIDTH, ragged)]
    rows += [(field, reason, lines.len()) for (field, reason), lines in failing.items()]
    for of in {reason for _, reason in failing}:
        rows.append((None, of, any_of({key: lines for key, lines in failing.items() if key[1] == of}).len()))
    schema = {"field": pl.String, "reason": pl.String, "rows": pl.Int64}
    return pl.DataFrame([row for row in rows if row[2]], schema=schema, orient="row").sort("field", "reason")


def listed(
    failing: Failing, shown: pl.DataFrame, ragged: pl.DataFrame, width: int, contract: Contract
) -> pl.DataFrame:
    """`line`, `field`, `value` (null when personal), `reason` of failing cells, the first of each kind.

    Args:
        shown: `line` and the fields as text, of every line in `failing`.
        ragged: records with another number of cells than `width`.
    """
    personal = {f.name for f in contract.fields if f.personal}
    parts = [
        _listed(ragged, "", pl.format("{} cells instead of {}", pl.col("cells"), pl.lit(width)), WRONG_WIDTH)
    ]
    for (field, reason), lines in failing.items():
        value = pl.lit(None, pl.String) if field in personal else pl.col(field).str.slice(0, SHOWN)
        hit = shown.filter(pl.col("line").is_in(lines.head(LISTED).implode()))
        parts.append(_listed(hit, field, value, reason))
    return pl.concat(parts)


def of_lines(lines: pl.Series, field: str, reason: str) -> pl.DataFrame:
    """The same for lines of which no value is shown."""
    return _listed(lines.to_frame("line"), field, pl.lit(None, pl.String), reason)


def first(rejects: Iterable[pl.DataFrame], number: int) -> pl.DataFrame:
    """The first of all listed cells, in the order of their lines."""
    return pl.concat(rejects).sort("line", "field", "reason").head(number)


def _listed(hit: pl.DataFrame, field: str, value: pl.Expr, reason: str) -> pl.DataFrame:
    return hit.head(LISTED).select(
        pl.col("line").cast(pl.Int32),
        pl.lit(field).alias("field"),
        value.cast(pl.String).alias("value"),
        pl.lit(reason).alias("reason"),
    )
