"""File layouts → records of text: csv and spreadsheets. No cell is interpreted here.

Here: signatures, encodings, delimiters, finding and matching the header. Not here: types and rules (parse.py).
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from orchestration.contract import Contract
from orchestration.errors import DeliveryRefused

ZIP_SIGNATURE = b"PK\x03\x04"
LARGEST_CELL = 1 << 20  # characters; a larger cell means a quote that was never closed


@dataclass(frozen=True)
class Records:
    """The records of a file below its header.

    Attributes:
        frame: `line` (Int32, first physical line or sheet row of the record), `cells` (how many it has), then
            every declared field as text; an absent optional field is null throughout.
        width: how many cells a record has to have.
    """

    frame: pl.DataFrame
    width: int


def read_records(path: Path, contract: Contract) -> Records:
    """Read a file as text records.

    Raises:
        DeliveryRefused: wrong signature, encoding, damaged quoting or workbook, missing or unknown columns,
            or no record below the header.
    """
    with path.open("rb") as file:
        head = file.read(512)
    if not head:
        raise DeliveryRefused("the file is empty; ask the producer to send it again.")
    if re.match(rb"(\xef\xbb\xbf)?\s*<[!?a-zA-Z]", head):
        raise DeliveryRefused(
            f"it is a web page saved as {path.suffix or 'a file'}, not {contract.format}; download it again."
        )
    grid = _csv_grid(path, contract) if contract.format == "csv" else _sheet_grid(path, contract)
    return _below_header(grid, contract)


def _csv_grid(path: Path, contract: Contract) -> pl.DataFrame:
    data = path.read_bytes()
    if data.startswith(ZIP_SIGNATURE):
        raise DeliveryRefused("it is a zip archive or an Excel workbook, not csv; deliver the csv itself.")
    text = _decode(data, contract.encoding, contract.dialect.lineTerminator.encode())
    text = re.sub("\r+\n", "\n", text)  # twice translated files hold "\r\r\n"
    if contract.dialect.lineTerminator == "\r":
        text = text.replace("\r", "\n")
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise DeliveryRefused(
            f"line {line} holds a NUL byte, so it is damaged or not {contract.encoding} text."
        )
    quote = contract.dialect.quoteChar
    if quote and quote in text:
        return _quoted_grid(text, contract.dialect.delimiter, quote)
    if "\r" in text:
        line = text[: text.index("\r")].count("\n") + 1
        raise DeliveryRefused(
            f"line {line} holds a carriage return that ends no line; "
            "correct 'dialect.lineTerminator' in the contract, or ask for the agreed layout."
        )
    return _plain_grid(text, contract.dialect.delimiter)


def _decode(data: bytes, encoding: str, line_end: bytes) -> str:
    name = codecs.lookup(encoding).name
    if not name.startswith("utf") and not data.isascii() and _is_utf8(data):
        # Every UTF-8 file decodes as a one-byte encoding, to other letters; no text in one reads as UTF-8.
        line = data[: next(i for i, byte in enumerate(data) if byte > 0x7F)].count(line_end) + 1
        raise DeliveryRefused(
            f"line {line} is UTF-8, not {encoding}; "
            "ask for the declared encoding or correct 'encoding' in the contract."
        )
    try:
        return data.decode("utf-8-sig" if name == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(line_end) + 1
        raise DeliveryRefused(
            f"line {line} is not {encoding} (byte 0x{data[error.start]:02x}); "
            "ask for the declared encoding or correct 'encoding' in the contract."
        ) from error
    except UnicodeError as error:
        raise DeliveryRefused(
            f"it is not {encoding} text: {error}; correct 'encoding' in the contract."
        ) from error


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _plain_grid(text: str, delimiter: str) -> pl.DataFrame:
    """No quotes anywhere: a line is a record and splits at every delimiter."""
    lines = pl.DataFrame({"text": text.split("\n")}).with_row_index("line", offset=1)
    blank = " \t\v\f\u00a0" + delimiter  # as in a quoted file: a record without any text is a blank line
    lines = lines.filter(pl.col("text").str.strip_chars(blank) != "")
    lines = lines.with_columns(cells=pl.col("text").str.count_matches(delimiter, literal=True) + 1)
    width = int(lines["cells"].max() or 1)  # type: ignore[arg-type]
    split = (
        pl.col("text")
        .str.split_exact(delimiter, width - 1)
        .struct.rename_fields([f"c{i}" for i in range(width)])
    )
    return lines.select(
        pl.col("line").cast(pl.Int32), pl.col("cells").cast(pl.Int32), split.alias("s")
    ).unnest("s")


def _quoted_grid(text: str, delimiter: str, quote: str) -> pl.DataFrame:
    """Quotes somewhere: cells may hold delimiters and line ends, so the csv module finds the records."""
    csv.field_size_limit(LARGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter, quotechar=quote, strict=True)
    lines, rows, start = [], [], 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                lines.append(start)
                rows.append(row)
            start = reader.line_num + 1
    except csv.Error as error:
        raise DeliveryRefused(
            f"the record at line {start} is damaged ({error}): a quote is not closed or not doubled, "
            "or a carriage return stands alone."
        ) from error
    width = max((len(row) for row in rows), default=1)
    columns = {
        f"c{i}": pl.Series([row[i] if i < len(row) else None for row in rows], dtype=pl.String)
        for i in range(width)
    }
    return pl.DataFrame({"line": lines, "cells": [len(r) for r in rows]} | columns).with_columns(
        pl.col("line", "cells").cast(pl.Int32)
    )


def _sheet_grid(path: Path, contract: Contract) -> pl.DataFrame:
    import fastexcel

    data = path.read_bytes()
    if not data.startswith(ZIP_SIGNATURE):
        raise DeliveryRefused(
            "it is not an Excel workbook (xlsx), whatever its name; deliver the workbook itself."
        )
    try:
        workbook = fastexcel.read_excel(data)
        sheet = contract.dialect.sheet
        if sheet and sheet not in workbook.sheet_names:
            raise DeliveryRefused(
                f"it has no sheet '{sheet}' but {', '.join(workbook.sheet_names)}; correct 'dialect.sheet'."
            )
        # Every cell as text, from the first row: the declared dimension and Excel's own types are not trusted.
        grid = workbook.load_sheet(sheet or 0, header_row=None, skip_rows=0, dtypes="string").to_polars()
    except fastexcel.FastExcelError as error:
        raise DeliveryRefused(
            f"the workbook is damaged or cut short ({str(error).splitlines()[0]}); ask for it again."
        ) from error
    columns = [f"c{i}" for i in range(grid.width)]
    grid = grid.rename(dict(zip(grid.columns, columns, strict=True))).with_row_index("line", offset=1)
    grid = grid.filter(pl.any_horizontal(pl.col(columns).fill_null("").str.strip_chars() != ""))
    filled = (
        pl.when(pl.col(c).fill_null("").str.strip_chars() != "").then(i + 1).otherwise(0)
        for i, c in enumerate(columns)
    )
    return grid.select(
        pl.col("line").cast(pl.Int32),
        pl.max_horizontal(pl.lit(0), *filled).cast(pl.Int32).alias("cells"),
        *columns,
    )


def _below_header(grid: pl.DataFrame, contract: Contract) -> Records:
    if grid.is_empty():
        raise DeliveryRefused("the file holds no text; ask the producer to send it again.")
    columns = [c for c in grid.columns if c not in ("line", "cells")]
    required = {h.casefold(): f for f in contract.fields if not f.optional for h in f.headers}
    best: list[str] = []
    for row in grid.head(contract.dialect.headerSearchRows).select("line", *columns).iter_rows():
        header = [(cell or "").strip() for cell in row[1:]]
        best = max(best, header, key=lambda h: len({c.casefold() for c in h} & set(required)))
        if not _missing(header, contract):
            body = grid.filter(pl.col("line") > row[0])
            return _matched(body, columns, header, contract)
    absent = ", ".join(f"'{name}'" for name in _missing(best, contract))
    raise DeliveryRefused(
        f"the header lacks the column {absent}; ask for the agreed layout or add an alias to the contract."
    )


def _missing(header: list[str], contract: Contract) -> list[str]:
    present = {cell.casefold() for cell in header}
    return [
        f.headers[0] for f in contract.fields
        if not f.optional and not any(h.strip().casefold() in present for h in f.headers)
    ]  # fmt: skip


def _matched(body: pl.DataFrame, columns: list[str], header: list[str], contract: Contract) -> Records:
    width = len(header)
    while width and not header[width - 1]:  # empty cells right of the last header: layout, not data
        width -= 1
    named = {h.strip().casefold(): f.name for f in contract.fields for h in f.headers}
    places: dict[str, str] = {}
    for column, cell in zip(columns[:width], header[:width], strict=True):
        name = named.get(cell.casefold())
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
    trailing = contract.dialect.trailingDelimiter
    expected, cells = width + trailing, pl.col("cells")
    if contract.format == "xlsx":  # a sheet has no short rows, but text right of the last header is no layout
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
