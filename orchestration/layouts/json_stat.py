"""JSON-stat (versions 1 and 2, as PxWeb writes them) → one record per cell of the cube.

Source of the format: https://json-stat.org/full/ (2.0) and https://json-stat.org/format/v1.03/. Cells are in
row-major order: the last dimension varies fastest.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from orchestration.contract import Contract
from orchestration.errors import DeliveryRefused
from orchestration.layouts import limits
from orchestration.layouts.grids import Grid, with_header
from orchestration.layouts.json_records import loaded


def read(data: bytes, contract: Contract) -> list[Grid]:
    """The cells of the one dataset: a column per dimension with its codes, `<dimension>_label`, `value`, `status`.

    Labels and statuses are offered: those the contract does not declare are left out, where an undeclared
    dimension refuses the file.
    """
    try:
        frame = _cells(_dataset(loaded(data, contract.encodings)))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise DeliveryRefused(
            f"it is not JSON-stat ({type(error).__name__}: {error}); ask for it again in that format."
        ) from error
    declared = {h.casefold() for f in contract.fields for h in f.headers}
    offered = {"status", *(f"{name}_label" for name in frame.columns)}
    kept = [c for c in frame.columns if c not in offered or c.casefold() in declared]
    return [Grid(with_header(frame.select(kept)))]


def _dataset(data: Any) -> dict[str, Any]:
    """The dataset of a response of either version; refused when there is not exactly one."""
    if "class" in data:
        if data["class"] != "dataset":
            raise DeliveryRefused(f"it is a JSON-stat {data['class']}, not a dataset; ask for the dataset.")
        found = [data]
    else:  # version 1: an object of datasets by name, usually "dataset"
        found = [part for part in data.values() if isinstance(part, dict) and "dimension" in part]
    if len(found) != 1:
        raise DeliveryRefused(f"it holds {len(found)} JSON-stat datasets where one is read; ask for one.")
    dataset: dict[str, Any] = found[0]
    return dataset


def _cells(dataset: dict[str, Any]) -> pl.DataFrame:
    dimensions = dataset["dimension"]
    ids = dataset["id"] if "id" in dataset else dimensions["id"]  # version 1 keeps them below `dimension`
    sizes = [int(size) for size in (dataset["size"] if "size" in dataset else dimensions["size"])]
    if len(ids) != len(sizes) or min(sizes, default=0) < 1:
        raise ValueError(f"the {len(ids)} dimensions have sizes {sizes}")
    names = [part for name in ids for part in (name, f"{name}_label")] + ["value", "status"]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"the name {twice[0]} stands for two columns")
    cells = 1
    for size in sizes:
        cells *= size
        limits.check_cells(cells, 2 * len(ids) + 2)
    columns: dict[str, pl.Series] = {}
    for name, size, place in zip(ids, sizes, np.unravel_index(np.arange(cells), sizes), strict=True):
        codes, labels = _categories(dimensions[name].get("category", {}), name, size)
        at = pl.Series(place)
        columns[name] = pl.Series(codes, dtype=pl.String).gather(at)
        columns[f"{name}_label"] = pl.Series(labels, dtype=pl.String).gather(at)
    columns["value"] = _spread(dataset["value"], cells)
    status = dataset.get("status")
    columns["status"] = _spread([status] * cells if isinstance(status, str) else status or {}, cells)
    return pl.DataFrame(columns)


def _categories(category: dict[str, Any], name: str, size: int) -> tuple[list[str], list[str]]:
    label = category.get("label") or {}
    index = category.get("index", list(label))  # a dimension of one category may have a label only
    codes = sorted(index, key=lambda code: int(index[code])) if isinstance(index, dict) else list(index)
    if len(codes) != size:
        raise ValueError(f"the dimension {name} has {len(codes)} categories and says {size}")
    if isinstance(index, dict) and sorted(int(i) for i in index.values()) != list(range(size)):
        raise ValueError(f"the categories of {name} are not numbered from 0 to {size - 1}")
    return codes, [label.get(code, code) for code in codes]


def _spread(given: list[Any] | dict[str, Any], cells: int) -> pl.Series:
    """One text per cell, from a full list or an object by cell number (sparse cubes)."""
    if isinstance(given, dict):
        if wrong := [at for at in given if not 0 <= int(at) < cells]:
            raise ValueError(f"there is no cell {wrong[0]} among {cells}")
        full: list[Any] = [None] * cells
        for at, value in given.items():
            full[int(at)] = value
    else:
        full = given
    if len(full) != cells:
        raise ValueError(f"it has {len(full)} values for {cells} cells")
    return pl.Series(full, dtype=pl.String, strict=True)
