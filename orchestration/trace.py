"""From a published row back to the delivered files and lines behind it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from orchestration import builds
from orchestration.database import connect
from orchestration.errors import UsageError
from orchestration.settings import Settings

SHOWN_LINES = 20


def trace_row(settings: Settings, mart: str, keys: list[str]) -> list[dict[str, Any]]:
    """Files, hashes and lines behind the rows of a mart that match every KEY=VALUE.

    Returns:
        One dict per delivered file: source, file, sha256, known_at, lines (the first 20, then how many more).

    Raises:
        UsageError: when nothing is published, the mart or a key is unknown, or no row matches.
    """
    build = builds.published_build(settings)
    if build is None:
        raise UsageError("Nothing is published yet; run `beslag refresh`.")
    folder = settings.builds / build.build_id
    lineage = json.loads((folder / "rows" / "lineage.json").read_text("utf-8"))
    if mart not in lineage:
        raise UsageError(
            f"There is no mart '{mart}' with rows to trace; the marts are {', '.join(sorted(lineage))}."
        )
    wanted = _wanted(keys)
    with connect(settings.published, read_only=True) as con:
        types = {row[0]: row[1] for row in con.execute(f"describe marts.{mart}").fetchall()}
        if unknown := sorted(set(wanted) - set(types)):
            raise UsageError(f"{mart} has no column '{unknown[0]}'; its columns are {', '.join(types)}.")
        where = " and ".join(f"cast({name} as varchar) = ?" for name in wanted)
        cursor = con.execute(f"select * from marts.{mart} where {where}", list(wanted.values()))
        names = [column[0] for column in cursor.description or ()]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    if not found:
        raise UsageError(
            f"No row of {mart} has {' and '.join(keys)}; look it up in {settings.published.name}."
        )
    with connect() as con:
        model = folder / "rows" / f"{lineage[mart]['row_model']}.parquet"
        con.execute(f"create view rows as select * from '{str(model).replace(chr(39), chr(39) * 2)}'")
        con.execute(
            f"create view deliveries as select * from '{str(folder).replace(chr(39), chr(39) * 2)}/rows/deliveries.parquet'"
        )
        have = {row[0] for row in con.execute("describe rows").fetchall()}
        lines = {line for row in found for line in _behind(con, row, lineage[mart], have)}
    return [_file(lines, delivery) for delivery in sorted({line[:4] for line in lines})]


def columns(lineages: Sequence[Mapping[str, Any]]) -> set[str]:
    """The columns of a row model that tracing the marts of these lineages may ask for."""
    asked = {"source", "delivery_id", "source_line", "period_grain"}
    for lineage in lineages:
        asked |= {*lineage["grain"], *(lineage[key] for key in ("row_date", "row_filter") if key in lineage)}
    return asked


def _wanted(keys: list[str]) -> dict[str, str]:
    pairs = [key.partition("=") for key in keys]
    if bad := [key for key, (_, equals, _) in zip(keys, pairs, strict=True) if not equals]:
        raise UsageError(f"'{bad[0]}' is not KEY=VALUE; name a column of the mart and its value.")
    return {name: value for name, _, value in pairs}


def _behind(
    con: duckdb.DuckDBPyConnection, row: dict[str, Any], lineage: dict[str, Any], have: set[str]
) -> list[tuple[Any, ...]]:
    """(source, file, sha256, known_at, line) of every raw row that agrees with a mart row on what both state.

    Agreement is on the mart's grain as far as the row model has those columns, on the period by the row's date
    where the lineage names one, and on the model's own condition of what counts (`row_filter`).
    """
    tests, values = ["list_contains(string_split(?, '+'), r.source)"], [row["source"]]
    by_date = {"period_start"} if "row_date" in lineage else set()
    for column in sorted(set(lineage["grain"]) & have - {"source"} - by_date):
        test = f"r.{column} is not distinct from ?"
        # A line with a day and no period of its own belongs to every period that holds its day.
        tests.append(f"({test} or r.period_grain is null)" if column == "period_grain" else test)
        values.append(row[column])
    if "period_start" in row and by_date:
        tests.append(f"r.{lineage['row_date']} between ? and ?")
        values += [row["period_start"], row["period_end"]]
    if "row_filter" in lineage:
        tests.append(f"r.{lineage['row_filter']}")
    return con.execute(
        "select d.source, d.file_name, d.sha256, cast(d.known_at as varchar), r.source_line from rows as r "
        f"inner join deliveries as d using (delivery_id) where {' and '.join(tests)}",
        values,
    ).fetchall()


def _file(lines: set[tuple[Any, ...]], delivery: tuple[Any, ...]) -> dict[str, Any]:
    numbers = sorted(line[4] for line in lines if line[:4] == delivery)
    more = f" and {len(numbers) - SHOWN_LINES} more" if len(numbers) > SHOWN_LINES else ""
    shown = ", ".join(map(str, numbers[:SHOWN_LINES])) + more
    return dict(zip(("source", "file", "sha256", "known_at", "lines"), (*delivery, shown), strict=True))
