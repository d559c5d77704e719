"""The statistics that marts compute in SQL, against other people's implementations. Exact intervals: test_intervals.py."""

from __future__ import annotations

import math
import statistics
from pathlib import Path

import duckdb
import jinja2
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

MACROS = Path(__file__).parents[2] / "dbt_project" / "macros"
FILES = ("arithmetic.sql", "wilson.sql", "concentration.sql", "outbreak.sql")
LIBRARY = "".join((MACROS / name).read_text("utf-8") for name in FILES)


def sql(expression: str) -> str:
    """An expression with the project's macros written out, as dbt would."""
    return jinja2.Environment().from_string(LIBRARY + "{{ " + expression + " }}").render().strip()


def value(expression: str, relation: str) -> float:
    with duckdb.connect() as con:
        [(found,)] = con.execute(f"select {sql(expression)} from {relation}").fetchall()
    return float(found)


@given(n=st.integers(1, 10**6), part=st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_wilson_is_scipys_score_interval(n: int, part: float) -> None:
    x = round(n * part)
    expected = stats.binomtest(x, n).proportion_ci(0.95, method="wilson")
    counts = f"(select {x} as x, {n} as n)"
    found = (value("wilson_low('x', 'n')", counts) / 100, value("wilson_high('x', 'n')", counts) / 100)
    assert found == pytest.approx((expected.low, expected.high), abs=1e-9)


MASSES = st.lists(st.integers(1, 10**9), min_size=2, max_size=60)


@given(MASSES)
@settings(max_examples=40, deadline=None)
def test_gini_is_the_mean_difference_over_twice_the_mean(masses: list[int]) -> None:
    """By its definition, over all pairs, in polars."""
    frame = pl.DataFrame({"m": masses}, schema={"m": pl.Float64})
    pairs = frame.join(frame, how="cross", suffix="_other")
    differences = pairs.select((pl.col("m") - pl.col("m_other")).abs().mean()).item()
    expected = differences / (2 * float(frame["m"].mean()))  # type: ignore[arg-type]
    ranked = ", ".join(f"({rank}, {m})" for rank, m in enumerate(sorted(masses), start=1))
    sums = f"(select count(*) as n, sum(m) as total, sum(r * cast(m as bigint)) as ranked from (values {ranked}) as t (r, m))"
    assert value("gini('n', 'total', 'ranked')", sums) == pytest.approx(expected, abs=1e-9)


@given(MASSES, st.sampled_from([0.25, 0.5, 0.75]))
@settings(max_examples=40, deadline=None)
def test_quantiles_are_polars_linear_ones(masses: list[int], fraction: float) -> None:
    expected = pl.Series(masses).quantile(fraction, interpolation="linear")
    listed = ", ".join(f"({m})" for m in masses)
    assert value(f"quantile('m', {fraction})", f"(values {listed}) as t (m)") == pytest.approx(
        expected, rel=1e-12
    )


@given(MASSES)
@settings(max_examples=40, deadline=None)
def test_geometric_mean_is_scipys(masses: list[int]) -> None:
    listed = ", ".join(f"({m})" for m in masses)
    found = value("geometric_mean(ln_decimal('m'))", f"(values {listed}) as t (m)")
    assert found == pytest.approx(float(stats.gmean(masses)), rel=1e-9)


@pytest.mark.parametrize(("counts", "expected"), [((10,), 1.0), ((5, 5, 5, 5), 0.25), ((9, 1), 0.82)])
def test_hhi_of_known_shares(counts: tuple[int, ...], expected: float) -> None:
    sums = f"(select {sum(counts)} as n, {sum(c * c for c in counts)} as s)"
    assert value("hhi('s', 'n')", sums) == pytest.approx(expected)


@given(st.lists(st.integers(0, 500), min_size=3, max_size=10))
@settings(max_examples=60, deadline=None)
def test_a_bound_is_above_the_mean_and_no_lower_than_chance_alone_makes_it(counts: list[int]) -> None:
    k, total = len(counts), sum(counts)
    sums = f"(select {k} as k, {total} as t, {sum(c * c for c in counts)} as s)"
    dispersion = value("dispersion('k', 't', 's')", sums)
    if total:
        assert dispersion == pytest.approx(max(1.0, statistics.variance(counts) * k / total))
    bound = value("outbreak_bound('k', 't', dispersion('k', 't', 's'))", sums)
    assert bound > total / k
    if total > 30 * k and dispersion == 1:
        assert bound >= stats.poisson.ppf(0.995, total / k) - 1


def test_after_years_of_nothing_the_bound_is_what_chance_puts_into_one_year_of_many() -> None:
    """With k earlier years, y seizures all in the last one have the probability (1 / (k + 1)) ** y."""
    bound = value("outbreak_bound('5', '0', '1.0')", "(select 1)")
    assert (1 / 6) ** bound == pytest.approx(1 / 200)
    assert bound == pytest.approx(math.log(200) / math.log(6))
