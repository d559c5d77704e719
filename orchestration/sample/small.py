"""The small synthetic feeds: mail examined, price quotes, darknet turnover.

Here: their rows at one size. Not here: writing them (files.py) and seizure lines (lines.py). Plausible shapes, and
published figures only where a comment says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from orchestration.sample.lines import Draws, normal_table

Row = tuple[object, ...]


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


def postal(seed: int) -> Iterable[Row]:
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


def quotes(seed: int) -> Iterable[Row]:
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


def darknet() -> Iterable[Row]:
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
