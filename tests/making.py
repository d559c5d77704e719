"""Small contracts, files, deliveries and homes for tests. Nothing here asserts anything."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import xlsxwriter
from real_inbox import SHARED

from orchestration.archive import Archive, Delivery
from orchestration.contract import Contract, load_contracts
from orchestration.layouts import Records, read_records
from orchestration.load import bring_up_to_date
from orchestration.load_report import LoadReport
from orchestration.parse import Parsed, parse
from orchestration.settings import PROJECT, Settings

FIXTURES = PROJECT / "tests" / "fixtures"
NOON = datetime(2024, 1, 1, 12)  # uninteresting: when things were loaded

FEED: dict[str, Any] = {
    "name": "feed",
    "title": "A feed",
    "description": "What a small agency writes down.",
    "grain": "one row per line",
    "row_unit": "observation",
    "sources": [{"title": "The agency"}],
    "licenses": [{"title": "CC0-1.0"}],
    "cadence": "yearly",
    "freshness_days": 400,
    "disclosure": "open",
    "path": "*.csv",
    "format": "csv",
    "known_at": {"from": "arrival"},
    "tolerance": {"quarantined": 1.0, "reason": "tests hand in whatever they like"},
    "schema": {
        "fields": [
            {"name": "id", "description": "Identifier", "constraints": {"required": True}},
            {"name": "day", "type": "date", "description": "Day"},
            {"name": "mass_g", "type": "number", "unit": "g", "description": "Mass"},
        ]
    },
}
HEADER = "id,day,mass_g\n"


def field(name: str, **keys: Any) -> dict[str, Any]:
    """One entry of schema.fields."""
    return {"name": name, "description": name.capitalize(), **keys}


def changed(**keys: Any) -> dict[str, Any]:
    """The small contract as a mapping, with keys replaced; `fields` and `primaryKey` mean those of `schema`."""
    data = deepcopy(FEED)
    for key in ("fields", "primaryKey"):
        if key in keys:
            data["schema"][key] = keys.pop(key)
    return data | keys


def feed(**keys: Any) -> Contract:
    """The small contract, with keys replaced."""
    return Contract.model_validate(changed(**keys))


def shipped(name: str) -> Contract:
    """A contract of the project."""
    return load_contracts(PROJECT / "sources")[name]


def written(path: Path, content: str | bytes) -> Path:
    """A file with this content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(folder: Path, content: str | bytes, contract: Contract | None = None) -> Parsed:
    """What the contract makes of a file with this content."""
    contract = contract or feed()
    return parse(written(folder / f"file.{contract.format}", content), contract)


def records(path: Path, contract: Contract, file_name: str | None = None) -> Records:
    """All records of a file."""
    found = list(read_records(path, contract, file_name))
    return Records(pl.concat(part.frame for part in found), found[0].width)


def rows(parsed: Parsed) -> list[tuple[Any, ...]]:
    """The accepted rows without bookkeeping, sorted."""
    return sorted(parsed.frame.drop("_line", "_is_synthetic", "_row_hash").rows(), key=repr)


def rejected(parsed: Parsed) -> list[tuple[Any, ...]]:
    """(line, field, value, reason) of every failing cell."""
    return parsed.rejects.rows()


def workbook(
    cells: Iterable[Sequence[Any]], sheet: str = "Data", first_row: int = 0, first_column: int = 0
) -> bytes:
    """The bytes of a workbook with one sheet."""
    memory = io.BytesIO()
    with xlsxwriter.Workbook(memory, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate(cells):
            page.write_row(first_row + number, first_column, row)
    return memory.getvalue()


def book(sheets: Mapping[str, Iterable[Sequence[Any]]]) -> bytes:
    """The bytes of a workbook with these sheets, in this order."""
    memory = io.BytesIO()
    with xlsxwriter.Workbook(memory, {"in_memory": True}) as workbook_file:
        for name, cells in sheets.items():
            page = workbook_file.add_worksheet(name)
            for number, row in enumerate(cells):
                page.write_row(number, 0, row)
    return memory.getvalue()


def real(pattern: str) -> Path:
    """A real file of ../shared/data; skips where there is none, but not in CI."""
    found = sorted(SHARED.glob(pattern))
    if found:
        return found[0]
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have the real files, and {pattern} is not in {SHARED}.")
    pytest.skip(f"the real files are not here: no {pattern} in ../shared/data beside the project")


def home(folder: Path, now: datetime = NOON) -> Settings:
    """Settings whose every path lies in a folder; `inbox/` and `sources/` exist."""
    (folder / "inbox").mkdir(exist_ok=True, parents=True)
    (folder / "sources").mkdir(exist_ok=True)
    return Settings(home=folder, inbox=folder / "inbox", contracts_dir=folder / "sources", now=now)


class History:
    """The history of one source in a database of its own, told by what was known when."""

    def __init__(self, folder: Path, contract: Contract) -> None:
        self.folder, self.contract = folder, contract
        self.archive = Archive(folder / "archive")
        self.con = duckdb.connect(config={"threads": 2})

    def deliver(self, known: str, content: str, name: str | None = None) -> Delivery:
        """Put a file into the archive without folding it."""
        path = written(self.folder / "drop" / (name or f"{known}.{self.contract.format}"), content)
        sha256, size = self.archive.keep(path)
        moment = datetime.fromisoformat(known)
        delivery = Delivery(moment, sha256, self.contract.name, path.name, size, moment)
        self.archive.record(delivery)
        return delivery

    def fold(self, before: datetime | None = None) -> LoadReport:
        """Bring the raw table up to date."""
        return bring_up_to_date(self.con, self.contract, self.archive, before, NOON)

    def told(self, known: str, content: str) -> LoadReport:
        """Deliver and fold."""
        self.deliver(known, content)
        return self.fold()

    def now(self) -> list[tuple[Any, ...]]:
        """The current rows, data columns only."""
        return self._data("where _valid_to is null")

    def at(self, known: str) -> list[tuple[Any, ...]]:
        """The rows that held at a moment."""
        return self._data(f"where _valid_from <= '{known}' and (_valid_to is null or _valid_to > '{known}')")

    def versions(self) -> list[tuple[Any, ...]]:
        """Every row version, with the files that began and ended it in place of their numbers."""
        return self.sql(
            f"select {self._names()}, _ordinal, _line, _is_synthetic, _valid_from, _valid_to, b.sha256, e.sha256 "
            f"from raw.{self.contract.name} inner join ops.deliveries as b on _delivery_id = b.delivery_id "
            "left join ops.deliveries as e on _ended_by = e.delivery_id order by all"
        )

    def accounts(self) -> list[tuple[Any, ...]]:
        """What was noted about every delivery, folded or refused, without numbers."""
        return self.sql(
            "select d.source, sha256, known_at, rows_in_file, rows_loaded, rows_quarantined, rows_dropped, scopes, "
            "(select list(concat_ws(' ', r.line, r.field, r.reason) order by r.line, r.field, r.reason) from ops.rejects as r where r.delivery_id = d.delivery_id) "
            "from ops.deliveries as d order by all"
        ) + self.sql("select source, sha256, known_at, sentence from ops.refusals order by all")

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self.con.execute(query).fetchall()

    def _data(self, where: str) -> list[tuple[Any, ...]]:
        return self.sql(f"select {self._names()} from raw.{self.contract.name} {where} order by all")

    def _names(self) -> str:
        return ", ".join(name for name, _ in self.contract.raw_columns())
