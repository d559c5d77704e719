"""JSON → rows of text: a list of objects at a declared path. Numbers are the text that stands in the file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from orchestration.contract import Contract
from orchestration.errors import DeliveryRefused
from orchestration.layouts import limits
from orchestration.layouts.grids import Grid, grid_of
from orchestration.layouts.text import decoded

DEEPEST = 20  # levels of objects inside a record


def read(data: bytes, contract: Contract) -> list[Grid]:
    """The records at `dialect.records`: line 0 holds the dotted keys of all of them, line n the nth record."""
    records = _at(loaded(data, contract.encodings), contract.dialect.records)
    if not isinstance(records, list) or not records:
        raise DeliveryRefused(
            f"it holds no list of records at '{contract.dialect.records or ''}' ('dialect.records'); "
            "ask for the agreed layout or correct the contract."
        )
    flat: list[dict[str, str | None] | None] = []
    places: dict[str, int] = {}
    for record in records:
        cells = _flat(record) if isinstance(record, dict) else None
        flat.append(cells)
        for key in cells or ():
            places.setdefault(key, len(places))
        limits.check_columns(len(places), "a record")
    limits.check_cells(len(flat), len(places))
    keys = list(places)
    # What is no object has no cells, and so is quarantined by their number.
    rows: list[list[str | None]] = [
        [] if cells is None else [cells.get(key) for key in keys] for cells in flat
    ]
    rows.insert(0, list(keys))
    return [Grid(grid_of(rows, range(len(rows))))]


def loaded(data: bytes, encodings: Sequence[str]) -> Any:
    """A JSON text with every number as the text that stands there.

    Raises:
        DeliveryRefused: when it is no JSON, names a key twice in one object, or nests without end.
    """
    try:
        return json.loads(
            decoded(data, encodings),
            parse_int=str,
            parse_float=str,
            parse_constant=str,
            object_pairs_hook=_once_each,
        )
    except json.JSONDecodeError as error:
        raise DeliveryRefused(
            f"line {error.lineno}, column {error.colno} is not JSON ({error.msg}): it is damaged or cut short; ask for it again."
        ) from error
    except RecursionError as error:
        raise DeliveryRefused("its lists and objects nest too deeply; ask the producer.") from error


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for key in names if names.count(key) > 1)
        raise DeliveryRefused(f"an object names the key '{twice[:100]}' twice; ask the producer which holds.")
    return found


def _at(data: Any, path: str | None) -> Any:
    for step in path.split(".") if path else ():
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and step.isdecimal() and int(step) < len(data):
            data = data[int(step)]
        else:
            return None
    return data


def _flat(record: dict[str, Any], before: str = "", depth: int = 0) -> dict[str, str | None]:
    cells: dict[str, str | None] = {}
    for key, value in record.items():
        if isinstance(value, dict) and depth < DEEPEST:
            cells |= _flat(value, f"{before}{key}.", depth + 1)
        else:
            cells[before + key] = _text(value)
    return cells


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
