"""Rows of text → records by field: finding the header, matching its columns, filling merged cells."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from orchestration.contract import Contract
from orchestration.contract_parts import plain_header as plain
from orchestration.errors import DeliveryRefused
from orchestration.layouts import limits
from orchestration.layouts.grids import Grid

SHEETS = ("xls", "xlsx", "ods")


@dataclass(frozen=True)
class Records:
    """The records of a file below its header.

    Attributes:
        frame: `line` (Int32), `cells` (how many it has), then every declared field as text; an absent optional
            field is null throughout. A line is the first physical line of a csv record, the row of a sheet
            (counting on through the sheets or members that are read), the row of an HTML table, or the number of a record
            of JSON, JSON-stat and Parquet.
        width: how many cells a record has to have.
    """

    frame: pl.DataFrame
    width: int


def matched(grids: list[Grid], contract: Contract, file_name: str) -> Records:
    """The records of all grids (the sheets of a workbook, the members of a zip file, else one), by field.

    Raises:
        DeliveryRefused: when a grid lacks a column, has one too many, or no record below its header.
    """
    parts = []
    for grid in grids:
        try:
            names = {"sheet": grid.sheet or "", "file_name": file_name}
            found = _below_header(grid.frame, contract, names)
            parts.append(Records(found.frame.with_columns(pl.col("line") + grid.offset), found.width))
        except DeliveryRefused as error:
            if len(grids) == 1:
                raise
            kind = "sheet" if contract.format in SHEETS else "member"
            raise DeliveryRefused(f"{kind} '{grid.sheet}': {error}") from error
    width = max(part.width for part in parts)
    frame = pl.concat(part.frame.with_columns(cells=pl.col("cells") + (width - part.width)) for part in parts)
    _check_cells(frame)
    return Records(frame, width)


def _check_cells(frame: pl.DataFrame) -> None:
    for name in frame.columns[2:]:
        text = pl.col(name)
        for hit, what in (
            (text.str.len_chars() > limits.CELL_CHARS, f"more than {limits.CELL_CHARS} characters"),
            (text.str.contains("\0", literal=True), "a NUL character"),
        ):
            lines = frame.filter(hit)["line"]
            if lines.len():
                raise DeliveryRefused(
                    f"line {lines[0]} holds {what} in the column of '{name}'; ask the producer."
                )


def _below_header(grid: pl.DataFrame, contract: Contract, names: dict[str, str]) -> Records:
    if grid.is_empty():
        raise DeliveryRefused("the file holds no text; ask the producer to send it again.")
    columns = [c for c in grid.columns if c not in ("line", "cells")]
    if not contract.dialect.header:
        header = [f.headers[0] for f in contract.fields if f.headers]
        return _records(grid, columns, header, contract, names)
    required = {plain(h) for f in contract.fields if not f.optional for h in f.headers}
    best: list[str] = []
    for row in grid.head(contract.dialect.headerSearchRows).select("line", "cells", *columns).iter_rows():
        header = [(cell or "").strip() for cell in row[2:]]
        if contract.format not in SHEETS:  # whose cells count up to the last one with text
            header = header[: row[1]]
        best = max(best, header, key=lambda h: len({plain(c) for c in h} & required))
        if not _missing(header, contract):
            body = grid.filter(pl.col("line") > row[0])
            return _records(body, columns, header, contract, names)
    absent = ", ".join(f"'{name}'" for name in _missing(best, contract))
    raise DeliveryRefused(
        f"the header lacks the column {absent}; ask for the agreed layout or add an alias to the contract."
    )


def _records(
    body: pl.DataFrame, columns: list[str], header: list[str], contract: Contract, names: dict[str, str]
) -> Records:
    found = _matched(body, columns, header, contract)
    return Records(_completed(found.frame, contract, names), found.width)


def _missing(header: list[str], contract: Contract) -> list[str]:
    present = {plain(cell) for cell in header}
    return [
        f.headers[0] for f in contract.fields
        if not f.optional and f.virtual is None and not any(plain(h) in present for h in f.headers)
    ]  # fmt: skip


def _matched(body: pl.DataFrame, columns: list[str], header: list[str], contract: Contract) -> Records:
    width = len(header)
    while width and not header[width - 1]:  # empty cells right of the last header: layout, not data
        width -= 1
    named = {plain(h): f.name for f in contract.fields for h in f.headers}
    places: dict[str, str] = {}
    for column, cell in zip(columns, header[:width], strict=False):
        name = named.get(plain(cell))
        if name is None:
            raise DeliveryRefused(
                f"the column '{cell}' is not declared; add it to schema.fields in {contract.name}.yml."
            )
        if name in places:
            raise DeliveryRefused(
                f"the column '{cell}' stands in the header twice; ask for the agreed layout."
            )
        places[name] = column
    if body.is_empty():
        raise DeliveryRefused(
            "there is a header but not one record below it; ask the producer to send it again."
        )
    # A program that wrote the file anew may have left the delimiter behind the last cell out, in all lines.
    trailing = contract.dialect.trailingDelimiter and (len(header) > width or not contract.dialect.header)
    expected, cells = width + trailing, pl.col("cells")
    if contract.format in SHEETS:  # a sheet has no short rows, but text right of the last header is no layout
        cells = pl.max_horizontal(cells, pl.lit(expected))
    elif (
        trailing and len(columns) > width
    ):  # text behind the last delimiter: one delimiter too many in the record
        cells += (pl.col(columns[width]).fill_null("").str.strip_chars() != "").cast(pl.Int32)
    fields = [
        pl.col(places[f.name]) if f.name in places else pl.lit(None, pl.String) for f in contract.fields
    ]
    frame = body.select(
        "line", cells.cast(pl.Int32).alias("cells"),
        *(expr.alias(f.name) for expr, f in zip(fields, contract.fields, strict=True)),
    )  # fmt: skip
    return Records(frame, expected)


def _completed(frame: pl.DataFrame, contract: Contract, names: dict[str, str]) -> pl.DataFrame:
    """With merged cells filled from above, and the fields that come from a name."""
    for field in contract.dialect.fillDown:
        blank = pl.col(field).str.strip_chars() == ""
        frame = frame.with_columns(pl.when(~blank).then(pl.col(field)).forward_fill().alias(field))
    for f in contract.fields:
        if f.virtual is None:
            continue
        found = re.search(f.virtual.pattern, names[f.virtual.from_])
        if not found:
            what = "the sheet's name" if f.virtual.from_ == "sheet" else "the file's name"
            raise DeliveryRefused(
                f"{what}, '{names[f.virtual.from_]}', does not match '{f.virtual.pattern}', which gives '{f.name}'; "
                "rename it or correct the contract."
            )
        frame = frame.with_columns(pl.lit(found.group(1), pl.String).alias(f.name))
    return frame
