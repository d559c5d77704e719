"""Assembles the page: one HTML file with its style, script and figures inside, no request to anywhere.

Here: markup and the content security policy. Not here: what is shown (sections.py) and said (words.py); drawing is
page.js, which needs nothing but the figures in the page. The same file gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import date
from html import escape
from pathlib import Path
from string import Template

import duckdb

from orchestration.database import connect
from orchestration.site import about, words
from orchestration.site.figures import (
    Cell,
    Key,
    Missing,
    Row,
    View,
    query,
    read_breaks,
    read_rows,
    views,
)
from orchestration.site.markup import article, sql, table
from orchestration.site.sections import SECTIONS, Section

HERE = Path(__file__).parent
PAGE = "index.html"
PREFERRED = {"country": "NO", "substance": "cocaine"}  # shown first where the build has them
EPOCH = date(1970, 1, 1).toordinal()
CHART_COLUMNS = ("Chart", "Series", "Period or category", "Value", "Low", "High", "n", "Source", "Note")


def write(warehouse: Path, folder: Path) -> Path:
    """Write the page of a published file into a folder.

    Raises:
        OSError: when the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with connect(warehouse, read_only=True, one_thread=True) as con:
        text = render(con)
    path = folder / PAGE
    path.write_text(text, "utf-8")
    return path


def render(con: duckdb.DuckDBPyConnection) -> str:
    """The page of the published file that `con` has open."""
    breaks = read_breaks(con)
    found: dict[str, dict[Key, View] | Missing] = {}
    for section in SECTIONS:
        try:
            found[section.name] = views(read_rows(con, section.name), breaks if section.breaks else ())
        except Missing as missing:
            found[section.name] = missing
    charts = {name: content for name, content in found.items() if not isinstance(content, Missing)}
    countries = _choices(charts.values(), 0)
    substances = _choices(charts.values(), 1)
    chosen = (_first(countries, "country"), _first(substances, "substance"))
    titles = about.titles(con)
    script, style = (HERE / "page.js").read_text("utf-8"), (HERE / "page.css").read_text("utf-8")
    return Template((HERE / "page.html").read_text("utf-8")).substitute(
        policy=f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; base-uri 'none'; form-action 'none'",
        style=style,
        script=script,
        data=_for_script(_payload(charts, titles)),
        build=about.build(con),
        banner=about.banner(con, charts.values(), titles),
        countries=_options(countries, chosen[0]),
        substances=_options(substances, chosen[1]),
        contents="".join(f'<li><a href="#{s.name}">{escape(s.heading)}</a></li>' for s in SECTIONS),
        sections="".join(_section(section, found[section.name], chosen) for section in SECTIONS),
        claims=about.claims(con),
        freshness=about.freshness(con),
        marts=about.marts(con),
    )


def _section(section: Section, content: dict[Key, View] | Missing, chosen: Key) -> str:
    """A section as it stands before the script runs: the finding and the table of what is chosen first."""
    facts = (
        f'<p class="facts"><a href="#mart-{section.mart}">marts.{section.mart}</a> · unit: {escape(section.unit)} · '
        f'interval: {escape(section.interval)}<span class="sources"></span></p>'
    )
    code = sql(query(section.name))
    if isinstance(content, Missing) or not content:
        why = _absence(section, content)
        return article(section.name, section.heading, why, section.question, f"{facts}{code}")
    view = content.get(_key(content, chosen))
    says = words.finding(view, section.says) if view else NOTHING
    rows = view.rows if view else []
    shown = table(_columns(section), (_cells(section, row) for row in rows), f"Figures of: {section.heading}")
    if section.chart == "table":
        body = f'<div class="charts">{shown}</div>{facts}{code}'
    else:
        body = f'<div class="charts"></div>{facts}<details class="figures"><summary>Figures as a table</summary>{shown}</details>{code}'
    made_up = bool(rows) and all(row.is_synthetic for row in rows)
    return article(section.name, section.heading, says, section.question, body, "made-up" if made_up else "")


RATES = ("cpi", "ecb_fx")  # they convert other sources' figures, and a legend names those
NOTHING = "This build holds no figures for what is chosen."


def _absence(section: Section, content: dict[Key, View] | Missing) -> str:
    if isinstance(content, Missing):
        return f"This build has no marts.{section.mart} to read this from."
    return f"marts.{section.mart} holds no row for this section in this build."


def _columns(section: Section) -> tuple[str, ...]:
    return (*section.columns, "Source") if section.chart == "table" else CHART_COLUMNS


def _cells(section: Section, row: Row) -> list[Cell]:
    source = f"{row.source} (made up)" if row.is_synthetic else row.source
    if section.chart == "table":
        return [*(row.extra.get(column) for column in section.columns), source]
    return [row.panel, row.series, row.label, row.value, row.low, row.high, row.n, source, row.note]


def _payload(charts: dict[str, dict[Key, View]], titles: dict[str, str]) -> dict[str, object]:
    """What page.js draws from: strings once, figures as lists, one list per view."""
    strings: dict[str, int] = {}

    def index(text: Cell) -> int:
        return strings.setdefault("" if text is None else str(text), len(strings))

    sections = [
        {
            "name": section.name, "chart": section.chart, "log": section.log, "columns": _columns(section),
            "views": {
                "|".join(key): [words.finding(view, section.says), [_marks(section, row, index) for row in view.rows]]
                for key, view in charts[section.name].items()
            },
            "breaks": {
                "|".join(key): [[b.breaks_on.toordinal() - EPOCH, index(b.description)] for b in view.breaks]
                for key, view in charts[section.name].items() if view.breaks
            },
        }
        for section in SECTIONS
        if charts.get(section.name)
    ]  # fmt: skip
    return {
        "nothing": NOTHING,
        "sections": sections,
        "sources": titles,
        "rates": RATES,
        "strings": list(strings),
    }


def _marks(section: Section, row: Row, index: Callable[[Cell], int]) -> list[object]:
    """First day, is synthetic, source, then what is drawn: the cells of a table, or panel, series, label, figures, note and
    the days of the period after the first.
    """
    day = row.period_start.toordinal() - EPOCH if row.period_start else None
    start: list[object] = [day, int(row.is_synthetic), index(row.source)]
    if section.chart == "table":
        cells = (row.extra.get(column) for column in section.columns)
        return [
            *start,
            *(_short(cell) if isinstance(cell, float | int) else str(cell or "") for cell in cells),
        ]
    figures = [_short(figure) for figure in (row.value, row.low, row.high, row.n)]
    length = (row.period_end - row.period_start).days if row.period_start and row.period_end else 0
    return [*start, index(row.panel), index(row.series), index(row.label), *figures, index(row.note), length]


def _short(figure: float | None) -> float | None:
    """Five digits: more than anyone sees, and half the bytes."""
    return None if figure is None else float(f"{figure:.5g}") if figure % 1 else int(figure)


def _key(content: dict[Key, View], chosen: Key) -> Key:
    """The view for a choice: a section without substances takes no notice of one, and one that has a single country
    (or none) shows it whatever is chosen, since its title names it.
    """
    countries = {key[0] for key in content}
    country = countries.pop() if len(countries) == 1 else chosen[0]
    return (country, chosen[1] if any(key[1] for key in content) else "")


def _choices(charts: Iterable[dict[Key, View]], part: int) -> dict[str, str]:
    """Codes and labels to choose from, by label."""
    labels = {
        key[part]: (view.country, view.substance)[part]
        for content in charts
        for key, view in content.items()
        if key[part]
    }
    return dict(sorted(labels.items(), key=lambda pair: (pair[1], pair[0])))


def _first(choices: dict[str, str], what: str) -> str:
    return PREFERRED[what] if PREFERRED[what] in choices else next(iter(choices), "")


def _options(choices: dict[str, str], chosen: str) -> str:
    return "".join(
        f'<option value="{escape(code)}"{" selected" if code == chosen else ""}>{escape(label)}</option>'
        for code, label in choices.items()
    )


def _hash(text: str) -> str:
    """The policy's name of an inline script or style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _for_script(payload: object) -> str:
    """JSON that cannot end the element it stands in, whatever a source calls its rows."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
