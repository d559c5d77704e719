"""File layouts → records of text. No cell is interpreted here; types and rules are parse.py's.

A room per format turns bytes into rows of text (`Grid`); `columns` finds the header and gives every declared field
its column. Here: unpacking, the look at the first bytes, and which room reads what.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from orchestration.contract import Contract
from orchestration.contract_parts import TEXT_FORMATS
from orchestration.errors import DeliveryRefused
from orchestration.layouts import limits
from orchestration.layouts.columns import Records, in_turn, matched
from orchestration.layouts.grids import Grid
from orchestration.layouts.packed import GZIP, ZIP, members, unpacked
from orchestration.layouts.text import may_be_cut

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
BEGINNING = 512  # bytes by which a format is known
WEB_PAGE = re.compile(rb"(\xef\xbb\xbf)?\s*<[!?a-zA-Z]")

Part = tuple[str | None, BinaryIO]  # the name of a member, and its bytes


def read_records(path: Path, contract: Contract, file_name: str | None = None) -> Iterator[Records]:
    """Read a file as text records: a delimited text file block by block, any other format at once.

    Args:
        file_name: the name under which it was delivered; that of `path` when absent.

    Raises:
        DeliveryRefused: wrong signature, encoding, damaged quoting or workbook, missing or unknown columns,
            no record below the header, or more than the limits allow.
    """
    name = Path(file_name or path).name
    with recognised(path, contract) as parts:
        if contract.reader:
            yield matched([Grid(_own_grid(contract.reader, path, contract))], contract, name)
        elif contract.format == "csv" and not contract.members:
            yield from in_turn(_room(contract).grids(parts[0][1], contract), contract, name)
        else:
            yield matched(_all_grids(parts, contract), contract, name)


def _room(contract: Contract) -> Any:
    """The module that reads a format; loaded when it is needed."""
    return import_module(f"orchestration.layouts.{ROOMS[contract.format]}")


def _all_grids(parts: list[Part], contract: Contract) -> list[Grid]:
    read: Callable[[bytes, Contract], list[Grid]] = _room(contract).read
    grids: list[Grid] = []
    for member, file in parts:
        before = int(grids[-1].frame["line"].max() or 0) + grids[-1].offset if grids else 0  # type: ignore[arg-type]
        found = read(file.read(), contract)
        grids += [replace(g, sheet=g.sheet or member, offset=g.offset + before) for g in found]
    return grids


@contextmanager
def recognised(path: Path, contract: Contract) -> Iterator[list[Part]]:
    """A file that begins as its format does, unpacked, or each of its declared members, by name.

    Raises:
        DeliveryRefused: damaged packing, wrong signature, or more than the limits allow.
    """
    as_it_lies = contract.format == "csv" and not (
        contract.compression or contract.members or contract.reader
    )
    in_blocks = as_it_lies and may_be_cut(contract.encodings, contract.dialect.lineTerminator)
    limits.check_file_bytes(path.stat().st_size, in_blocks)
    with path.open("rb") as file:
        parts: list[Part] = [(None, file)]
        if contract.members:
            parts = [(name, io.BytesIO(data)) for name, data in members(file.read(), contract.members)]
        elif not as_it_lies:
            parts = [(None, io.BytesIO(unpacked(file.read(), contract.compression, contract.member)))]
        for _, part in parts:
            _check_signature(part.read(BEGINNING), path, contract)
            part.seek(0)
        yield parts


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
    if contract.format != "html" and WEB_PAGE.match(data):
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
