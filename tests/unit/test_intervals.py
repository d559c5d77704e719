"""The exact intervals of the dbt Python model, against scipy's own and against printed tables."""

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

MODEL = Path(__file__).parents[2] / "dbt_project/models/intermediate/intervals/int_intervals__exact.py"


def load_model() -> ModuleType:
    spec = importlib.util.spec_from_file_location("int_intervals__exact", MODEL)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


exact = load_model()


def one(method: str, x: int, n: int) -> tuple[float, float]:
    lo, hi = exact.METHODS[method](np.array([x]), np.array([n]))
    return float(lo[0]), float(hi[0])


@given(n=st.integers(1, 5000), part=st.floats(0, 1))
@settings(max_examples=80, deadline=None)
def test_clopper_pearson_is_scipys_exact_interval(n: int, part: float) -> None:
    x = round(n * part)
    expected = stats.binomtest(x, n).proportion_ci(0.95, method="exact")
    assert one("clopper_pearson", x, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


@given(x=st.integers(0, 5000), n=st.integers(1, 50))
@settings(max_examples=80, deadline=None)
def test_garwood_bounds_leave_a_fortieth_in_each_poisson_tail(x: int, n: int) -> None:
    lo, hi = one("garwood", x, n)
    assert stats.poisson.cdf(x, hi * n) == pytest.approx(0.025, abs=1e-9)
    if x:
        assert stats.poisson.sf(x - 1, lo * n) == pytest.approx(0.025, abs=1e-9)
    else:
        assert lo == 0


def test_garwood_gives_the_figures_of_the_printed_table() -> None:
    assert one("garwood", 10, 1) == pytest.approx((4.795, 18.390), abs=5e-4)


@given(x=st.integers(0, 2000), n=st.integers(0, 2000))
@settings(max_examples=80, deadline=None)
def test_rate_ratio_is_the_odds_of_the_conditional_binomial(x: int, n: int) -> None:
    lo, hi = one("rate_ratio", x, n)
    if x + n == 0:
        assert np.isnan(lo) and np.isnan(hi)
        return
    if x:
        assert stats.binom.sf(x - 1, x + n, lo / (1 + lo)) == pytest.approx(0.025, abs=1e-9)
    else:
        assert lo == 0
    if n:
        assert stats.binom.cdf(x, x + n, hi / (1 + hi)) == pytest.approx(0.025, abs=1e-9)
    else:
        assert np.isnan(hi)


@pytest.mark.parametrize("n", [6, 7, 8, 9, 10, 25, 100, 4999, 1_000_000])
def test_median_ranks_cover_the_median_and_the_next_pair_inside_does_not(n: int) -> None:
    lo, hi = (int(rank) for rank in one("quantile_rank", 50, n))
    assert lo + hi == n + 1
    assert 1 - 2 * stats.binom.cdf(lo - 1, n, 0.5) >= 0.95
    assert 1 - 2 * stats.binom.cdf(lo, n, 0.5) < 0.95


@given(n=st.integers(1, 5000), percent=st.sampled_from([25, 50, 75]))
@settings(max_examples=120, deadline=None)
def test_quantile_ranks_are_those_of_scipys_own_interval(n: int, percent: int) -> None:
    """The interval of scipy's quantile test over the values 1 to n consists of ranks."""
    expected = stats.quantile_test(np.arange(1, n + 1), p=percent / 100).confidence_interval(0.95)
    both = np.isfinite([expected.low, expected.high]).all()
    wanted = (expected.low, expected.high) if both else (np.nan, np.nan)
    assert one("quantile_rank", percent, n) == pytest.approx(wanted, nan_ok=True)


@pytest.mark.parametrize(("percent", "n"), [(50, 0), (50, 1), (50, 5), (25, 12), (75, 12)])
def test_too_few_values_have_no_interval_of_a_quantile(percent: int, n: int) -> None:
    assert np.isnan(one("quantile_rank", percent, n)).all()


@pytest.mark.parametrize(("percent", "n"), [(50, 6), (25, 13), (75, 13)])
def test_the_least_number_of_values_has_one(percent: int, n: int) -> None:
    assert np.isfinite(one("quantile_rank", percent, n)).all()


@pytest.mark.parametrize(
    ("method", "x", "n"),
    [("clopper_pearson", 3, 2), ("clopper_pearson", 0, 0), ("clopper_pearson", -1, 5), ("garwood", 1, 0)],
)
def test_an_impossible_request_has_no_interval(method: str, x: int, n: int) -> None:
    assert np.isnan(one(method, x, n)).all()


def test_requests_of_all_kinds_are_answered_in_their_own_rows() -> None:
    kind = np.array(["rate_ratio", "garwood", "quantile_rank", "clopper_pearson"], dtype=object)
    x, n = np.array([5, 5, 50, 5]), np.array([10, 10, 10, 10])
    lo, hi = exact.intervals(kind, x, n)
    for row, name in enumerate(kind):
        assert (lo[row], hi[row]) == one(name, int(x[row]), int(n[row]))


def test_no_requests_give_no_rows() -> None:
    none = np.array([], dtype=np.int64)
    lo, hi = exact.intervals(np.array([], dtype=object), none, none)
    assert len(lo) == len(hi) == 0


def test_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="bayes"):
        exact.intervals(np.array(["bayes"], dtype=object), np.array([1]), np.array([2]))
