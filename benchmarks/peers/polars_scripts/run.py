"""A peer: polars scripts. Reads the feed, makes the five marts, asserts the promises, writes a DuckDB file.

Run with the python of its own environment: `run.py INBOX OUT.duckdb`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import marts as made
import polars as pl
from cleaning import mapped_lines

sys.path.insert(0, str(Path(__file__).parents[1]))
from checks import PROMISES


def broken(marts: dict[str, pl.DataFrame]) -> list[str]:
    """The promises that do not hold."""
    found = []
    for mart, promise in PROMISES.items():
        frame = marts[mart]
        tests = {f"{c} is null": pl.col(c).is_null() for c in promise.not_null}
        tests |= {f"{c} is another word": ~pl.col(c).is_in(words) for c, words in promise.in_set.items()}
        tests |= {f"{c} is too low": pl.col(c) < low for c, (low, _) in promise.between.items()}
        tests |= {
            f"{c} is too high": pl.col(c) > high
            for c, (_, high) in promise.between.items()
            if high is not None
        }
        tests["it repeats a row"] = pl.struct(promise.unique).is_duplicated()
        failed = frame.select(test.any().alias(name) for name, test in tests.items()).row(0, named=True)
        found += [f"{mart}: {name}" for name, fails in failed.items() if fails]
    return found


def main() -> None:
    """Run."""
    inbox, out = Path(sys.argv[1]), Path(sys.argv[2])
    lines = mapped_lines(inbox)
    coverage, cells = made.periods(lines)
    by_period, by_size = made.purity(lines, coverage)
    marts = {
        "seizures": made.seizures(lines), "seizure_rate": made.seizure_rate(cells), "substance_share": made.substance_share(cells),
        "purity": by_period, "purity_by_size": by_size,
    }  # fmt: skip
    if found := broken(marts):
        sys.exit("; ".join(found))
    out.unlink(missing_ok=True)
    with duckdb.connect(str(out)) as con:
        for mart, frame in marts.items():
            con.register("frame", frame.to_arrow())
            con.execute(f"create table {mart} as from frame")


if __name__ == "__main__":
    main()
