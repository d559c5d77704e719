"""Findings: what the figures of a view say, in one sentence computed from them.

Here: sentences. Not here: figures (figures.py), markup (page.py). A sentence rests on real rows wherever there are
some; one that rests on synthetic rows says so first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from orchestration.site.figures import Row, View

MADE_UP = "Made-up figures: "
Finding = Callable[[View], str]
WITH_ARTICLE = ("United ", "Netherlands", "Bahamas", "Philippines", "Russian Federation", "Gambia")
EVIDENCE = ("Seizures", "Mass seized", "Price", "Purity", "Wastewater", "Surveys")
VERDICTS = {
    "contradicted": "contradicted",
    "supported": "supported",
    "mixed": "mixed",
    "scope_differs": "different in scope",
    "insufficient_data": "without enough data",
    "untestable": "untestable",
}


def number(value: float | None) -> str:
    """A figure as people read it: about three digits, thousands apart."""
    if value is None:
        return "–"
    size = abs(value)
    if size == 0 or size >= 1e15:
        return f"{value:.3g}"
    digits = max(0, 2 - math.floor(math.log10(size))) if size < 100 else 0
    text = f"{value:,.{digits}f}".replace(",", "\u00a0").replace("-", "\u2212")
    return text.rstrip("0").rstrip(".") if "." in text else text


def listed(parts: Sequence[str]) -> str:
    """Words joined as a sentence joins them."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def place(country: str) -> str:
    """A country's name with its article."""
    return f"the {country}" if country.startswith(WITH_ARTICLE) else country


def lead(rows: Iterable[Row]) -> list[Row]:
    """The series a sentence is about, oldest row first: real before synthetic, years before half-years, then the
    one that reaches furthest, then the longest.
    """
    series = [list(found) for _, found in groupby(sorted(rows, key=_series), key=_series)]
    for found in series:
        found.sort(key=lambda r: (r.period_start is not None, r.period_start, r.label))
    return min(
        series,
        key=lambda s: (
            s[0].is_synthetic, "half" in s[0].panel, -(s[-1].period_start.toordinal() if s[-1].period_start else 0),
            -len(s), _series(s[0]),
        ),
        default=[],
    )  # fmt: skip


def _series(row: Row) -> tuple[str, str, str]:
    return row.panel, row.series, row.source


def finding(view: View, says: Finding) -> str:
    """A view's sentence, marked where it rests on synthetic rows: those are left out where others exist."""
    real = [row for row in view.rows if not row.is_synthetic]
    sentence = says(View(view.country, view.substance, real or view.rows, view.breaks))
    # A unit does not leave its figure at the end of a line.
    sentence = re.sub(r" (?=%|kg\b|mg\b)", "\u00a0", sentence)
    return sentence if real else MADE_UP + sentence


def stated(view: View, rows: Sequence[Row], unit: str) -> str:
    """The last figure of a series with its interval and period, and how it stands to the one before."""
    return f"{number(rows[-1].value)}{unit}{interval(rows[-1])} in {place_in_time(rows[-1])}{compared(view, rows, unit)}"


def compared(view: View, rows: Sequence[Row], unit: str) -> str:
    """How the last figure of a series stands to the one before; nothing where there is none."""
    if len(rows) < 2:
        return ""
    before, last = rows[-2:]
    if across_a_break(view, before, last):
        where = (
            "which a break in comparability runs through"
            if across_a_break(view, before, before)
            else "before a break in comparability"
        )
        return f"; {number(before.value)}{unit} in {place_in_time(before)}, {where}"
    if last.value == before.value:
        return f", as in {place_in_time(before)}"
    word = "up" if (last.value or 0) > (before.value or 0) else "down"
    return f", {word} from {number(before.value)}{unit} in {place_in_time(before)}"


def place_in_time(row: Row) -> str:
    """The period of a row, as it stands after 'in'."""
    return f"the {row.label}" if "half" in row.label else row.label


def interval(row: Row) -> str:
    """The 95 per cent interval in brackets; nothing where there is none."""
    return f" ({number(row.low)}–{number(row.high)})" if row.low is not None and row.high is not None else ""


def across_a_break(view: View, before: Row, last: Row) -> bool:
    """Whether a break in comparability lies between two periods: then neither is up or down from the other."""
    start, end = before.period_start, last.period_end
    return start is not None and end is not None and any(start < b.breaks_on <= end for b in view.breaks)


def share_of_seizures(view: View) -> str:
    """How large a share of the seizures, and against the period before."""
    return _share(view, "seizures")


def share_of_mass(view: View) -> str:
    """The same by mass, and what is left without the three largest seizures."""
    whole = [row for row in view.rows if row.series != "Without the three largest"]
    sentence = _share(View(view.country, view.substance, whole, view.breaks), "mass seized")
    last = lead(whole)[-1]
    rest = [
        row.value
        for row in view.rows
        if row.series == "Without the three largest"
        and (row.source, row.panel, row.period_start) == (last.source, last.panel, last.period_start)
    ]
    return f"{sentence}; without its three largest seizures, {number(rest[0])} %" if rest else sentence


def _share(view: View, of: str) -> str:
    rows = lead(view.rows)
    return (
        f"{view.substance} accounted for {number(rows[-1].value)} %{interval(rows[-1])} of the {of} in {place(view.country)} in "
        f"{place_in_time(rows[-1])}{compared(view, rows, ' %')}"
    )


def three_largest(view: View) -> str:
    """What the three largest seizures do to the mass of the last period in which they are known."""
    rest = lead([row for row in view.rows if row.series == "Without the three largest"])[-1]
    whole = next(
        row
        for row in view.rows
        if row.series == "All seizures"
        and (row.source, row.panel, row.period_start) == (rest.source, rest.panel, rest.period_start)
    )
    share = 100 * (1 - (rest.value or 0) / whole.value) if whole.value else 0
    return (
        f"Three seizures were {number(share)} % of the {view.substance.lower()} seized in {place(view.country)} in "
        f"{place_in_time(rest)}: {number(whole.value)} kg with them, {number(rest.value)} kg without"
    )


def purity_over_time(view: View) -> str:
    """The last purity of the leading series against the one before."""
    rows = lead(view.rows)
    what = rows[0].panel.split(",")[0].lower()
    unit = " mg" if "mg" in rows[0].panel else " %"
    return f"{view.substance} seized in {place(view.country)}: {what} purity {stated(view, rows, unit)}"


def purity_over_sizes(view: View) -> str:
    """The range of medians over classes of size, and what the gaps amount to."""
    medians = lead([row for row in view.rows if row.panel.startswith("Median")])
    values = [row.value for row in medians if row.value is not None]
    gaps = {row.note for row in view.rows if row.series == medians[0].series and row.note}
    verdict = (
        "whether large and small differ by more than five points is undecided"
        if gaps == {"undecided"}
        else f"against the smallest class: {listed(sorted(str(g).replace('_', ' ') for g in gaps))}"
        if gaps
        else "too few to compare large with small"
    )
    return (
        f"Median purity of {view.substance.lower()} in {place(view.country)} ran from {number(min(values))} to "
        f"{number(max(values))} % over {len(values)} classes of size in {medians[-1].period_start:%Y}; {verdict}"
    )


def price_ladder(view: View) -> str:
    """How many times the producer's price is paid at each later stage, by the publisher of the producer's price."""
    what, foot = view.substance.lower(), view.rows[0]
    year = f"{foot.period_start:%Y}"
    steps = [
        f"{_times(row)} in {row.extra['place']}"
        for row in view.rows
        if row.source == foot.source and row.number("ratio_to_producer_low") is not None
    ]
    if not steps:
        return f"No price of {what} at the producer is known for {year}, so the ladder has no foot"
    return f"Against the producer’s price, a kilogram of {what} cost {listed(steps)} in {year}"


def _times(row: Row) -> str:
    low, high = number(row.number("ratio_to_producer_low")), number(row.number("ratio_to_producer_high"))
    return f"{low} times as much" if low == high else f"{low}–{high} times as much"


def norway_against_sweden(view: View) -> str:
    """Which of the two countries is dearer in the last year both have a price for, in the same money."""
    prices: dict[tuple[str, str], dict[str, float]] = {}
    for row in view.rows:
        if row.value is not None:
            prices.setdefault((row.panel, row.label), {})[row.series] = row.value
    comparable = [row for row in view.rows if len(prices.get((row.panel, row.label), ())) == 2]
    if not comparable:
        return f"Norway and Sweden have no price of {view.substance.lower()} in one currency in this build"
    panel = lead(comparable)[0].panel
    both = [label for (found, label), pair in prices.items() if found == panel and len(pair) == 2]
    (dear, high), (cheap, low) = sorted(
        prices[panel, max(both)].items(), key=lambda pair: (-pair[1], pair[0])
    )
    unit = panel.split(",")[0]
    more = (
        f"{number(100 * (high / low - 1))} % more in {dear} than in {cheap}"
        if high > low > 0
        else f"the same in {dear} and {cheap}"
    )
    pure = (
        ""
        if any(row.panel == "EUR per pure gram" for row in view.rows)
        else "; no price per pure gram can be given"
    )
    return f"{view.substance} cost {more} in {max(both)}: {number(high)} against {number(low)} {unit}{pure}"


def mail_with_drugs(view: View) -> str:
    """The share of undeliverable mail (or of what else was examined) that held drugs."""
    rows = lead([row for row in view.rows if row.panel == "Undeliverable"] or view.rows)
    return f"{rows[0].panel} mail examined in {place(view.country)} held drugs in {stated(view, rows, ' %')}"


def turnover_split(view: View) -> str:
    """How the turnover of the first scope changed in its last year, and through what."""
    panel = view.rows[0].panel
    rows = [row for row in view.rows if row.panel == panel]
    last = max(row.period_start for row in rows if row.period_start)
    parts = {row.series: 100 * math.expm1((row.value or 0) / 100) for row in rows if row.period_start == last}
    changes = [f"{name.lower()} {value:+.0f} %" for name, value in parts.items() if name != "Turnover"]
    change = parts.get("Turnover", 0)
    verb = "rose" if change > 0 else "fell"
    return f"Turnover of the {panel} in {place(view.country)} {verb} by {number(abs(change))} % in {last:%Y}: {listed(changes)}".replace(
        "-", "\u2212"
    )


def loads_by_city(view: View) -> str:
    """The range of loads over cities, per residue with the most of them."""
    panels = {panel: list(rows) for panel, rows in groupby(view.rows, key=lambda r: r.panel)}
    panel, rows = max(panels.items(), key=lambda pair: len(pair[1]))
    year = f"{rows[0].period_start:%Y}"
    high, low = rows[0], rows[-1]
    if len(rows) == 1:
        return (
            f"{high.label} had {number(high.value)} mg of {_residue(panel)} per 1000 people and day in {year}"
        )
    return (
        f"Wastewater of {len(rows)} cities in {place(view.country)} carried from {number(low.value)} ({low.label}) to "
        f"{number(high.value)} ({high.label}) mg of {_residue(panel)} per 1000 people and day in {year}"
    )


def _residue(name: str) -> str:
    return name if name.isupper() else name.lower()


def evidence_together(view: View) -> str:
    """What moved which way in the latest year with a reading, or why there is none."""
    row = next((row for row in view.rows if row.extra["reading_label"]), view.rows[0])
    moved = [
        f"{name.lower()} {row.extra[name]}" for name in EVIDENCE if row.extra[name] not in (None, "unknown")
    ]
    where = f"{view.substance} in {place(view.country)}"
    if row.extra["reading_label"]:
        return f"{where}, last read together in {row.extra['Year']}: {listed(moved)}. {row.extra['reading_label']}"
    return f"{where}, {row.extra['Year']}: {listed(moved) or 'nothing moved'}; no reading ({row.extra['Reading']})"


def warnings(view: View) -> str:
    """What stands above its bound or was seen for the first time."""
    said = [f"{row.extra['Substance']} {row.extra['Warning']} in {row.extra['Year']}" for row in view.rows]
    return f"{listed(list(dict.fromkeys(said)))} ({view.country})"


def verdicts(view: View) -> str:
    """How many claims have which verdict."""
    found = [row.extra["verdict"] for row in view.rows]
    counts = [f"{found.count(v)} {words}" for v, words in VERDICTS.items() if v in found]
    return f"Of {len(found)} published claims, {listed(counts)}"
