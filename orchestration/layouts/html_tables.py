"""HTML → rows of text: one table of a page, by number or id. Elements that stand in for `table`, `tr` and `td` can
be declared; comments, scripts and what is hidden by style play no part: a hidden table is read like any other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from orchestration.contract import Contract
from orchestration.contract_parts import HtmlTags
from orchestration.errors import DeliveryRefused
from orchestration.layouts import limits
from orchestration.layouts.grids import Grid, grid_of
from orchestration.layouts.text import decoded


def read(data: bytes, contract: Contract) -> list[Grid]:
    """The rows of the declared table, numbered from 1 within it; cells that span rows or columns are repeated."""
    page = _Page(contract.dialect.tags)
    page.feed(decoded(data, contract.encodings))
    page.close()
    for table in page.open:  # whose end the page leaves out
        table.end_row()
    asked = contract.dialect.table
    wanted = [t for n, t in enumerate(page.tables, 1) if asked in (n, t.id)]
    if len(wanted) != 1:
        ids = ", ".join(t.id for t in page.tables[:20] if t.id) or "none with an id"
        raise DeliveryRefused(
            f"{len(wanted)} of its {len(page.tables)} tables are '{asked}' ({ids}); correct 'dialect.table' in the "
            "contract or ask for the agreed layout."
        )
    rows = [row for row in wanted[0].rows if row]
    return [Grid(grid_of(rows, range(1, len(rows) + 1)))] if rows else [Grid(grid_of([[]], [1]).clear())]


@dataclass
class _Table:
    id: str | None
    rows: list[list[str | None]] = field(default_factory=list)
    cell: list[str] | None = None  # the pieces of text of the open cell
    spans: tuple[int, int] = (1, 1)  # columns and rows of the open cell
    due: dict[int, tuple[int, str]] = field(
        default_factory=dict
    )  # column: (rows, text) to repeat in this row
    hanging: dict[int, tuple[int, str]] = field(default_factory=dict)  # the same for the next row

    def start_row(self) -> None:
        self.end_row()
        self.due, self.hanging = self.hanging, {}
        self.rows.append([])
        self._repeat()

    def start_cell(self, columns: int, rows: int) -> None:
        self.end_cell()
        if not self.rows:
            self.start_row()
        self.cell, self.spans = [], (columns, rows)

    def end_cell(self) -> None:
        if self.cell is None:
            return
        text, self.cell = " ".join("".join(self.cell).split()), None
        row, (columns, down) = self.rows[-1], self.spans
        for _ in range(columns):
            if down > 1:
                self.hanging[len(row)] = (down - 1, text)
            row.append(text)
        limits.check_columns(len(row), "a row of the table")
        self._repeat()

    def end_row(self) -> None:
        self.end_cell()
        while self.due:  # a row cut short below cells that span more of them
            self.rows[-1].append(None)
            self._repeat()

    def _repeat(self) -> None:
        row = self.rows[-1]
        while found := self.due.pop(len(row), None):
            left, text = found
            if left > 1:
                self.hanging[len(row)] = (left - 1, text)
            row.append(text)


class _Page(HTMLParser):
    """Collects the tables of a page, in the order in which they begin."""

    def __init__(self, tags: HtmlTags) -> None:
        super().__init__(convert_charrefs=True)
        self.tags = tags
        self.tables: list[_Table] = []
        self.open: list[_Table] = []
        self.skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self.skipped or tag in self.tags.skip:
            self.skipped += [tag] if tag in self.tags.skip else []
        elif tag == self.tags.table[0]:
            self.tables.append(_Table(given.get("id")))
            self.open.append(self.tables[-1])
        elif tag in self.tags.table and self.tables:
            self.open.append(self.tables[-1])
        elif self.open and tag in self.tags.row:
            self.open[-1].start_row()
        elif self.open and tag in self.tags.cell:
            self.open[-1].start_cell(
                *(
                    _span(given.get(key), most)
                    for key, most in (("colspan", limits.COLUMNS), ("rowspan", 1 << 16))
                )
            )
        elif tag == "br":
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if self.skipped:
            if tag == self.skipped[-1]:
                self.skipped.pop()
        elif self.open and tag in self.tags.table:
            self.open.pop().end_row()
        elif self.open and tag in self.tags.row:
            self.open[-1].end_row()
        elif self.open and tag in self.tags.cell:
            self.open[-1].end_cell()

    def handle_data(self, data: str) -> None:
        if self.open and not self.skipped and self.open[-1].cell is not None:
            self.open[-1].cell.append(data)


def _span(text: str | None, most: int) -> int:
    digits = (text or "").strip()[:6]
    return min(max(int(digits), 1), most) if digits.isdecimal() else 1
