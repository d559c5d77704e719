"""The seizures feed of any size, and the nights after: the same bytes for the same call.

A night changes a share of the lines, every n-th in the order of the files. As a full extract each file comes again in a
later edition, half of those lines corrected (another quantity), half of them beside new ones. As a small delivery it
comes as new lines of a country and year that nobody delivered before: the contract lets a delivery replace a country's
year, so a correction always brings its year along. Not here: the lines themselves (orchestration.sample).
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from orchestration.sample import write_sample
from orchestration.sample.lines import FIELDS

ENCODING = "windows-1252"
CASE, LINE_NO, JOINT, COUNTRY, DAY, QUANTITY, STATUS = (
    FIELDS.index(name)
    for name in ("case_id", "line_no", "joint_case_id", "country_code", "seized_on", "quantity", "status")
)
FIRST_NIGHT = dt.date(2024, 4, 1)


def first(inbox: Path, rows: int) -> None:
    """Write `rows` calibrated seizure lines, and the dirt beside them, into the folder `seizures` of an inbox."""
    inbox.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=inbox.parent) as room:
        write_sample(Path(room), rows)
        shutil.move(Path(room) / "seizures", inbox / "seizures")


def extract_night(before: Path, after: Path, share: float, number: int = 0) -> None:
    """Write the inbox of the night `number` (from 0): what lay in `before`, and a later edition of each file.

    Args:
        share: of the lines, above 0 and at most 0.5.
    """
    _carry_over(before, after)
    known = FIRST_NIGHT + dt.timedelta(days=number)
    for path in latest_editions(before):
        name = f"{path.name[:7]}_known_{known}.csv"
        _write(after / "seizures" / name, path, _edition(path, share, number))


def delta_night(before: Path, after: Path, share: float, country: str = "FI") -> None:
    """Write the inbox of a night that brings a small delivery alone: new lines, `share` of those that stand."""
    _carry_over(before, after)
    files = latest_editions(before)
    name = f"{country}_{FIRST_NIGHT.year}_known_{FIRST_NIGHT}.csv"
    _write(
        after / "seizures" / name, files[0], (r for path in files for r in _elsewhere(path, share, country))
    )


def latest_editions(inbox: Path) -> list[Path]:
    """Of each country and year the file known last."""
    files = {path.name[:7]: path for path in sorted((inbox / "seizures").glob("*.csv"))}
    return list(files.values())


def _carry_over(before: Path, after: Path) -> None:
    (after / "seizures").mkdir(parents=True)
    for path in (before / "seizures").iterdir():
        os.link(path, after / "seizures" / path.name)


def _write(path: Path, like: Path, records: Iterator[str]) -> None:
    """Write the header of another file, and records."""
    with (
        like.open(encoding=ENCODING, newline="") as file,
        path.open("w", encoding=ENCODING, newline="") as out,
    ):
        out.write(file.readline())
        out.writelines(records)


def _picked(path: Path, share: float, offset: int = 0) -> Iterator[tuple[int, str, list[str] | None]]:
    """Each record below the header, numbered; its cells where it is one of the share and clean enough to be changed."""
    step = round(1 / share)
    with path.open(encoding=ENCODING, newline="") as file:
        next(file)
        for number, record in enumerate(file):
            cells = record.split(";") if number % step == offset % step else []
            sound = (
                len(cells) == len(FIELDS) and cells[STATUS] == "confirmed" and cells[QUANTITY][:1].isdigit()
            )
            yield number, record, cells if sound else None


def _edition(path: Path, share: float, night: int) -> Iterator[str]:
    changed = 0
    for number, record, cells in _picked(path, share, 7 * night):
        if cells is None:
            yield record
            continue
        changed += 1
        if changed % 2:
            quantity = cells[QUANTITY]
            cells[QUANTITY] = str(int(quantity[0]) % 9 + 1) + quantity[1:]
        else:
            yield record
            _renamed(cells, path, f"N{night}", number)
        yield ";".join(cells)


def _elsewhere(path: Path, share: float, country: str) -> Iterator[str]:
    for number, _, cells in _picked(path, share):
        if cells is not None:
            _renamed(cells, path, country, number)
            cells[COUNTRY] = country
            cells[DAY] = f"{FIRST_NIGHT.year}-{1 + number % 3:02d}-{1 + number % 28:02d}"
            yield ";".join(cells)


def _renamed(cells: list[str], path: Path, letters: str, number: int) -> None:
    """A case of its own, so that the line is a new one."""
    cells[CASE], cells[LINE_NO], cells[JOINT] = f"SYN-{path.name[:7]}-{letters}-{number}", "1", ""
