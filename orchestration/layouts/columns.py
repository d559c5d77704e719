"""Rows of text → records by field: finding the header, matching its columns, filling merged cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from orchestration.contract import Contract
from orchestration.contract_parts import plain_header as plain
from orchestration.errors import DeliveryRefused
from orchestration.layouts import limits
from orchestration.layouts.grids import Grid

SHEETS = ("xls", "xlsx", "ods")
NO_RECORD = "there is a header but not one record below it; ask the producer to send it again."
NO_TEXT = "the file holds no text; ask the producer to send it again."


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


@dataclass(frozen=True)
class Layout:
    """Where the declared fields stand.

    Attributes:
        places: the column of a grid (`c0` …) by field; an absent optional field has none.
        width: how many cells a record has to have.
        behind: the column behind the last one, in which text would be one cell too many though a delimiter may end
            each record; None where none may.
    """

    places: dict[str, str]
    width: int
    behind: str | None

    def applied(self, body: pl.DataFrame, contract: Contract) -> pl.DataFrame:
        """`line`, `cells` and every declared field as text, of the rows of a grid below its header."""
        cells = pl.col("cells")
        if (
            contract.format in SHEETS
        ):  # a sheet has no short rows, but text right of the last header is no layout
            cells = pl.max_horizontal(cells, pl.lit(self.width))
        elif self.behind:
            cells += (pl.col(self.behind).fill_null("").str.strip_chars() != "").cast(pl.Int32)
        fields = [
            pl.col(self.places[f.name]) if f.name in self.places else pl.lit(None, pl.String)
            for f in contract.fields
        ]
        return body.select(
            "line", cells.cast(pl.Int32).alias("cells"),
            *(expr.alias(f.name) for expr, f in zip(fields, contract.fields, strict=True)),
        )  # fmt: skip


def in_turn(grids: Iterable[Grid], contract: Contract, file_name: str) -> Iterator[Records]:
    """The records of one table that comes in several grids, of which the first holds the header, by field.

    Raises:
        DeliveryRefused: as `matched`.
    """
    layout, records = None, 0
    for grid in grids:
        body = grid.frame
        if body.is_empty():
            continue
        if layout is None:
            layout, body = _below_header(body, contract)
        frame = _completed(layout.applied(body, contract), contract, {"file_name": file_name, "sheet": ""})
        frame = frame.with_columns(pl.col("line") + grid.offset)
        _check_cells(frame, contract)
        records += frame.height
        yield Records(frame, layout.width)
    if not records:
        raise DeliveryRefused(NO_RECORD if layout else NO_TEXT)


def matched(grids: list[Grid], contract: Contract, file_name: str) -> Records:
    """The records of all grids (the sheets of a workbook, the members of a zip file, else one), by field.

    Raises:
        DeliveryRefused: when a grid lacks a column, has one too many, or no record below its header.
    """
    parts = []
    for grid in grids:
        try:
            layout, body = _below_header(grid.frame, contract)
            if body.is_empty():
                raise DeliveryRefused(NO_RECORD)
            names = {"sheet": grid.sheet or "", "file_name": file_name}
            frame = _completed(layout.applied(body, contract), contract, names)
            parts.append(Records(frame.with_columns(pl.col("line") + grid.offset), layout.width))
        except DeliveryRefused as error:
            if len(grids) == 1:
                raise
            kind = "sheet" if contract.format in SHEETS else "member"
            raise DeliveryRefused(f"{kind} '{grid.sheet}': {error}") from error
    width = max(part.width for part in parts)
    frame = pl.concat(part.frame.with_columns(cells=pl.col("cells") + (width - part.width)) for part in parts)
    _check_cells(frame, contract)
    return Records(frame, width)


def _check_cells(frame: pl.DataFrame, contract: Contract) -> None:
    longest = frame.select(pl.col(frame.columns[2:]).str.len_bytes().max()).row(0, named=True)
    for name, size in longest.items():
        text, tests = pl.col(name), []
        if (size or 0) > limits.CELL_CHARS:  # characters are no more than bytes, and longer to count
            too_long = f"more than {limits.CELL_CHARS} characters"
            tests.append((text.str.len_chars() > limits.CELL_CHARS, too_long))
        if contract.format != "csv":  # whose text holds none, or is refused
            tests.append((text.str.contains("\0", literal=True), "a NUL character"))
        for hit, what in tests:
            lines = frame.filter(hit)["line"]
            if lines.len():
                raise DeliveryRefused(
                    f"line {lines[0]} holds {what} in the column of '{name}'; ask the producer."
                )


def _below_header(grid: pl.DataFrame, contract: Contract) -> tuple[Layout, pl.DataFrame]:
    if grid.is_empty():
        raise DeliveryRefused(NO_TEXT)
    columns = [c for c in grid.columns if c not in ("line", "cells")]
    if not contract.dialect.header:
        header = [f.headers[0] for f in contract.fields if f.headers]
        return _layout(columns, header, contract), grid
    required = {plain(h) for f in contract.fields if not f.optional for h in f.headers}
    best: list[str] = []
    for row in grid.head(contract.dialect.headerSearchRows).select("line", "cells", *columns).iter_rows():
        header = [(cell or "").strip() for cell in row[2:]]
        if contract.format not in SHEETS:  # whose cells count up to the last one with text
            header = header[: row[1]]
        best = max(best, header, key=lambda h: len({plain(c) for c in h} & required))
        if not _missing(header, contract):
            body = grid.filter(pl.col("line") > row[0])
            return _layout(columns, header, contract), body
    absent = ", ".join(f"'{name}'" for name in _missing(best, contract))
    raise DeliveryRefused(
        f"the header lacks the column {absent}; ask for the agreed layout or add an alias to the contract."
    )


def _missing(header: list[str], contract: Contract) -> list[str]:
    present = {plain(cell) for cell in header}
    return [
        f.headers[0] for f in contract.fields
        if not f.optional and f.virtual is None and not any(plain(h) in present for h in f.headers)
    ]  # fmt: skip


def _layout(columns: list[str], header: list[str], contract: Contract) -> Layout:
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
    # A program that wrote the file anew may have left the delimiter behind the last cell out, in all lines.
    trailing = contract.dialect.trailingDelimiter and (len(header) > width or not contract.dialect.header)
    behind = columns[width] if trailing and len(columns) > width else None
    return Layout(places, width + trailing, behind)


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
