"""What the page's queries return: figures in one form, whatever mart they come from, and the views they make up.

Here: reading a candidate file. Not here: which query (sections.py), what is said about the figures (words.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

QUERIES = Path(__file__).parent / "queries"
Key = tuple[str, str]  # country code and substance group; empty where the section has no such filter
Cell = str | int | float | bool | date | None


@dataclass(frozen=True)
class Row:
    """One figure: a mark of a chart, or a line of a table (whose cells are then in `extra`)."""

    source: str
    is_synthetic: bool
    panel: str = ""
    series: str = ""
    period_start: date | None = None
    period_end: date | None = None
    label: str = ""  # of the category, or of the period
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    note: str | None = None
    extra: Mapping[str, Cell] = field(default_factory=dict)

    def number(self, name: str) -> float | None:
        """A further figure of the row, by the name its query gives it."""
        value = self.extra.get(name)
        return float(value) if isinstance(value, int | float) else None


@dataclass(frozen=True)
class Break:
    """A day from which figures are no longer comparable with those before."""

    country_code: str | None  # everywhere when empty
    substance_group: str | None  # all when empty
    breaks_on: date
    description: str


@dataclass
class View:
    """The rows of a section for one country and substance group."""

    country: str = ""
    substance: str = ""
    rows: list[Row] = field(default_factory=list)
    breaks: list[Break] = field(default_factory=list)


class Missing(Exception):
    """A mart or column that a section reads is not in this build; says which."""


def read_rows(con: duckdb.DuckDBPyConnection, name: str) -> list[dict[str, Cell]]:
    """Run a query of the page.

    Raises:
        Missing: when a table or column it reads is not in the file.
    """
    try:
        cursor = con.execute(query(name))
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise Missing(str(error).splitlines()[0]) from error
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, map(_plain, row), strict=True)) for row in cursor.fetchall()]


def query(name: str) -> str:
    """The SQL of a query, as it stands on the page."""
    return (QUERIES / f"{name}.sql").read_text("utf-8").strip()


def views(rows: Iterable[Mapping[str, Cell]], breaks: Iterable[Break] = ()) -> dict[Key, View]:
    """Rows by what the filters choose, in the order of the query."""
    breaks = list(breaks)
    found: dict[Key, View] = {}
    for cells in rows:
        country, substance = str(cells.get("country_code") or ""), str(cells.get("substance_group") or "")
        view = found.setdefault(
            (country, substance),
            View(
                country=str(cells.get("country_label") or country),
                substance=str(cells.get("substance_group_label") or substance),
                breaks=[
                    b
                    for b in breaks
                    if b.country_code in (None, country) and b.substance_group in (None, substance)
                ],
            ),
        )
        view.rows.append(_row(cells))
    for (
        view
    ) in found.values():  # years before half-years, real before made up; otherwise as the query orders them
        view.rows.sort(key=lambda row: ("half" in row.panel, row.is_synthetic))
    return found


def read_breaks(con: duckdb.DuckDBPyConnection) -> list[Break]:
    """The calendar of breaks in comparability; empty where the file has none."""
    try:
        found = con.execute(
            "select country_code, substance_group, breaks_on, description from reference.breaks order by all"
        ).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return []
    return [Break(*row) for row in found]


def period_label(start: date | None, end: date | None) -> str:
    """A period as people write it: 2023, first half of 2023, March 2023."""
    if start is None:
        return ""
    days = (end - start).days if end else 365
    if days > 300:
        return str(start.year)
    if days > 100:
        return f"{'first' if start.month < 7 else 'second'} half of {start.year}"
    return f"{start:%B %Y}"


def _row(cells: Mapping[str, Cell]) -> Row:
    start, end = cells.get("period_start"), cells.get("period_end")
    start = start if isinstance(start, date) else None
    end = end if isinstance(end, date) else None
    known = {name: cells[name] for name in ("value", "low", "high", "n", "note") if name in cells}
    return Row(
        source=str(cells.get("source") or ""),
        is_synthetic=bool(cells.get("is_synthetic")),
        panel=str(cells.get("panel") or ""),
        series=str(cells.get("series") or ""),
        period_start=start,
        period_end=end,
        label=str(cells.get("label") or "") or period_label(start, end),
        extra=cells,
        **known,  # type: ignore[arg-type]
    )


def _plain(value: Cell | Decimal) -> Cell:
    return float(value) if isinstance(value, Decimal) else value
