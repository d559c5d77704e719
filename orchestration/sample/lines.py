"""Synthetic seizure lines: the calibration cells of `totals.csv` turned into register lines.

Here: how many lines a cell gets, how its total is spread over them, and what a line says. Not here: planted dirt
(dirt.py), files (files.py), the other feeds (small.py). Nothing here describes a real seizure.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.sample.words import (
    CUSTOMS,
    DISTRICTS,
    LARGE,
    MISSING,
    NAMES,
    ORIGINS,
    RECORD_ROUTES,
    REMARKS,
    ROUTES,
    SIGMA,
    SMALL,
    STRENGTHS,
    TOWNS,
    TRANSIT,
    UNITS,
    Options,
)  # fmt: skip

Ints = npt.NDArray[np.int64]

TOTALS = Path(__file__).with_name("totals.csv")
EPOCH = dt.date(1970, 1, 1)
BASE = {"kg": 100_000, "l": 1_000, "tablet": 1, "dose": 1, "plant": 1}  # exact steps: 10 mg, 1 ml, one piece
KILO = 100_000  # base steps in a kilogram
KNOTS = 4096
FIELDS = (
    "case_id", "line_no", "joint_case_id", "country_code", "agency", "district", "municipality", "seized_on",
    "known_on", "place_class", "transport_mode", "concealment", "origin_country", "transit_country",
    "substance_raw", "quantity", "unit_raw", "purity", "purity_measure", "purity_basis", "status", "remarks",
    "is_synthetic",
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """A country, period and form with its exact number of lines and total, in base steps."""

    country: str
    start: dt.date
    end: dt.date
    form: str
    unit: str
    n: int
    total: int
    records: tuple[int, ...]  # base steps of the largest lines where they are published

    @property
    def key(self) -> str:
        """Names the cell's own random stream, so that a new cell moves no other."""
        return f"{self.country} {self.start} {self.form}"


class Draws:
    """Integers from the raw bits of PCG64, the only stream numpy promises never to change (NEP 19)."""

    def __init__(self, seed: int, name: str) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence([seed, *name.encode()]))

    def bits(self, n: int, width: int = 32) -> Ints:
        """`n` uniform integers of `width` bits."""
        raw: npt.NDArray[np.uint64] = self._bits.random_raw(n)
        return (raw >> np.uint64(64 - width)).astype(np.int64)

    def below(self, limit: int, n: int) -> Ints:
        """`n` uniform integers from 0 to `limit` - 1; `limit` at most 2^31."""
        return (self.bits(n) * limit) >> 32

    def pick(self, weights: list[int], n: int) -> Ints:
        """`n` indices drawn by integer weights."""
        edges = np.cumsum(np.array(weights, dtype=np.int64))
        return np.searchsorted(edges, self.below(int(edges[-1]), n), side="right").astype(np.int64)

    def among(self, options: Options, n: int) -> pl.Series:
        """`n` texts drawn by integer weights."""
        return pl.Series([text for text, _ in options]).gather(self.pick([w for _, w in options], n))

    def table(self, values: Ints, n: int) -> Ints:
        """`n` draws from a quantile table of KNOTS + 1 values, interpolated in integers (platform-proof)."""
        place = self.bits(n)
        knot, rest = place >> 20, place & (2**20 - 1)
        drawn: Ints = values[knot] + (((values[knot + 1] - values[knot]) * rest) >> 20)
        return drawn


@cache
def normal_table() -> Ints:
    """Quantiles of the standard normal in millionths, cut at three deviations."""
    norm = NormalDist()
    low, high = norm.cdf(-3), norm.cdf(3)
    steps = [norm.inv_cdf(low + (high - low) * k / KNOTS) for k in range(KNOTS + 1)]
    return np.array([round(1_000_000 * z) for z in steps], dtype=np.int64)


@cache
def size_table(sigma: float) -> Ints:
    """Quantiles of a log-normal size with median a million, cut at three deviations."""
    return np.array(
        [round(1_000_000 * math.exp(sigma * z / 1e6)) for z in normal_table().tolist()], dtype=np.int64
    )


def read_cells() -> list[Cell]:
    """The calibration cells at the reference size, in the order of `totals.csv`."""
    with TOTALS.open(encoding="utf-8", newline="") as file:
        return [
            Cell(
                r["country"], dt.date.fromisoformat(r["period_start"]), dt.date.fromisoformat(r["period_end"]),
                r["form"], r["unit"], int(r["n"]), int(Fraction(r["total"]) * BASE[r["unit"]]),
                tuple(int(kg) * KILO for kg in r["records_kg"].split("|") if kg),
            )
            for r in csv.DictReader(file)
        ]  # fmt: skip


def scaled(cells: list[Cell], rows: int) -> list[Cell]:
    """The cells at another size: counts by largest remainder so that they sum to `rows`, totals by the same factor.

    Largest seizures keep their share: above the reference size there are more of them, none larger.
    """
    whole = sum(cell.n for cell in cells)
    counts = [cell.n * rows // whole for cell in cells]
    by_remainder = sorted(range(len(cells)), key=lambda i: (-(cells[i].n * rows % whole), i))
    for i in by_remainder[: rows - sum(counts)]:
        counts[i] += 1
    copies = max(1, -(-rows // whole))
    return [
        Cell(
            c.country, c.start, c.end, c.form, c.unit, n, max(n, c.total * rows // whole),
            tuple(r * rows // (whole * copies) for r in c.records for _ in range(copies)),
        )
        for c, n in zip(cells, counts, strict=True) if n
    ]  # fmt: skip


def allot(total: int, weights: Ints) -> Ints:
    """Integers of at least 1 in proportion to `weights` that sum to `total` exactly (total >= their number)."""
    spare = total - len(weights)
    parts = 1 + (weights * (spare / int(weights.sum()))).astype(np.int64)
    parts[np.argmax(weights)] += total - int(parts.sum())
    return parts


def cell_lines(cell: Cell, seed: int, known_by: dt.date) -> pl.DataFrame:
    """The lines of one cell: the texts of FIELDS where known, and `q` (base steps), `day`, `lag`, `base`.

    Args:
        cell: what to spread.
        seed: of the whole sample.
        known_by: the date of the extract; no line is registered after it.
    """
    draws, n, form = Draws(seed, cell.key), cell.n, cell.form
    records = cell.records if len(cell.records) < n else ()
    rest = allot(cell.total - sum(records), draws.table(size_table(SIGMA.get(form, 1.8)), n - len(records)))
    q = np.concatenate([np.array(records, dtype=np.int64), rest])
    small, large = draws.pick([r[4] for r in SMALL], n), len(SMALL) + draws.pick([r[4] for r in LARGE], n)
    route = np.where((q >= KILO) & (cell.unit == "kg"), large, small)
    copies = len(records) // 3
    for i in range(len(records)):
        route[i] = RECORD_ROUTES[form][i // copies]
    first, days = (cell.start - EPOCH).days, (cell.end - cell.start).days + 1
    day = first + draws.below(days, n)
    lag = (draws.below(60, n) * draws.below(60, n)) // 60
    place, transport, concealment, agency = (
        pl.Series([r[i] for r in ROUTES]).gather(route) for i in range(4)
    )
    names = NAMES[form]
    frame = pl.DataFrame({
        "q": q, "day": day, "known": np.minimum(day + lag, (known_by - EPOCH).days),
        "district": draws.among(DISTRICTS[cell.country], n), "agency": agency, "place_class": place,
        "transport_mode": transport, "concealment": concealment,
        "substance_raw": draws.among(names.get(cell.country) or names["*"], n),
        "town": draws.below(10, n) == 0, "traced": (draws.below(10, n) < 6) & np.isin(route, CUSTOMS),
        "passed": draws.below(10, n) < 3, "absent": draws.among(MISSING, n), "transit": draws.among(TRANSIT, n),
        "origin": draws.among(ORIGINS.get(form.split(".")[0].removeprefix("meth"), ORIGINS["other"]), n),
        "status": draws.among((("confirmed", 97), ("preliminary", 3)), n), "remarks": draws.among(REMARKS, n),
        "kilo": (draws.below(2, n) == 0) | (np.arange(n) < len(records)), "worded": draws.below(20, n) == 0,
    })  # fmt: skip
    frame = frame.with_columns(
        pl.lit(cell.country).alias("country_code"), pl.lit(form).alias("form"), pl.lit("").alias("joint_case_id"),
        pl.lit("true").alias("is_synthetic"), *_quantity(cell.unit), *_places(form),
    )  # fmt: skip
    return frame.with_columns(_strengths(form, str(cell.start.year), draws, n))


def text_of(number: pl.Expr, decimals: int) -> pl.Expr:
    """An integer of 10^-decimals as text with a decimal comma and no idle zeros."""
    whole = (number // 10**decimals).cast(pl.String)
    part = (number % 10**decimals).cast(pl.String).str.zfill(decimals).str.strip_chars_end("0")
    return pl.when(part == "").then(whole).otherwise(pl.concat_str(whole, pl.lit(","), part))


def _quantity(unit: str) -> tuple[pl.Expr, pl.Expr]:
    q, worded = pl.col("q"), pl.col("worded")
    if unit == "kg":
        kilo = (q >= KILO) & pl.col("kilo")
        amount = pl.when(kilo).then(text_of(q, 5)).otherwise(text_of(q, 2))
        word = pl.when(kilo).then(pl.lit("kg")).when(worded).then(pl.lit("gram")).otherwise(pl.lit("g"))
    elif unit == "l":
        amount = pl.when(q >= 1000).then(text_of(q, 3)).otherwise(q.cast(pl.String))
        word = pl.when(q < 1000).then(pl.lit("ml")).when(worded).then(pl.lit("liter")).otherwise(pl.lit("l"))
    else:
        amount, word = q.cast(pl.String), pl.lit(UNITS[unit][0][0])
    return amount.alias("quantity"), word.alias("unit_raw")


def _places(form: str) -> tuple[pl.Expr, ...]:
    hull = (pl.col("concealment") == "hull") & (form == "cocaine.hcl")
    absent, traced = pl.col("absent"), pl.col("traced") | hull
    town = pl.col("district").replace(TOWNS)
    return (
        pl.when(hull).then(pl.lit("Vest")).otherwise(pl.col("district")).alias("district"),
        pl.when(hull)
        .then(pl.lit("Kvinnherad"))
        .when(pl.col("town"))
        .then(town)
        .otherwise(absent)
        .alias("municipality"),
        pl.when(hull)
        .then(pl.lit("BR"))
        .when(traced)
        .then(pl.col("origin"))
        .otherwise(absent)
        .alias("origin_country"),
        pl.when(traced & pl.col("passed")).then(pl.col("transit")).otherwise(absent).alias("transit_country"),
    )


def _strengths(form: str, year: str, draws: Draws, n: int) -> list[pl.Series | pl.Expr]:
    strength = STRENGTHS.get(form)
    if strength is None:
        return [pl.lit("").alias(name) for name in ("purity", "purity_measure", "purity_basis")]
    mean, low, high = strength.mean.get(year, strength.mean["*"]), *strength.limits
    tenths = round(mean * 10) + (draws.table(normal_table(), n) * round(strength.spread * 10)) // 1_000_000
    tenths = np.clip(tenths, round(low * 10), round(high * 10))
    analysed = pl.Series(draws.below(100, n) < strength.analysed)
    columns = {
        "purity": text_of(pl.lit(pl.Series(tenths)), 1),
        "purity_measure": pl.lit(strength.measure),
        "purity_basis": pl.lit(draws.among(strength.basis, n)),
    }
    return [
        pl.when(pl.lit(analysed)).then(e).otherwise(pl.lit("")).alias(name) for name, e in columns.items()
    ]


def number_cases(lines: pl.DataFrame, stem: str, seed: int) -> pl.DataFrame:
    """Give each line its case and line number, and the FIELDS as text in the order of registration.

    Lines of one agency, district and day share a case now and then. `stem` begins every case id.
    """
    lines = lines.sort("agency", "district", "day", "form", "q", maintain_order=True)
    n = lines.height
    same = (
        lines.select(pl.struct("agency", "district", "day").rle_id().alias("run"))["run"]
        .to_numpy()
        .astype(np.int64)
    )
    opens = np.diff(same, prepend=-1) > 0
    opens |= Draws(seed, f"cases {stem}").below(100, n) < 85
    place = np.arange(n)
    line = place - np.maximum.accumulate(np.where(opens, place, 0)) + 1
    lines = lines.with_columns(
        pl.Series("case", np.cumsum(opens)), pl.Series("line_no", line),
        *(pl.col(c).cast(pl.Int32).cast(pl.Date).dt.to_string("%Y-%m-%d").alias(f)
          for c, f in (("day", "seized_on"), ("known", "known_on"))),
    ).sort("known", "case", "line_no")  # fmt: skip
    case = pl.concat_str(pl.lit(stem), pl.col("case").cast(pl.String).str.zfill(5))
    return lines.with_columns(case.alias("case_id"), pl.col("line_no").cast(pl.String)).select(
        *FIELDS, "q", "form"
    )
