"""Where the rows are that a check refuses: file, line and column, and what of a row may be shown on a local terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb

MayShow = Callable[[str, str], bool]  # (schema.table, column) → whether its values may be shown
SAMPLES = 3
DELIVERY, LINE = (
    ("_delivery_id", "delivery_id"),
    ("_line", "source_line"),
)  # in raw, and in the models made from it


def of_failing(
    con: duckdb.DuckDBPyConnection, table: str, column: str | None, meta: dict[str, Any], may_show: MayShow
) -> tuple[list[str], list[str]]:
    """Places and samples of the first failing rows; none where their own query fails.

    Args:
        table: the table judged, with its schema.
        column: what the check is about, when it is about one.
        meta: the note of the check (`expectations.suite.Note`).
    """
    try:
        names = [
            d[0] for d in con.execute(f"select * from ({meta['rows']}) as failing limit 0").description or []
        ]
        order = ", ".join(
            [n for n in (*DELIVERY, *LINE) if n in names] or [str(i + 1) for i in range(len(names))]
        )
        first = f"select * from ({meta['rows']}) as failing order by {order} limit {SAMPLES}"
        rows = [dict(zip(names, values, strict=True)) for values in con.execute(first).fetchall()]
    except duckdb.Error:  # the rows are counted all the same; only where they are stays untold
        return [], []
    named = [column] if meta["show"] == "*" else [n for n in names if n not in (*DELIVERY, *LINE)]
    places, samples = [], []
    for row in rows:
        place = _place(con, row, column)
        shown = [f"{n} {_legible(row[n])}" for n in named if n in row and may_show(table, n)]
        places += [place] * bool(place)
        samples += [", ".join([place] * bool(place) + shown)] * bool(place or shown)
    return places, samples


def _legible(value: Any) -> str:
    """A value for the terminal; text in quotes, so that no control character of a file reaches it."""
    return repr(value) if isinstance(value, str) else str(value)


def _place(con: duckdb.DuckDBPyConnection, row: dict[str, Any], column: str | None) -> str:
    """File, line and column of a failing row, as far as it has them."""
    if "column_name" in row:
        return f"column {row['column_name']}"
    delivery = next((row[n] for n in DELIVERY if row.get(n) is not None), None)
    if delivery is None:
        return ""
    known = con.execute("select file_name from ops.deliveries where delivery_id = ?", [delivery]).fetchone()
    line = next((row[n] for n in LINE if row.get(n) is not None), None)
    column = column or row.get("field")
    parts = [known[0] if known else f"delivery {delivery}"]
    return ", ".join(parts + [f"line {line}"] * (line is not None) + [f"column {column}"] * bool(column))
