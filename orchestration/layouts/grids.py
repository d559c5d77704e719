"""What every reader hands over: rows of text, the header among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Grid:
    """Rows of text as they stand in a file.

    Attributes:
        frame: `line` (Int32, unique and rising), `cells` (Int32, how many the row has), then c0, c1, … (String).
        sheet: the name of the sheet or of the member, where there are several.
        offset: what to add to `line` to count on through the sheets or members before.
    """

    frame: pl.DataFrame
    sheet: str | None = None
    offset: int = 0


def grid_of(
    rows: Sequence[Sequence[str | None]], lines: Sequence[int], width: int | None = None
) -> pl.DataFrame:
    """A grid of rows of unequal length, as wide as the longest if not as said; `line` and `cells` first."""
    width = width or max((len(row) for row in rows), default=1)
    columns = {
        f"c{i}": pl.Series([row[i] if i < len(row) else None for row in rows], dtype=pl.String)
        for i in range(width)
    }
    return pl.DataFrame({"line": lines, "cells": [len(r) for r in rows]} | columns).with_columns(
        pl.col("line", "cells").cast(pl.Int32)
    )


def with_header(body: pl.DataFrame) -> pl.DataFrame:
    """A grid of a frame of text whose column names are the header: records are numbered from 1, the header is 0."""
    names = body.columns
    renamed = body.rename({name: f"c{i}" for i, name in enumerate(names)})
    header = pl.DataFrame({f"c{i}": [name] for i, name in enumerate(names)}, schema=renamed.schema)
    return pl.concat([header, renamed]).select(
        pl.int_range(pl.len(), dtype=pl.Int32).alias("line"),
        pl.lit(len(names), pl.Int32).alias("cells"),
        pl.all(),
    )
