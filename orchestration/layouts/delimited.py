"""csv and its kin → rows of text, block by block. A line is a record unless quotes say otherwise.

A file of any size takes the memory of a block. Lines as wide as the header, nearly all of them, are split by Arrow;
any other is split here, where it can be told what is wrong with it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import BinaryIO

import polars as pl
import pyarrow as pa
import pyarrow.csv

from orchestration.contract import Contract
from orchestration.contract_parts import Dialect
from orchestration.errors import DeliveryRefused
from orchestration.layouts import limits
from orchestration.layouts.grids import Grid, grid_of
from orchestration.layouts.text import may_be_cut, texts

BLOCK = 16 << 20  # bytes read at once, and on to the end of the line
FEW = 0.2  # of the lines of a block, up to which those with quotes are split one by one
QUOTED_ROWS = 100_000  # records of a file with quotes that are handed over at once

Cells = dict[int, list[str]]  # of records, by the number of their line in the block


def read(data: bytes, contract: Contract) -> list[Grid]:
    """The rows of a delimited text file that is in memory already, as one grid."""
    found = [
        grid.frame.with_columns(pl.col("line") + grid.offset) for grid in grids(io.BytesIO(data), contract)
    ]
    return [Grid(pl.concat(found) if found else grid_of([], []))]


def grids(file: BinaryIO, contract: Contract) -> Iterator[Grid]:
    """The rows of a delimited text file, a grid a block; all are as wide as the first."""
    dialect, width = contract.dialect, None
    blocks = _texts(file, contract)
    for before, text in blocks:
        quoted = _quoted_lines(text, dialect)
        if quoted is None:
            yield from _quoted(chain([(before, text)], blocks), before, width, dialect)
            return
        plain = _emptied(text, quoted)
        if "\r" in plain:
            line = before + plain[: plain.index("\r")].count("\n") + 1
            raise DeliveryRefused(
                f"line {line} holds a carriage return that ends no line; "
                "correct 'dialect.lineTerminator' in the contract, or ask for the agreed layout."
            )
        quoted = {number: cells for number, cells in quoted.items() if any(map(str.strip, cells))}
        width = width or _width(plain, quoted, dialect)
        if width is None:
            continue
        yield Grid(_plain(plain, quoted, width, dialect), offset=before)


def _emptied(text: str, quoted: Cells) -> str:
    """The text with nothing on the lines that are split already."""
    if not quoted:
        return text
    lines = enumerate(text.split("\n"), start=1)
    return "\n".join("" if number in quoted else line for number, line in lines)


def _quoted_lines(text: str, dialect: Dialect) -> Cells | None:
    """The cells of the few lines with quotes, by their number; None where quotes are many, span lines or are damaged."""
    quote, escape = dialect.quoteChar, dialect.escapeChar
    if escape and escape in text:
        return None
    if not quote or quote not in text:
        return {}
    comment = (dialect.commentChar,) if dialect.commentChar else ()
    numbered = enumerate(text.split("\n"), start=1)
    lines = [(n, line) for n, line in numbered if quote in line and not line.startswith(comment)]
    if dialect.skipInitialSpace or len(lines) > FEW * text.count("\n"):
        return None
    try:
        found = {number: list(_reader([line], dialect)) for number, line in lines}
    except csv.Error:
        return None
    return {number: rows[0] for number, rows in found.items()}


def _texts(file: BinaryIO, contract: Contract) -> Iterator[tuple[int, str]]:
    """Each block as text with `\\n` at the end of lines, and the number of lines before it."""
    terminator = contract.dialect.lineTerminator
    is_cut = may_be_cut(contract.encodings, terminator)

    def blocks() -> Iterator[bytes]:
        file.seek(0)
        while data := file.read(BLOCK if is_cut else -1):
            yield data + file.readline()

    lines = 0
    for _, block in texts(blocks, contract.encodings, terminator.encode()):
        # Twice translated files hold "\r\r\n".
        text = re.sub("\r+\n", "\n", block) if "\r" in block else block
        text = text.replace("\r", "\n") if terminator == "\r" else text
        yield lines, text
        lines += text.count("\n")


def _width(text: str, quoted: Cells, dialect: Dialect) -> int | None:
    """Only rows that may be the header decide how many columns there are; a longer record is told by its cells.

    None where there is no row.
    """
    lines = enumerate(io.StringIO(text, newline="\n"), start=1)
    widths = (
        len(quoted[number]) if number in quoted else line.count(dialect.delimiter) + 1
        for number, line in lines if number in quoted or _is_record(line, dialect)
    )  # fmt: skip
    width = max(islice(widths, dialect.headerSearchRows), default=None)
    limits.check_columns(width or 0, "its header")
    return width


def _blank(dialect: Dialect) -> str:
    """Characters of which a line may consist that is no record, as in a file with quotes: one without any text."""
    return " \t\v\f\u00a0\n" + dialect.delimiter


def _is_record(line: str, dialect: Dialect) -> bool:
    is_comment = dialect.commentChar is not None and line.startswith(dialect.commentChar)
    return bool(line.strip(_blank(dialect))) and not is_comment


def _plain(text: str, quoted: Cells, width: int, dialect: Dialect) -> pl.DataFrame:
    """A line is a record and splits at every delimiter, but for those with quotes, which are split already."""
    odd: dict[int, str] = {}  # lines of another width, by their number

    def set_aside(row: pa.csv.InvalidRow) -> str:
        odd[row.number] = row.text
        return "skip"

    data, names = text.encode(), [f"c{i}" for i in range(width)]
    table = pa.csv.read_csv(
        pa.BufferReader(data),
        read_options=pa.csv.ReadOptions(column_names=names, use_threads=False, block_size=len(data) + 1),
        parse_options=pa.csv.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char=False,
            ignore_empty_lines=False,
            invalid_row_handler=set_aside,
        ),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
        ),
    )
    regular = pl.DataFrame(pl.from_arrow(table))
    numbers = pl.int_range(1, regular.height + len(odd) + 1, dtype=pl.Int32, eager=True)
    lines = numbers.filter(~numbers.is_in(list(odd))) if odd else numbers
    regular = regular.select(
        lines.alias("line"), pl.lit(width, pl.Int32).alias("cells"), pl.all(),
        pl.lit(None, pl.String).alias(f"c{width}"),
    )  # fmt: skip
    regular = _without_blanks(regular, dialect)
    records = {n: line.split(dialect.delimiter) for n, line in odd.items() if _is_record(line, dialect)}
    records |= quoted
    return pl.concat([regular, _rows(records, width)]).sort("line") if records else regular


def _without_blanks(lines: pl.DataFrame, dialect: Dialect) -> pl.DataFrame:
    """The rows that are records; all cells are looked at only where the first is blank, which is seldom."""
    blank = _blank(dialect)
    first = pl.col("c0").str.strip_chars(blank).fill_null("")
    is_comment = pl.col("c0").str.starts_with(dialect.commentChar) if dialect.commentChar else pl.lit(False)
    doubtful = lines.filter((first == "") | is_comment)
    if doubtful.is_empty():
        return lines
    holds_text = pl.any_horizontal((pl.col("^c\\d+$").str.strip_chars(blank) != "").fill_null(False))
    none = doubtful.filter(~holds_text | is_comment)["line"]
    return lines.filter(~pl.col("line").is_in(none.implode()))


def _rows(records: Cells, width: int) -> pl.DataFrame:
    """Records of any width, by their lines: the first `width` cells and one more."""
    rows = [
        [*cells[:width], *[None] * (width - len(cells)), "".join(cells[width : width + 1]) or None]
        for cells in records.values()
    ]
    schema = {f"c{i}": pl.String for i in range(width + 1)}
    return pl.DataFrame(rows, schema=schema, orient="row").select(
        pl.Series("line", list(records), pl.Int32),
        pl.Series("cells", map(len, records.values()), pl.Int32),
        pl.all(),
    )


def _quoted(
    texts: Iterator[tuple[int, str]], before: int, width: int | None, dialect: Dialect
) -> Iterator[Grid]:
    """Quotes in many places, or around the end of a line: the csv module finds the records from here on."""
    reader = _reader((line for _, text in texts for line in io.StringIO(text, newline="\n")), dialect)
    records = _records(reader, before, dialect)
    while batch := list(islice(records, QUOTED_ROWS)):
        if width is None:
            width = max(len(row) for _, row in batch[: dialect.headerSearchRows])
            limits.check_columns(width, "its header")
        rows = [row[: width + 1] for _, row in batch]
        counts = pl.Series([len(row) for _, row in batch], dtype=pl.Int32)
        yield Grid(grid_of(rows, [line for line, _ in batch], width + 1).with_columns(cells=counts))


def _reader(lines: Iterable[str], dialect: Dialect) -> Iterator[list[str]]:
    csv.field_size_limit(limits.CELL_CHARS)
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quoteChar,
        quoting=csv.QUOTE_MINIMAL if dialect.quoteChar else csv.QUOTE_NONE,
        escapechar=dialect.escapeChar,
        skipinitialspace=dialect.skipInitialSpace,
        strict=True,
    )


def _records(reader: Iterator[list[str]], before: int, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of its first line."""
    start = before + 1
    try:
        for row in reader:
            is_comment = (
                bool(dialect.commentChar) and row[:1] and row[0].startswith(dialect.commentChar or "")
            )
            if any(cell.strip() for cell in row) and not is_comment:
                yield start, row
            start = before + reader.line_num + 1  # type: ignore[attr-defined]
    except csv.Error as error:
        raise DeliveryRefused(
            f"the record at line {start} is damaged ({error}): a quote is not closed or not doubled, "
            "or a carriage return stands alone."
        ) from error
