"""Bootstrap intervals of shares by mass, one row per source, country, period and substance group. Exact ones: int_intervals__exact.

Only this file resamples; marts join its result. Masses are whole micrograms, sorted before anything is drawn, and every
group draws from a stream of its own, so that neither the order of rows nor another group's lines change a bound.
"""

import zlib
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

SEED = 20_231_231
DRAWS = 1_000
LARGEST = 50  # resampled one by one; the sum of the others is close to normal, since none of them is large beside it
ALPHA = 0.05
GRAINS = {"year": 12, "half_year": 6, "month": 1}

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


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


def share_bounds(groups: dict[str, Ints]) -> dict[str, tuple[float, float]]:
    """95 % percentile bounds of every group's share of the mass of a period.

    Args:
        groups: Masses in micrograms, ascending, by group.

    Returns:
        Lower and upper bound in per cent by group, never on the wrong side of the share itself; nan without any mass.
    """
    names = sorted(groups)
    draws = [resampled(groups[name], *stream(name)) for name in names]
    whole = sum(draws, np.zeros(DRAWS))
    weighs = whole > 0
    total = sum(int(groups[name].sum()) for name in names)
    bounds = {}
    for name, drawn in zip(names, draws, strict=True):
        if total == 0 or not weighs.any():
            bounds[name] = (np.nan, np.nan)
            continue
        share = 100 * int(groups[name].sum()) / total
        lo, hi = np.quantile(100 * drawn[weighs] / whole[weighs], [ALPHA / 2, 1 - ALPHA / 2])
        bounds[name] = (min(float(lo), share), max(float(hi), share))
    return bounds


def intervals(
    cell: NDArray[np.object_], month: Ints, group: NDArray[np.object_], mass: Ints
) -> list[tuple[Any, ...]]:
    """Bounds for all cells, years, half-years and months.

    Args:
        cell: What lines are never mixed across, one per line.
        month: Months since year 0, one per line.
        group: Substance group, one per line.
        mass: Mass in micrograms, one per line.

    Returns:
        (cell, grain, first month, group, lower, upper), sorted.
    """
    if not len(mass):
        return []
    cells, cell_number = np.unique(cell, return_inverse=True)
    names, group_number = np.unique(group, return_inverse=True)
    rows = []
    for grain, months in GRAINS.items():
        start = month - month % months
        order = np.lexsort((mass, group_number, start, cell_number))
        keys = np.stack([cell_number[order], start[order], group_number[order]])
        begins = np.flatnonzero(np.r_[True, (keys[:, 1:] != keys[:, :-1]).any(axis=0)])
        periods: dict[tuple[int, int], dict[str, Ints]] = {}
        for part, begin in zip(np.split(mass[order], begins[1:]), begins, strict=True):
            c, first, g = keys[:, begin]
            periods.setdefault((int(c), int(first)), {})[str(names[g])] = part
        for (c, first), groups in periods.items():
            rows += [
                (cells[c], grain, first, name, lo, hi)
                for name, (lo, hi) in sorted(share_bounds(groups).items())
            ]
    return sorted(rows)


def model(dbt: Any, session: Any) -> pa.Table:
    """Read the weighed lines of registers that cover all drugs; return source, country, group, period and bounds."""
    dbt.config(materialized="table")
    lines = (
        dbt.ref("int_seizures__mapped")
        .filter(
            "is_in_seizure_marts and row_unit = 'seizure' and covers_all_drugs and is_drug and mass_g is not null"
        )
        .project(
            "source || ':' || country_code as cell, 12 * year(seized_on) + month(seized_on) - 1 as month, "
            "substance_group, cast(mass_g * 1000000 as bigint) as micrograms"
        )
        .fetchnumpy()
    )
    found = intervals(
        np.asarray(lines["cell"], dtype=object),
        np.asarray(lines["month"], dtype=np.int64),
        np.asarray(lines["substance_group"], dtype=object),
        np.asarray(lines["micrograms"], dtype=np.int64),
    )
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
