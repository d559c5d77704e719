"""xls, xlsx and ods → rows of text, through calamine. Every cell is text from the first row on: neither the
declared dimension nor the types a program gave its cells are trusted. Dates come as `2024-01-02 00:00:00`, serial
numbers as their digits, whole numbers without decimals; a cell that holds an error (`#N/A`) comes as empty.
"""

from __future__ import annotations

import re

import polars as pl

from orchestration.contract import Contract
from orchestration.errors import DeliveryRefused
from orchestration.layouts import limits
from orchestration.layouts.grids import Grid
from orchestration.layouts.packed import ZIP, check_workbook

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SIGNATURES = {"xlsx": ZIP, "ods": ZIP, "xls": OLE}


def read(data: bytes, contract: Contract) -> list[Grid]:
    """The rows of every declared sheet; blank rows keep their number and are left out."""
    import fastexcel

    if not data.startswith(SIGNATURES[contract.format]):
        raise DeliveryRefused(
            f"it is not an {'Excel workbook' if contract.format != 'ods' else 'OpenDocument sheet'} ({contract.format}), "
            "whatever its name, or it has a password; deliver the workbook itself."
        )
    if contract.format != "xls":
        check_workbook(data)
    grids, offset = [], 0
    try:
        workbook = fastexcel.read_excel(data)
        for name in _wanted(workbook.sheet_names, contract):
            sheet = workbook.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
            grids.append(Grid(_grid(sheet), name, offset))
            offset += sheet.height
    except fastexcel.FastExcelError as error:
        raise DeliveryRefused(
            f"the workbook is damaged or cut short ({str(error).splitlines()[0]}); ask for it again."
        ) from error
    return grids


def _wanted(names: list[str], contract: Contract) -> list[str]:
    sheet, sheets = contract.dialect.sheet, contract.dialect.sheets
    if sheets is not None:
        found = [name for name in names if re.search(sheets, name)]
    else:
        found = [name for name in names if sheet in (None, name)][:1]
    if not found:
        key, asked = ("sheets", sheets) if sheets is not None else ("sheet", sheet)
        raise DeliveryRefused(f"it has no sheet '{asked}' but {', '.join(names)}; correct 'dialect.{key}'.")
    return found


def _grid(sheet: pl.DataFrame) -> pl.DataFrame:
    limits.check_columns(sheet.width, "a sheet")
    columns = [f"c{i}" for i in range(sheet.width)]
    grid = sheet.rename(dict(zip(sheet.columns, columns, strict=True))).with_row_index("line", offset=1)
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
