"""Exact 95 % intervals that have no SQL form, one row per distinct request. Wilson's interval is a macro, not here.

Only this file runs scipy; marts join its result. The functions are pure and are tested by loading this file.
"""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import stats

ALPHA = 0.05

Bounds = tuple[NDArray[np.float64], NDArray[np.float64]]


def garwood(x: NDArray[np.int64], n: NDArray[np.int64]) -> Bounds:
    """Exact interval of a Poisson rate (Garwood 1936).

    Args:
        x: Events counted, one per request.
        n: Exposure of the count, in the unit the rate is wanted per.

    Returns:
        Lower and upper bound of x / n; nan where x < 0 or n <= 0.
    """
    usable = (x >= 0) & (n > 0)
    exposure = np.where(usable, n, 1)
    lo = np.where(x > 0, stats.chi2.ppf(ALPHA / 2, 2 * np.maximum(x, 1)) / 2, 0.0) / exposure
    hi = stats.chi2.ppf(1 - ALPHA / 2, 2 * (np.maximum(x, 0) + 1)) / 2 / exposure
    return np.where(usable, lo, np.nan), np.where(usable, hi, np.nan)


def clopper_pearson(x: NDArray[np.int64], n: NDArray[np.int64]) -> Bounds:
    """Exact interval of a proportion (Clopper & Pearson 1934).

    Args:
        x: Successes, one per request.
        n: Trials.

    Returns:
        Lower and upper bound as a fraction of one; nan unless 0 <= x <= n and n > 0.
    """
    usable = (x >= 0) & (x <= n) & (n > 0)
    has_low = usable & (x > 0)
    has_high = usable & (x < n)
    lo = stats.beta.ppf(ALPHA / 2, np.where(has_low, x, 1), np.where(has_low, n - x + 1, 1))
    hi = stats.beta.ppf(1 - ALPHA / 2, np.where(has_high, x + 1, 1), np.where(has_high, n - x, 1))
    return (
        np.where(usable, np.where(has_low, lo, 0.0), np.nan),
        np.where(usable, np.where(has_high, hi, 1.0), np.nan),
    )


def rate_ratio(x: NDArray[np.int64], n: NDArray[np.int64]) -> Bounds:
    """Interval of a ratio of two Poisson counts of equal exposure.

    Given their total, the first count is binomial, so the ratio is p / (1 - p) with Clopper and Pearson's p
    (Przyborowski & Wilenski 1940).

    Args:
        x: Count of the later period.
        n: Count of the earlier period.

    Returns:
        Lower and upper bound of x / n; the upper is nan where n = 0 (unbounded), both where x = n = 0.
    """
    p_lo, p_hi = clopper_pearson(x, np.where((x >= 0) & (n >= 0), x + n, -1))
    bounded = p_hi < 1
    return p_lo / (1 - p_lo), np.where(bounded, p_hi / np.where(bounded, 1 - p_hi, 1), np.nan)


def quantile_rank(x: NDArray[np.int64], n: NDArray[np.int64]) -> Bounds:
    """Ranks of the ordered values that enclose a quantile with at least 95 % coverage (binomial; Conover 1999).

    Args:
        x: The quantile in per cent, 50 for the median.
        n: Number of values.

    Returns:
        Ranks of the lower and the upper value, counted from 1; nan where no value reaches one of the two tails of
        2.5 %, which is below 6 values for the median and below 13 for a quartile.
    """
    p = x / 100
    lo = stats.binom.ppf(ALPHA / 2, np.maximum(n, 0), p)
    hi = stats.binom.ppf(1 - ALPHA / 2, np.maximum(n, 0), p) + 1
    usable = (n > 0) & (lo >= 1) & (hi <= n)
    return np.where(usable, lo, np.nan), np.where(usable, hi, np.nan)


def median_z(x: NDArray[np.int64], n: NDArray[np.int64]) -> Bounds:
    """Normal deviate of the exact coverage of an order-statistic interval of the median (Price & Bonett 2001).

    The interval from the x-th smallest to the x-th largest of n values, divided by twice this deviate, estimates
    the standard error of the median.

    Args:
        x: Rank of the lower value, counted from 1.
        n: Number of values.

    Returns:
        The deviate, and nan in place of an upper bound; nan where the rank is not below the middle.
    """
    usable = (x >= 1) & (2 * x <= n)
    tail = stats.binom.cdf(np.where(usable, x - 1, 0), np.where(usable, n, 1), 0.5)
    return np.where(usable, stats.norm.isf(tail), np.nan), np.full(len(n), np.nan)


METHODS = {
    "clopper_pearson": clopper_pearson,
    "garwood": garwood,
    "median_z": median_z,
    "quantile_rank": quantile_rank,
    "rate_ratio": rate_ratio,
}


def intervals(kind: NDArray[np.str_], x: NDArray[np.int64], n: NDArray[np.int64]) -> Bounds:
    """Compute every request by the method its kind names.

    Args:
        kind: Key of METHODS, one per request.
        x: First number of the request.
        n: Second number of the request.

    Returns:
        Lower and upper bounds, nan where the method gives none.

    Raises:
        ValueError: If a request names a kind that has no method.
    """
    unknown = sorted(set(kind.tolist()) - METHODS.keys())
    if unknown:
        raise ValueError(f"int_intervals__requests asks for {unknown}; known kinds are {sorted(METHODS)}.")
    lo = np.full(len(kind), np.nan)
    hi = np.full(len(kind), np.nan)
    for name, method in METHODS.items():
        rows = kind == name
        lo[rows], hi[rows] = method(x[rows], n[rows])
    return lo, hi


def model(dbt: Any, session: Any) -> pa.Table:
    """Read the requests, in a fixed order, and return kind, x, n, lo, hi."""
    dbt.config(materialized="table")
    wanted = dbt.ref("int_intervals__requests").order("kind, x, n").fetchnumpy()
    kind = np.asarray(wanted["kind"], dtype=object)
    x = np.asarray(wanted["x"], dtype=np.int64)
    n = np.asarray(wanted["n"], dtype=np.int64)
    lo, hi = intervals(kind, x, n)
    return pa.table(
        {
            "kind": pa.array(kind, pa.string()),
            "x": pa.array(x, pa.int64()),
            "n": pa.array(n, pa.int64()),
            "lo": pa.array(lo, pa.float64(), from_pandas=True),
            "hi": pa.array(hi, pa.float64(), from_pandas=True),
        }
    )
