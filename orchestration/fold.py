"""One delivery merged into raw: what no longer stands ends, what is new begins.

Here: the identity of rows, and the statements. Not here: which deliveries and in which order (load.py), whether a
delivery may be merged (arrival.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain

import duckdb
import polars as pl

from orchestration import arrival, parse
from orchestration.archive import Delivery
from orchestration.contract import Contract
from orchestration.database import one_row

ROW_GROUP = 122_880  # rows that DuckDB keeps together, unless a file says otherwise


def stage(con: duckdb.DuckDBPyConnection, contract: Contract, parsed: parse.Parsed) -> None:
    """What a delivery is judged and merged by, as the temporary tables `incoming` and `scopes`.

    A row of `incoming` is a line with its identity, a 63-bit hash of the typed content and an ordinal among equals, and
    with the fields that judging asks for: the lines themselves are written once, into raw.
    """
    asked = ["_line", "_is_synthetic", "_row_hash", *arrival.asked(contract)]
    with as_lines(con, parsed, asked):
        con.execute(
            "create or replace temp table incoming as "
            f"select {', '.join(asked)}, 1 as _ordinal, {arrival.scope(contract)} as _scope from lines"
        )
    con.execute("""
        update incoming set _ordinal = later.ordinal
        from (
            select _line, row_number() over (partition by _row_hash order by _line) as ordinal from incoming
            where _row_hash in (select _row_hash from incoming group by _row_hash having count(*) > 1)
        ) as later
        where incoming._line = later._line and later.ordinal > 1""")
    con.execute(f"create or replace temp table scopes as {arrival.scopes(contract)}")


@contextmanager
def as_lines(
    con: duckdb.DuckDBPyConnection, parsed: parse.Parsed, columns: Sequence[str] | None = None
) -> Iterator[None]:
    """The accepted rows of a file, or some columns of them, as `lines`: read by one query, which takes the memory of a part."""
    import pyarrow as pa  # takes 40 MB, which finding that nothing is new does not need

    tables = (frame.to_arrow() for frame in _in_row_groups(parsed.frames(columns)))
    first = next(tables)
    batches = (batch for table in chain([first], tables) for batch in table.combine_chunks().to_batches())
    con.register("lines", pa.RecordBatchReader.from_batches(first.schema, batches))
    yield  # an error ends the transaction, and with it what was registered
    con.unregister("lines")


def _in_row_groups(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The same rows, cut as DuckDB keeps them: groups of other sizes it writes once more to fill them up."""
    rest = next(frames)
    for frame in frames:
        rest = pl.concat([rest, frame], rechunk=False)
        while rest.height >= ROW_GROUP:
            yield rest.head(ROW_GROUP)
            rest = rest.slice(ROW_GROUP)
    yield rest


def fold(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    delivery: Delivery,
    number: int,
    parsed: parse.Parsed,
) -> tuple[int, int]:
    """End what the delivery no longer states, begin what it states anew. Returns (ended, begun) row versions."""
    table, known = f"raw.{contract.name}", delivery.known_at
    same = "i._row_hash = t._row_hash and i._ordinal = t._ordinal"
    replaces_synthetic = "(t._is_synthetic and exists (select 1 from incoming where not _is_synthetic))"
    (ended,) = one_row(
        con,
        f"update {table} as t set _valid_to = $known, _ended_by = $number where t._valid_to is null and "
        f"({replaces_synthetic} or ({arrival.touched(contract)} and not exists (select 1 from incoming as i where {same})))",
        {"known": known, "number": number},
    )
    (standing,) = one_row(
        con,
        "create or replace temp table stands as select i._line from incoming as i where exists "
        f"(select 1 from {table} as t where t._valid_to is null and {arrival.covered(contract)} and {same})",
    )
    (repeated,) = one_row(con, "select count(*) from incoming where _ordinal > 1")
    names = ", ".join(name for name, _ in contract.raw_columns())
    # Looking lines up in a table without rows would cost a fifth of writing them.
    ordinal, later, new = "1", "", ""
    if repeated:
        ordinal = "coalesce(later._ordinal, 1)"
        later = "left join (select _line, _ordinal from incoming where _ordinal > 1) as later on lines._line = later._line "
    if standing:
        new = "where lines._line not in (select _line from stands)"
    with as_lines(con, parsed):
        (begun,) = one_row(
            con,
            f"insert into {table} select {names}, _row_hash, {ordinal}, $number, lines._line, "
            f"_is_synthetic, $known, null, null from lines {later}{new}",
            {"known": known, "number": number},
        )
    return ended, begun
