"""Bootstrap intervals of shares by mass, one row per source, country, period and substance group. Exact ones: int_intervals__exact.

Only this file resamples; marts join its result. Masses are whole micrograms, sorted before anything is drawn, and every
group draws from a stream of its own, so that neither the order of rows nor another group's lines change a bound.
The masses of one country and group are in memory at a time, those of equal lines once.
"""

import zlib
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from itertools import groupby, pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

SEED = 20_231_231
DRAWS = 1_000
LARGEST = 50  # resampled one by one; the sum of the others is close to normal, since none of them is large beside it
ALPHA = 0.05
# A machine word holds the product of what weighs less than a tonne; wider numbers take ten times as long.
MICROGRAMS = (
    "case when mass_g < 900000 then cast(mass_g * 1000000 as bigint) "
    "else cast(cast(mass_g as decimal(24, 6)) * 1000000 as bigint) end"
)
BATCH = 100_000  # lines that DuckDB hands over at once
GRAINS = {"year": 12, "half_year": 6, "month": 1}

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# Cell, which lines are never mixed across; group; months since year 0, micrograms, and how many lines have both.
Lines = tuple[str, str, Ints, Ints, Ints]
Drawn = tuple[int, Floats]  # mass of a group in a period, as it is and in each draw


@cache
def stream(group: str) -> tuple[Ints, Floats]:
    """What a group draws in every period: how often each of its largest seizures occurs, and a normal deviate.

    Args:
        group: Name of the group, which with SEED is all that the draws depend on.

    Returns:
        Poisson(1) counts, DRAWS by LARGEST, and DRAWS standard normal deviates.
    """
    generator = np.random.default_rng([SEED, zlib.crc32(group.encode())])
    counts = generator.poisson(1.0, (DRAWS, LARGEST)).astype(np.int64)
    return counts, generator.standard_normal(DRAWS)


def resampled(masses: Ints, counts: Ints, deviates: Floats) -> Floats:
    """Total mass of a group in each draw of a Poisson bootstrap (Hanley & MacGibbon 2006).

    Each seizure occurs Poisson(1) times, so the number of seizures varies as their sizes do.

    Args:
        masses: Masses in micrograms, ascending.
        counts: Counts of `stream`.
        deviates: Deviates of `stream`.

    Returns:
        One total per draw, in micrograms.
    """
    largest = masses[::-1][:LARGEST]
    totals = (counts[:, : len(largest)] * largest).sum(axis=1).astype(np.float64)
    others = masses[: len(masses) - len(largest)].astype(np.float64)
    if len(others):
        totals += np.maximum(0.0, others.sum() + deviates * np.sqrt((others * others).sum()))
    return totals


def share_bounds(groups: dict[str, Drawn]) -> dict[str, tuple[float, float]]:
    """95 % percentile bounds of every group's share of the mass of a period.

    Args:
        groups: Mass in micrograms, as it is and in each draw, by group.

    Returns:
        Lower and upper bound in per cent by group, never on the wrong side of the share itself; nan without any mass.
    """
    names = sorted(groups)
    whole = sum((groups[name][1] for name in names), np.zeros(DRAWS))
    weighs = whole > 0
    total = sum(groups[name][0] for name in names)
    bounds = {}
    for name in names:
        mass, drawn = groups[name]
        if total == 0 or not weighs.any():
            bounds[name] = (np.nan, np.nan)
            continue
        share = 100 * mass / total
        lo, hi = np.quantile(100 * drawn[weighs] / whole[weighs], [ALPHA / 2, 1 - ALPHA / 2])
        bounds[name] = (min(float(lo), share), max(float(hi), share))
    return bounds


def by_period(month: Ints, mass: Ints, n: Ints) -> Iterator[tuple[str, int, Ints]]:
    """Grain, first month and masses, ascending, of every year, half-year and month that holds lines."""
    order = np.argsort(mass)
    month, mass, n = month[order], mass[order], n[order]
    for grain, months in GRAINS.items():
        start = month - month % months
        # Stable, so that masses stay ascending; sixteen bits hold five thousand years and are sorted in one pass.
        order = np.argsort((start - start.min()).astype(np.uint16), kind="stable")
        firsts, begins = np.unique(start[order], return_index=True)
        for first, part in zip(firsts, np.split(order, begins[1:]), strict=True):
            yield grain, int(first), np.repeat(mass[part], n[part])


def intervals(lines: Iterable[Lines]) -> list[tuple[Any, ...]]:
    """Bounds for all cells, years, half-years and months.

    Args:
        lines: What was seized of each group in each cell; all groups of a cell follow each other.

    Returns:
        (cell, grain, first month, group, lower, upper), sorted.
    """
    rows = []
    for cell, of_cell in groupby(lines, key=lambda part: part[0]):
        periods: dict[tuple[str, int], dict[str, Drawn]] = {}
        for _, group, *columns in of_cell:
            for grain, first, part in by_period(*columns):
                drawn = int(part.sum()), resampled(part, *stream(group))
                periods.setdefault((grain, first), {})[group] = drawn
        for (grain, first), groups in periods.items():
            rows += [(cell, grain, first, name, lo, hi) for name, (lo, hi) in share_bounds(groups).items()]
    return sorted(rows)


def read(weighed: Any) -> Iterator[Lines]:
    """What was seized of each group in each cell, from a relation with cell, substance_group, month and micrograms."""
    columns = "cell, substance_group, month, micrograms"
    counted = weighed.aggregate(f"{columns}, count(*) as n", columns).order("cell, substance_group")
    for key, parts in groupby(_runs(counted.to_arrow_reader(BATCH)), key=lambda run: run[0]):
        numbers = pa.Table.from_batches([part for _, part in parts])
        yield *key, *(numbers[name].to_numpy() for name in ("month", "micrograms", "n"))


def _runs(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[tuple[str, str], pa.RecordBatch]]:
    """Cell and group of each stretch of rows that are of one of each, and its numbers."""
    for batch in batches:
        texts, numbers = batch.select([0, 1]), batch.select([2, 3, 4])
        turns = [pc.not_equal(column[1:], column[:-1]).to_numpy(zero_copy_only=False) for column in texts]
        ends = [*(np.flatnonzero(turns[0] | turns[1]) + 1), len(batch)]
        for begin, end in pairwise([0, *ends]):
            yield (texts[0][begin].as_py(), texts[1][begin].as_py()), numbers[begin:end]


def model(dbt: Any, session: Any) -> pa.Table:
    """Read the weighed lines of registers that cover all drugs; return source, country, group, period and bounds."""
    dbt.config(materialized="table")
    weighed = (
        dbt.ref("int_seizures__mapped")
        .filter(
            "is_in_seizure_marts and row_unit = 'seizure' and covers_all_drugs and is_drug and mass_g is not null"
        )
        .project(
            "source || ':' || country_code as cell, 12 * year(seized_on) + month(seized_on) - 1 as month, "
            f"substance_group, {MICROGRAMS} as micrograms"
        )
    )
    found = intervals(read(weighed))
    return pa.table(
        {
            "source": pa.array([row[0].partition(":")[0] for row in found], pa.string()),
            "country_code": pa.array([row[0].partition(":")[2] for row in found], pa.string()),
            "substance_group": pa.array([row[3] for row in found], pa.string()),
            "period_grain": pa.array([row[1] for row in found], pa.string()),
            "period_start": pa.array([date(row[2] // 12, row[2] % 12 + 1, 1) for row in found], pa.date32()),
            "lo": pa.array([row[4] for row in found], pa.float64(), from_pandas=True),
            "hi": pa.array([row[5] for row in found], pa.float64(), from_pandas=True),
        }
    )
