"""Whether two files hold the same five marts: row for row, both ways, doubles within 1e-9 of each other.

Compared are all columns of both but those in ONLY_OURS, which only scipy, a bootstrap or its results have.

Run with `.venv/bin/python benchmarks/same.py OURS.duckdb THEIRS.duckdb`; exit code 1 when something differs.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

ONLY_OURS = {  # bounds, and why there are none
    "seizures": (),
    "seizure_rate": ("rate_ratio_lo", "rate_ratio_hi"),
    "substance_share": ("share_mass_pct_lo", "share_mass_pct_hi"),
    "purity": (
        "median_lo",
        "median_hi",
        "p25_lo",
        "p25_hi",
        "p75_lo",
        "p75_hi",
        "quartile_interval_reason",
    ),
    "purity_by_size": ("median_lo", "median_hi", "gap_to_small_lo", "gap_to_small_hi", "gap_verdict"),
}
SHOWN = 3  # differing rows of a mart


def columns(con: duckdb.DuckDBPyConnection, database: str, mart: str) -> dict[str, str]:
    """Types of a mart's columns by name."""
    rows = con.execute(
        "select column_name, data_type from duckdb_columns() where database_name = ? and table_name = ? "
        "and schema_name in ('marts', 'main') order by column_index",
        [database, mart],
    ).fetchall()
    return dict(rows)


def differences(ours: Path, theirs: Path) -> list[str]:
    """Sentences about marts whose columns or rows differ, with a few of the rows; empty when all are the same."""
    found = []
    with duckdb.connect() as con:
        con.execute(f"attach '{ours}' as ours (read_only)")
        con.execute(f"attach '{theirs}' as theirs (read_only)")
        for mart, only_ours in ONLY_OURS.items():
            kinds, given = columns(con, "ours", mart), columns(con, "theirs", mart)
            wanted = [name for name in kinds if name not in only_ours]
            if set(wanted) != set(given):
                found.append(f"{mart}: columns differ: {sorted(set(wanted) ^ set(given))}")
                continue
            exact = [name for name in wanted if kinds[name] != "DOUBLE"]
            found += _rows(con, mart, exact, [name for name in wanted if kinds[name] == "DOUBLE"])
    return found


def _rows(con: duckdb.DuckDBPyConnection, mart: str, exact: list[str], doubles: list[str]) -> list[str]:
    """The exact columns as `except all` both ways; where they agree they name a row, and its doubles are compared."""
    names = ", ".join(exact)
    kinds = columns(con, "ours", mart)
    ours = f"select {names} from ours.marts.{mart} where source = 'seizures'"
    theirs = f"select {', '.join(f'cast({n} as {kinds[n]}) as {n}' for n in exact)} from theirs.{mart}"
    found = []
    for words, one, other in (("missing", ours, theirs), ("too many", theirs, ours)):
        rows = con.execute(f"({one}) except all ({other})").fetchall()
        if rows:
            found.append(f"{mart}: {len(rows)} rows {words}, as {rows[:SHOWN]}")
    if found or not doubles:
        return found
    same = " and ".join(f"a.{name} is not distinct from b.{name}" for name in exact)
    off = " or ".join(
        f"(a.{n} is null) <> (b.{n} is null) or abs(a.{n} - b.{n}) > 1e-9 * greatest(1, abs(a.{n}))"
        for n in doubles
    )
    pairs = (
        f"select {', '.join(f'a.{n}, b.{n}' for n in doubles)}, a.* from ours.marts.{mart} as a "
        f"inner join theirs.{mart} as b on {same} where a.source = 'seizures' and ({off})"
    )
    rows = con.execute(pairs).fetchall()
    return [f"{mart}: {len(rows)} rows with other figures in {doubles}, as {rows[:SHOWN]}"] if rows else []


def main() -> int:
    """Compare, print what differs."""
    found = differences(Path(sys.argv[1]), Path(sys.argv[2]))
    print("\n".join(found) or "the same five marts")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
