"""How much a file may ask of the machine. One table; every cap ends in a sentence, and none is a matter of taste:
each is far above the largest real delivery known and far below what a small machine can hold.
"""

from __future__ import annotations

from orchestration.errors import DeliveryRefused

FILE_BYTES = 1 << 30  # of a file as delivered, where it is read at once
FILE_BYTES_IN_BLOCKS = 64 << 30  # of one that is read block by block
INFLATED_BYTES = 2 << 30  # of everything a file holds once inflated
RATIO = 250  # inflated to compressed; sheets of real workbooks reach about 60
RATIO_FREE_BYTES = 16 << 20  # below this the ratio does not matter
MEMBERS = 2_000  # of a zip file or workbook
COLUMNS = 2_000
CELL_CHARS = 1 << 20  # a larger cell means a quote that was never closed
CELLS = 200_000_000  # records times columns
WORKBOOK_MEMORY = (
    4 << 30
)  # bytes, of the process that reads a workbook; a million rows of 20 columns take about 2
WORKBOOK_SECONDS = 600  # of processor time of that process


def check_file_bytes(size: int, in_blocks: bool = False) -> None:
    """Refuse a file that is too large to be read."""
    allowed = FILE_BYTES_IN_BLOCKS if in_blocks else FILE_BYTES
    if size > allowed:
        raise DeliveryRefused(
            f"it holds {size} bytes, more than the {allowed} that are read; ask for it in smaller parts."
        )


def check_inflated(inflated: int, compressed: int, what: str) -> None:
    """Refuse what has grown too large, or grows too fast, while it is inflated."""
    if inflated > INFLATED_BYTES:
        raise DeliveryRefused(
            f"{what} inflates to more than {INFLATED_BYTES} bytes, as no honest delivery does; ask the producer."
        )
    if inflated > max(RATIO_FREE_BYTES, RATIO * compressed):
        raise DeliveryRefused(
            f"{what} inflates to more than {RATIO} times its size, as no honest delivery does; ask the producer."
        )


def check_columns(columns: int, where: str) -> None:
    """Refuse a header with too many columns."""
    if columns > COLUMNS:
        raise DeliveryRefused(
            f"{where} has {columns} columns, more than the {COLUMNS} that are read; ask for the agreed layout."
        )


def check_cells(records: int, columns: int) -> None:
    """Refuse a table whose cells would not fit."""
    if records * columns > CELLS:
        raise DeliveryRefused(
            f"it would hold {records} records of {columns} columns, more than the {CELLS} cells that are read; "
            "ask for it in smaller parts."
        )
