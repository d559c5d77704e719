"""Parquet → rows of text: columns by name, every value as the text that stands for it exactly."""

from __future__ import annotations

import io

import polars as pl

from orchestration.contract import Contract
from orchestration.errors import DeliveryRefused
from orchestration.layouts import limits
from orchestration.layouts.grids import Grid, with_header


def read(data: bytes, contract: Contract) -> list[Grid]:
    """The records of a Parquet file: line n is the nth record."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(data))
        limits.check_columns(file.metadata.num_columns, "it")
        limits.check_cells(file.metadata.num_rows, file.metadata.num_columns)
        table = file.read()
        table.validate(full=True)
        names = table.schema.names
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise DeliveryRefused(f"the column '{twice[0]}' stands in it twice; ask for the agreed layout.")
        # Without the metadata of its fields, which polars takes to be UTF-8.
        frame = pl.from_arrow(pa.Table.from_arrays(table.columns, names=names))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DeliveryRefused(
            f"the Parquet file is damaged or cut short ({str(error).splitlines()[0]}); ask for it again."
        ) from error
    assert isinstance(frame, pl.DataFrame)
    return [Grid(with_header(frame.select(_as_text(name, kind) for name, kind in frame.schema.items())))]


def _as_text(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(kind, pl.List | pl.Array | pl.Struct | pl.Binary | pl.Object):
        raise DeliveryRefused(
            f"the column '{name}' holds {kind}, which is no single value; ask for a flat table."
        )
    if isinstance(kind, pl.Datetime):
        return column.dt.to_string("%Y-%m-%d %H:%M:%S%.f" + ("%z" if kind.time_zone else ""))
    return column.cast(pl.String)
