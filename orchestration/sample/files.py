"""Synthetic agency feeds of any size: which files there are, and writing them.

Not here: seizure lines (lines.py), their words (words.py), planted dirt (dirt.py), the small feeds (small.py). The
figures imitate published totals and are not evidence; every row says that it is synthetic.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from orchestration.errors import UsageError
from orchestration.sample.dirt import EARLIER, SMALLEST, earlier_edition, plant
from orchestration.sample.lines import FIELDS, Cell, cell_lines, number_cases, read_cells, scaled
from orchestration.sample.small import DARKNET, POSTAL, QUOTES, Row, darknet, postal, quotes

SEED = 2024
ENCODING = "windows-1252"
REGISTERED = {  # date of the extract by country and year; the second week of February otherwise
    ("NO", 2021): dt.date(2022, 2, 15),
    ("NO", 2022): dt.date(2023, 2, 14),
    ("SE", 2022): dt.date(2023, 3, 1),
    ("SE", 2023): dt.date(2024, 3, 1),
    ("DK", 2023): dt.date(2024, 3, 15),
}


def write_sample(
    out: Path, rows: int | None = None, seed: int | None = None, *, dirt: bool = True
) -> dict[str, int]:
    """Write the four agency feeds, one folder each, one file per country and year; the same bytes for the same call.

    Args:
        out: folder to write into; made when missing. Files of the same name are replaced, others left alone.
        rows: calibrated seizure lines in all. None is the reference size, where `totals.csv` holds exactly;
            any other number scales counts and totals of every cell by the same factor. The small feeds keep their size.
        seed: not negative. None is SEED, that of the files that ship.
        dirt: plant the dirt of `dirt.DIRT` and the earlier edition of Norway 2023, both beside `rows`.

    Returns:
        Records written below the headers, by feed.

    Raises:
        UsageError: when rows or seed are out of range.
    """
    if rows is not None and rows < 1:
        raise UsageError(f"--rows is {rows}; ask for at least one line.")
    seed = SEED if seed is None else seed
    if seed < 0:
        raise UsageError(f"--seed is {seed}; use zero or a positive whole number.")
    cells = read_cells() if rows is None else scaled(read_cells(), rows)
    return {
        "seizures": _write_seizures(out / "seizures", cells, seed, dirt),
        "postal_interceptions": _write_small(out / "postal_interceptions", POSTAL, postal(seed)),
        "price_quotes": _write_small(out / "price_quotes", QUOTES, quotes(seed)),
        "darknet_turnover": _write_small(out / "darknet_turnover", DARKNET, darknet()),
    }


def _known(country: str, year: int) -> dt.date:
    return REGISTERED.get((country, year), dt.date(year + 1, 2, 13))


def _write_seizures(folder: Path, cells: list[Cell], seed: int, dirt: bool) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[tuple[str, int], list[Cell]] = defaultdict(list)
    for cell in cells:
        files[cell.country, cell.start.year].append(cell)
    written = 0
    for (country, year), own in sorted(files.items()):
        known = _known(country, year)
        parts = pl.concat([cell_lines(cell, seed, known) for cell in own])
        lines = number_cases(parts, f"SYN-{country}{year % 100}-", seed)
        amid: list[str] = []
        below: list[str] = []
        if dirt and (country, year) == ("NO", 2023) and lines.height >= SMALLEST:
            early = earlier_edition(lines)
            written += _write_lines(folder / f"NO_2023_known_{EARLIER}.csv", early, [], [])
        if dirt:
            lines, amid, below = plant(lines, country, year)
        written += _write_lines(folder / f"{country}_{year}_known_{known}.csv", lines, amid, below)
    return written


def _write_lines(path: Path, lines: pl.DataFrame, amid: list[str], below: list[str]) -> int:
    """Write lines with the records `amid` after the middle one and those `below` at the end; returns their number."""
    lines, middle = lines.select(FIELDS), lines.height // 2
    with path.open("wb") as file:
        file.write(f"{';'.join(FIELDS)}\n".encode(ENCODING))
        for part, added in ((lines[:middle], amid), (lines[middle:], below)):
            text = part.write_csv(separator=";", include_header=False, quote_style="never")
            file.write((text + "".join(f"{record}\n" for record in added)).encode(ENCODING))
    return lines.height + len(amid) + len(below)


def _write_small(folder: Path, fields: tuple[str, ...], rows: Iterable[Row]) -> int:
    """Write rows whose first cells are the year (not written) and the country, one file for each of both."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for year, *cells in rows:
        files[str(cells[0]), int(str(year))].append((*cells, "true"))
    for (country, year), records in sorted(files.items()):
        text = io.StringIO()
        csv.writer(text, delimiter=";", lineterminator="\n").writerows([(*fields, "is_synthetic"), *records])
        (folder / f"{country}_{year}_known_{dt.date(year + 1, 3, 1)}.csv").write_bytes(
            text.getvalue().encode(ENCODING)
        )
    return sum(map(len, files.values()))
