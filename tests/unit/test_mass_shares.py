"""Bootstrap intervals of shares by mass: steady whatever the order, close to plain resampling, quick on many lines."""

import importlib.util
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

MODEL = Path(__file__).parents[2] / "dbt_project/models/intermediate/intervals/int_intervals__mass_shares.py"
spec = importlib.util.spec_from_file_location("int_intervals__mass_shares", MODEL)
assert spec is not None and spec.loader is not None
shares = importlib.util.module_from_spec(spec)
spec.loader.exec_module(shares)

Lines = list[tuple[str, int, str, int]]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "BATCH", 7)


def bounds_of(lines: Lines) -> list[tuple[object, ...]]:
    """As the model reads them: from DuckDB, in batches smaller than a group."""
    columns = dict(
        zip(
            ("cell", "month", "substance_group", "micrograms"),
            map(list, zip(*lines, strict=True)),
            strict=True,
        )
    )
    with duckdb.connect() as con:
        read = shares.read(con.from_arrow(pa.table(columns)))
        found: list[tuple[object, ...]] = shares.intervals(read)
    return found


def drawn(n: int, seed: int) -> Lines:
    """Lines of three groups over two years, of log-normal mass."""
    rng = np.random.default_rng(seed)
    mass = np.exp(rng.normal(14, 2, n)).astype(np.int64)
    months = rng.integers(24_000, 24_024, n)
    return [
        ("s:NO", int(m), g, int(w))
        for m, g, w in zip(months, rng.choice(["cannabis", "cocaine", "heroin"], n), mass, strict=True)
    ]


def test_the_order_of_lines_changes_no_bit() -> None:
    lines = drawn(3_000, 1)
    shuffled = [lines[i] for i in np.random.default_rng(2).permutation(len(lines))]
    assert bounds_of(lines) == bounds_of(shuffled)


def test_another_countrys_lines_change_no_bit() -> None:
    lines = drawn(500, 3)
    others = [("s:SE", month, group, mass + 7) for _, month, group, mass in drawn(500, 4)]
    assert [row for row in bounds_of(lines + others) if row[0] == "s:NO"] == bounds_of(lines)


@pytest.mark.parametrize("n", [60, 600, 6_000])
def test_bounds_are_those_of_resampling_every_line(n: int) -> None:
    """Against Efron's bootstrap of whole lines, within two points of share."""
    lines = [("s:NO", 24_000, group, mass) for _, _, group, mass in drawn(n, n)]
    mass = np.array([line[3] for line in lines], dtype=float)
    is_cocaine = np.array([line[2] == "cocaine" for line in lines])
    picks = np.random.default_rng(0).integers(0, n, (4_000, n))
    plain = 100 * (mass * is_cocaine)[picks].sum(axis=1) / mass[picks].sum(axis=1)
    [(lo, hi)] = [row[4:] for row in bounds_of(lines) if row[1] == "year" and row[3] == "cocaine"]
    assert (lo, hi) == pytest.approx(tuple(np.quantile(plain, [0.025, 0.975])), abs=3)


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 10**12)), min_size=1, max_size=80))
@settings(max_examples=60, deadline=None)
def test_the_share_lies_within_its_bounds_and_they_within_0_and_100(lines: list[tuple[str, int]]) -> None:
    total = sum(mass for _, mass in lines)
    for _, _, _, group, lo, hi in bounds_of([("s:NO", 24_000, group, mass) for group, mass in lines]):
        if total == 0:
            assert np.isnan(lo) and np.isnan(hi)
            continue
        share = 100 * sum(mass for name, mass in lines if name == group) / total
        assert 0 <= lo <= share <= hi <= 100 + 1e-9


def test_a_drug_that_is_all_there_is_has_all_the_mass_in_every_draw() -> None:
    assert {row[4:] for row in bounds_of([("s:NO", 24_000, "a", 5)] * 30)} == {(100.0, 100.0)}


def test_periods_are_months_halves_and_years() -> None:
    found = bounds_of([("s:NO", 12 * 2023 + 8, "a", 5), ("s:NO", 12 * 2023, "a", 5)])
    assert [row[1:3] for row in found] == [
        ("half_year", 12 * 2023), ("half_year", 12 * 2023 + 6), ("month", 12 * 2023), ("month", 12 * 2023 + 8),
        ("year", 12 * 2023),
    ]  # fmt: skip


def test_no_lines_have_no_intervals() -> None:
    with duckdb.connect() as con:
        none = con.sql("select 'a' as cell, 'b' as substance_group, 1 as month, 1 as micrograms where false")
        assert shares.intervals(shares.read(none)) == []


def test_micrograms_are_exact_below_and_above_a_tonne() -> None:
    masses = ["0.000001", "899999.999999", "900000", "999999999.123456"]
    with duckdb.connect() as con:
        rows = f"(select cast(unnest({masses}) as decimal(18, 6)) as mass_g)"
        found = con.sql(f"select {shares.MICROGRAMS} from {rows}").fetchall()
    assert [row[0] for row in found] == [1, 899_999_999_999, 900_000_000_000, 999_999_999_123_456]
