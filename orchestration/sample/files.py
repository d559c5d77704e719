"""Synthetic agency feeds of any size: `beslag sample`.

Here: which files there are, and the small feeds (mail, prices, darknet). Not here: seizure lines (sample_lines.py),
their words (sample_words.py) and planted dirt (sample_dirt.py). The figures imitate published totals and are not
evidence; every row says that it is synthetic.
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
from orchestration.sample_dirt import EARLIER, SMALLEST, earlier_edition, plant
from orchestration.sample_lines import (
    FIELDS,
    Cell,
    Draws,
    cell_lines,
    normal_table,
    number_cases,
    read_cells,
    scaled,
)

SEED = 2024
ENCODING = "windows-1252"
REGISTERED = {  # date of the extract by country and year; the second week of February otherwise
    ("NO", 2021): dt.date(2022, 2, 15),
    ("NO", 2022): dt.date(2023, 2, 14),
    ("SE", 2022): dt.date(2023, 3, 1),
    ("SE", 2023): dt.date(2024, 3, 1),
    ("DK", 2023): dt.date(2024, 3, 15),
}
Row = tuple[object, ...]


def write_sample(
    out: Path, rows: int | None = None, seed: int = SEED, *, dirt: bool = True
) -> dict[str, int]:
    """Write the four agency feeds, one folder each, one file per country and year; the same bytes for the same call.

    Args:
        out: folder to write into; made when missing. Files of the same name are replaced, others left alone.
        rows: calibrated seizure lines in all. None is the reference size, where `sample_totals.csv` holds exactly;
            any other number scales counts and totals of every cell by the same factor. The small feeds keep their size.
        seed: not negative.
        dirt: plant the dirt of `sample_dirt.DIRT` and the earlier edition of Norway 2023, both beside `rows`.

    Returns:
        Records written below the headers, by feed.

    Raises:
        UsageError: when rows or seed are out of range.
    """
    if rows is not None and rows < 1:
        raise UsageError(f"--rows is {rows}; ask for at least one line.")
    if seed < 0:
        raise UsageError(f"--seed is {seed}; use zero or a positive whole number.")
    cells = read_cells() if rows is None else scaled(read_cells(), rows)
    return {
        "seizures": _write_seizures(out / "seizures", cells, seed, dirt),
        "postal_interceptions": _write_small(out / "postal_interceptions", POSTAL, _postal(seed)),
        "price_quotes": _write_small(out / "price_quotes", QUOTES, _quotes(seed)),
        "darknet_turnover": _write_small(out / "darknet_turnover", DARKNET, _darknet()),
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


def _halves(year: int) -> tuple[tuple[dt.date, dt.date], tuple[dt.date, dt.date]]:
    return (dt.date(year, 1, 1), dt.date(year, 6, 30)), (dt.date(year, 7, 1), dt.date(year, 12, 31))


POSTAL = (
    "country_code", "agency", "period_start", "period_end", "selection", "mail_type", "items_examined",
    "items_with_drugs", "items_in_stream",
)  # fmt: skip
# Country, agency, selection, mail type, items examined, drug share in 2019 and its growth per half-year (per mille),
# items in the stream (thousands; None where the register does not say). Plausible shapes; nothing is published.
MAIL = (
    ("SE", "police", "undeliverable", "letter", 2400, 30, 6, 410_000),
    ("SE", "police", "undeliverable", "parcel", 1300, 18, 2, 52_000),
    ("SE", "police", "targeted", "letter", 1600, 640, 12, None),
    ("SE", "police", "random", "letter", 1200, 4, 1, 410_000),
    ("NO", "customs", "undeliverable", "letter", 1500, 24, 4, 190_000),
    ("NO", "customs", "undeliverable", "parcel", 1100, 15, 2, 31_000),
    ("NO", "customs", "targeted", "all", 2100, 420, 9, None),
    ("NO", "customs", "random", "parcel", 1050, 5, 1, 31_000),
)
SMALL_MAIL = ("NO", "random", dt.date(2019, 1, 1))  # one cell below the thousand that an extrapolation needs


def _postal(seed: int) -> Iterable[Row]:
    for country, agency, selection, mail, usual, share, growth, stream in MAIL:
        draws = Draws(seed, f"mail {country} {selection} {mail}")
        halves = [half for year in range(2019, 2024) for half in _halves(year)]
        for i, (start, end) in enumerate(halves):
            noise, luck = (int(x) for x in draws.below(200, 2))
            examined = (
                320 if (country, selection, start) == SMALL_MAIL else usual + usual * noise // 1000 + 15 * i
            )
            found = examined * (share + growth * i) * (900 + luck) // 1_000_000
            whole = ":" if stream is None else stream * (1000 - 14 * i if mail == "letter" else 1000 + 22 * i)
            yield start.year, country, agency, start, end, selection, mail, examined, found, whole


QUOTES = (
    "country_code", "place", "agency", "quoted_on", "substance_raw", "market_level", "lot_quantity", "lot_unit_raw",
    "price_low", "price", "price_high", "currency", "purity", "purity_basis",
)  # fmt: skip
PLACES = {"NO": ("Oslo", "NOK"), "SE": ("Stockholm", "SEK"), "DK": ("København", "DKK")}
# 2023 prices: a gram at street level and a kilogram, in the country's own currency.
PRICES: dict[str, dict[str, tuple[int, int]]] = {
    "NO": {"kokain": (1000, 450_000), "amfetamin": (300, 60_000), "hasj": (150, 40_000), "marihuana": (170, 55_000),
           "heroin": (1150, 350_000), "MDMA": (500, 120_000)},
    "SE": {"kokain": (900, 350_000), "amfetamin": (200, 35_000), "hasch": (110, 30_000), "marijuana": (125, 42_000),
           "heroin": (900, 250_000), "MDMA": (400, 90_000)},
    "DK": {"kokain": (600, 240_000), "amfetamin": (180, 28_000), "hash": (75, 20_000), "marihuana": (80, 26_000),
           "heroin": (750, 180_000), "MDMA": (300, 60_000)},
}  # fmt: skip
# Market level, lot, its unit, whether it follows the gram or the kilogram price, and per mille of that price.
LOTS = (
    ("retail", "0,5", "g", 0, 560), ("retail", "1", "g", 0, 1000), ("retail", "5", "g", 0, 4300),
    ("wholesale", "100", "g", 1, 125), ("wholesale", "1", "kg", 1, 1000),
)  # fmt: skip
LEVEL = {2021: 930, 2022: 960, 2023: 1000}  # per mille of the 2023 price
ABROAD = (  # just above the published "over 300 000 NOK" and "10 000 NOK" a kilogram (PF0002, PF0004)
    (("BE", "Antwerp", "NOK", "kokain", "import", "1", "kg"), 315_000),
    (("CO", ":", "USD", "kokain", "producer", "1", "kg"), 1_020),
)
THIN = ("DK", "heroin", "wholesale", "1", 2023)


def _quotes(seed: int) -> Iterable[Row]:
    for country, prices in PRICES.items():
        for substance, pair in prices.items():
            for level, lot, unit, which, part in LOTS:
                for year, height in LEVEL.items():
                    n = 2 if (country, substance, level, lot, year) == THIN else 5
                    cell = (country, *PLACES[country], substance, level, lot, unit)
                    yield from _cell_quotes(seed, year, cell, pair[which] * part * height // 1_000_000, n)
    for year, height in LEVEL.items():
        for cell, price in ABROAD:
            yield from _cell_quotes(seed, year, cell, price * height // 1000, 6)


def _cell_quotes(seed: int, year: int, cell: tuple[str, ...], middle: int, n: int) -> Iterable[Row]:
    """`n` quotes about the price `middle` of one country, place, currency, substance, level, lot and unit."""
    country, place, currency, *goods = cell
    draws = Draws(seed, f"price {year} {cell}")
    drawn = (draws.below(365, n), draws.table(normal_table(), n), draws.below(80, n), draws.below(300, n))
    for day, z, w, s in zip(*(d.tolist() for d in drawn), strict=True):
        price = _rounded(middle + middle * z // 20_000_000)  # one deviation is five per cent
        low, high = _rounded(price * (920 - w) // 1000), _rounded(price * (1080 + w) // 1000)
        pure = goods[0] == "kokain" and s < 180
        strength = (f"{68 + s // 10},{s % 10}", ("base", "base", "unknown")[s % 3]) if pure else ("", "")
        quoted = dt.date(year, 1, 1) + dt.timedelta(day)
        amounts = (_grouped(low), _grouped(price), _grouped(high))
        yield year, country, place, "police", quoted, *goods, *amounts, currency, *strength


def _rounded(amount: int) -> int:
    step = 1000 if amount >= 20_000 else 50 if amount >= 1000 else 5
    return (amount + step // 2) // step * step


def _grouped(amount: int) -> str:
    return f"{amount:,}".replace(",", ".")


DARKNET = (
    "country_code", "agency", "platform_scope", "period_start", "period_end", "turnover", "currency", "vendors", "buyers",
    "price_index",
)  # fmt: skip
# Year, scope, turnover (million SEK), its first half-year, vendors, buyers, price index. 350 and 30 000 in 2020 are
# published (PF0012, PF0015); the rest is assumed: sellers and prices fall while turnover rises.
MARKETS = (
    (2018, "darknet_market", 215, None, 820, 22_000, "100"),
    (2019, "darknet_market", 290, 138, 735, 26_500, "96,5"),
    (2020, "darknet_market", 350, 169, 660, 30_000, "92"),
    (2021, "darknet_market", 405, 197, 600, 31_800, "88,5"),
    (2020, "open_web", 260, None, 88, None, "97"),
    (2021, "open_web", 295, None, 86, None, "95"),
    (2020, "social_media", 180, None, None, None, "99"),
    (2021, "social_media", 240, None, None, None, "98"),
)


def _darknet() -> Iterable[Row]:
    for year, scope, turnover, first, vendors, buyers, index in MARKETS:
        (start, middle), (later, end) = _halves(year)
        spans = [(start, end, turnover, vendors, buyers)]
        if (
            first is not None and vendors is not None and buyers is not None
        ):  # fewer are active in half the time
            spans += [(start, middle, first, vendors * 9 // 10, buyers * 7 // 10)]
            spans += [(later, end, turnover - first, vendors * 8 // 9, buyers * 3 // 4)]
        for begin, stop, million, sellers, customers in spans:
            counts = (
                ".." if sellers is None else sellers,
                ".." if customers is None else _grouped(customers),
            )
            yield (
                year,
                "SE",
                "police",
                scope,
                begin,
                stop,
                _grouped(million * 1_000_000),
                "SEK",
                *counts,
                index,
            )
