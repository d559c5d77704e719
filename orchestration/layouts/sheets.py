"""xls, xlsx and ods → rows of text, through calamine. Every cell is text from the first row on: neither the
declared dimension nor the types a program gave its cells are trusted. Dates come as `2024-01-02 00:00:00`, serial
numbers as their digits, whole numbers without decimals; a cell that holds an error (`#N/A`) comes as empty.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pyarrow as pa

from orchestration.contract import Contract
from orchestration.errors import DeliveryRefused
from orchestration.layouts import limits
from orchestration.layouts.grids import Grid
from orchestration.layouts.packed import check_workbook


def read(data: bytes, contract: Contract) -> list[Grid]:
    """The rows of every declared sheet; blank rows keep their number and are left out."""
    if contract.format != "xls":
        check_workbook(data, contract.format)
    found = _from_reader(data, contract)
    end = found.index(b"\n") + 1
    sheets, streams = json.loads(found[:end]), pa.BufferReader(pa.py_buffer(found).slice(end))
    if not sheets["read"]:
        key, asked = next(
            (k, v) for k in ("sheets", "sheet") if (v := getattr(contract.dialect, k)) is not None
        )
        raise DeliveryRefused(
            f"it has no sheet '{asked}' but {', '.join(sheets['names'])}; correct 'dialect.{key}'."
        )
    grids, offset = [], 0
    for name in sheets["read"]:
        sheet = pl.from_arrow(pa.ipc.open_stream(streams).read_all())
        assert isinstance(sheet, pl.DataFrame)
        grids.append(Grid(_grid(sheet), name, offset))
        offset += sheet.height
    return grids


def _from_reader(data: bytes, contract: Contract) -> bytes:
    asked = {
        "sheet": contract.dialect.sheet,
        "sheets": contract.dialect.sheets,
        "memory": limits.WORKBOOK_MEMORY,
        "seconds": limits.WORKBOOK_SECONDS,
    }
    done = subprocess.run(  # noqa: S603 (this Python, and a script of this package)
        [sys.executable, "-I", str(Path(__file__).with_name("workbook.py")), json.dumps(asked)],
        input=data,
        capture_output=True,
        check=False,
        env={**os.environ, "POLARS_MAX_THREADS": "1", "RUST_BACKTRACE": "0"},
    )
    said = done.stderr.decode("utf-8", errors="replace").strip().splitlines()
    if done.returncode == 3:
        raise DeliveryRefused(f"the workbook is damaged or cut short ({said[-1]}); ask for it again.")
    if done.returncode:
        raise DeliveryRefused(
            f"the workbook cannot be read within {limits.WORKBOOK_MEMORY >> 30} GB of memory and "
            f"{limits.WORKBOOK_SECONDS} seconds ({said[0][:200] if said else f'signal {-done.returncode}'}); "
            "it is damaged, or has cells far outside its table. Ask the producer."
        )
    return done.stdout


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
