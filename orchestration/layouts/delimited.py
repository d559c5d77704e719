"""csv and its kin → rows of text. A line is a record unless quotes say otherwise."""

from __future__ import annotations

import csv
import io
import re

import polars as pl

from orchestration.contract import Contract
from orchestration.errors import DeliveryRefused
from orchestration.layouts import limits
from orchestration.layouts.grids import Grid, grid_of
from orchestration.layouts.text import decoded


def read(data: bytes, contract: Contract) -> list[Grid]:
    """The rows of a delimited text file."""
    dialect = contract.dialect
    text = decoded(data, contract.encodings, dialect.lineTerminator.encode())
    text = re.sub("\r+\n", "\n", text)  # twice translated files hold "\r\r\n"
    if dialect.lineTerminator == "\r":
        text = text.replace("\r", "\n")
    if (dialect.quoteChar and dialect.quoteChar in text) or (
        dialect.escapeChar and dialect.escapeChar in text
    ):
        return [Grid(_quoted(text, contract))]
    if "\r" in text:
        line = text[: text.index("\r")].count("\n") + 1
        raise DeliveryRefused(
            f"line {line} holds a carriage return that ends no line; "
            "correct 'dialect.lineTerminator' in the contract, or ask for the agreed layout."
        )
    return [Grid(_plain(text, contract))]


def _plain(text: str, contract: Contract) -> pl.DataFrame:
    """No quotes anywhere: a line is a record and splits at every delimiter."""
    delimiter, comment = contract.dialect.delimiter, contract.dialect.commentChar
    lines = pl.DataFrame({"text": text.split("\n")}).with_row_index("line", offset=1)
    blank = " \t\v\f\u00a0" + delimiter  # as in a quoted file: a record without any text is a blank line
    lines = lines.filter(pl.col("text").str.strip_chars(blank) != "")
    if comment:
        lines = lines.filter(~pl.col("text").str.starts_with(comment))
    lines = lines.with_columns(cells=pl.col("text").str.count_matches(delimiter, literal=True) + 1)
    # Only rows that may be the header decide how many columns there are; a longer record is told by its cells.
    width = int(lines["cells"].head(contract.dialect.headerSearchRows).max() or 1)  # type: ignore[arg-type]
    limits.check_columns(width, "its header")
    split = (
        pl.col("text")
        .str.split_exact(delimiter, width)
        .struct.rename_fields([f"c{i}" for i in range(width + 1)])
    )
    return lines.select(
        pl.col("line").cast(pl.Int32), pl.col("cells").cast(pl.Int32), split.alias("s")
    ).unnest("s")


def _quoted(text: str, contract: Contract) -> pl.DataFrame:
    """Quotes somewhere: cells may hold delimiters and line ends, so the csv module finds the records."""
    dialect = contract.dialect
    csv.field_size_limit(limits.CELL_CHARS)
    reader = csv.reader(
        io.StringIO(text, newline="\n"),
        delimiter=dialect.delimiter,
        quotechar=dialect.quoteChar,
        quoting=csv.QUOTE_MINIMAL if dialect.quoteChar else csv.QUOTE_NONE,
        escapechar=dialect.escapeChar,
        skipinitialspace=dialect.skipInitialSpace,
        strict=True,
    )
    lines: list[int] = []
    rows: list[list[str]] = []
    counts: list[int] = []
    start, width = 1, 0
    try:
        for row in reader:
            is_comment = (
                bool(dialect.commentChar) and row[:1] and row[0].startswith(dialect.commentChar or "")
            )
            if any(cell.strip() for cell in row) and not is_comment:
                if len(rows) < dialect.headerSearchRows:
                    width = max(width, len(row))
                    limits.check_columns(width, "its header")
                lines.append(start)
                rows.append(row[: width + 1])
                counts.append(len(row))
            start = reader.line_num + 1
    except csv.Error as error:
        raise DeliveryRefused(
            f"the record at line {start} is damaged ({error}): a quote is not closed or not doubled, "
            "or a carriage return stands alone."
        ) from error
    return grid_of(rows, lines).with_columns(cells=pl.Series(counts, dtype=pl.Int32))
