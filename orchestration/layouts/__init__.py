"""File layouts → records of text. No cell is interpreted here; types and rules are parse.py's.

A room per format turns bytes into rows of text (`Grid`); `columns` finds the header and gives every declared field
its column. Here: unpacking, the look at the first bytes, and which room reads what.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import polars as pl

from orchestration.contract import Contract
from orchestration.contract_parts import TEXT_FORMATS
from orchestration.errors import DeliveryRefused
from orchestration.layouts import limits
from orchestration.layouts.columns import Records, matched
from orchestration.layouts.grids import Grid
from orchestration.layouts.packed import GZIP, ZIP, members, unpacked

__all__ = ["Records", "read_records", "recognised"]

ROOMS = {
    "csv": "delimited", "xls": "sheets", "xlsx": "sheets", "ods": "sheets", "json": "json_records",
    "json_stat": "json_stat", "html": "html_tables", "parquet": "parquet",
}  # fmt: skip
SIGNATURES = {
    "xlsx": ("an Excel workbook", ZIP),
    "xls": ("an Excel workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    "ods": ("an OpenDocument spreadsheet", ZIP),
    "parquet": ("Parquet", b"PAR1"),
}
WEB_PAGE = re.compile(rb"(\xef\xbb\xbf)?\s*<[!?a-zA-Z]")


def read_records(path: Path, contract: Contract, file_name: str | None = None) -> Records:
    """Read a file as text records.

    Args:
        file_name: the name under which it was delivered; that of `path` when absent.

    Raises:
        DeliveryRefused: wrong signature, encoding, damaged quoting or workbook, missing or unknown columns,
            no record below the header, or more than the limits allow.
    """
    parts = recognised(path, contract)
    if contract.reader:
        return matched([Grid(_own_grid(contract.reader, path, contract))], contract, file_name or path.name)
    read: Callable[[bytes, Contract], list[Grid]] = import_module(
        f"orchestration.layouts.{ROOMS[contract.format]}"
    ).read
    grids: list[Grid] = []
    for name, data in parts:
        before = int(grids[-1].frame["line"].max() or 0) + grids[-1].offset if grids else 0  # type: ignore[arg-type]
        grids += [replace(g, sheet=g.sheet or name, offset=g.offset + before) for g in read(data, contract)]
    return matched(grids, contract, Path(file_name or path).name)


def recognised(path: Path, contract: Contract) -> list[tuple[str | None, bytes]]:
    """The unpacked bytes of a file that begins as its format does, or of each of its declared members, by name.

    Raises:
        DeliveryRefused: damaged packing, wrong signature, or more than the limits allow.
    """
    limits.check_file_bytes(path.stat().st_size)
    data, parts = path.read_bytes(), list[tuple[str | None, bytes]]()
    if contract.members:
        parts += members(data, contract.members)
    else:
        parts.append((None, unpacked(data, contract.compression, contract.member)))
    for _, part in parts:
        _check_signature(part, path, contract)
    return parts


def _own_grid(reader: Path, path: Path, contract: Contract) -> pl.DataFrame:
    spec = spec_from_file_location(f"sources.{contract.name}", reader)
    assert spec and spec.loader, reader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    grid: pl.DataFrame = module.grid(path, contract)
    return grid


def _check_signature(data: bytes, path: Path, contract: Contract) -> None:
    if not data:
        raise DeliveryRefused("the file is empty; ask the producer to send it again.")
    if contract.format != "html" and WEB_PAGE.match(data[:512]):
        raise DeliveryRefused(
            f"it is a web page saved as {path.suffix or 'a file'}, not {contract.format}; download it again."
        )
    if contract.format in TEXT_FORMATS and data.startswith(ZIP):
        raise DeliveryRefused(
            f"it is a zip archive or an Excel workbook, not {contract.format}; deliver the {contract.format} itself."
        )
    kind, signature = SIGNATURES.get(contract.format, ("", b""))
    if not data.startswith(signature):
        raise DeliveryRefused(
            f"it is not {kind} ({contract.format}), whatever its name, or it has a password; deliver the file itself."
        )
    if data.startswith(GZIP):
        raise DeliveryRefused(
            f"it is gzip, not {contract.format}; deliver it uncompressed or declare 'compression'."
        )
