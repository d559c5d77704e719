"""Judging a delivery against what it would replace, before a row of it is merged.

Here: the refusals of a delivery that reads well but cannot be right. Not here: reading it (parse.py), merging it
(load.py). Judged in history order, on the rows that stand then, so that the verdict is a function of the deliveries.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import duckdb

from orchestration.archive import Delivery
from orchestration.contract import Contract
from orchestration.contract_parts import Periods, ScopePart
from orchestration.database import one_row
from orchestration.errors import DeliveryRefused
from orchestration.parse import Parsed

SHOWN = 5  # periods named in a sentence
STEPS = {
    "day": "1 day", "week": "7 days", "month": "1 month", "quarter": "3 months", "half_year": "6 months", "year": "1 year",
}  # fmt: skip
REMEDY = "ask the producer, or widen 'tolerance.{key}' with a reason"


@dataclass(frozen=True)
class Revised:
    """Rows of closed periods: how many stood, and how many the delivery states otherwise, anew or no longer."""

    stood: int = 0
    changed: int = 0


def scope(contract: Contract) -> str:
    """SQL for what a row's delivery replaces, as text: its parts, kept apart, a missing one like any other."""
    parts = ", ".join(map(_part, contract.revision.scope))
    return f"concat_ws(chr(31), {parts})" if parts else "''"


def asked(contract: Contract) -> list[str]:
    """The fields of a delivery that judging and merging it ask for."""
    names = {part.field for part in contract.revision.scope} | set(_fillable(contract))
    if contract.tolerance.periods:
        names.add(contract.tolerance.periods.field)
    if contract.revision.mode == "append":
        names |= set(contract.schema_.primaryKey)
    return sorted(names)


def scopes(contract: Contract) -> str:
    """SQL for what the staged delivery covers: `_scope` as text, and its parts as values, by which rows are looked up."""
    parts = "".join(f", {_value(part)} as part_{i}" for i, part in enumerate(contract.revision.scope))
    return f"select distinct _scope{parts} from incoming"


def covered(contract: Contract) -> str:
    """SQL for a row that lies in the scopes of the staged delivery."""
    return f"exists (select 1 from scopes where {_lies_in(contract)})"


def touched(contract: Contract) -> str:
    """SQL for the standing rows that the staged delivery takes the place of: those of its scopes, or those of its keys."""
    if contract.revision.mode == "replace":
        return covered(contract)
    key = ", ".join(contract.schema_.primaryKey)
    return f"({key}) in (select ({key}) from incoming)" if key else "false"


def _part(part: ScopePart) -> str:
    return f"coalesce(cast({_value(part)} as varchar), chr(30))"


def _value(part: ScopePart) -> str:
    return f"year({part.field})" if part.by == "year" else part.field


def _lies_in(contract: Contract) -> str:
    same = [
        f"scopes.part_{i} is not distinct from {_value(part)}"
        for i, part in enumerate(contract.revision.scope)
    ]
    return " and ".join(same) or "true"


def judge(con: duckdb.DuckDBPyConnection, contract: Contract, delivery: Delivery, parsed: Parsed) -> Revised:
    """Judge the delivery staged in the temporary table `incoming`, with what it covers in `scopes`.

    Returns:
        How much of what stood for closed periods it revises.

    Raises:
        DeliveryRefused: when it is out of the contract's tolerance; the sentence says by how much and what to do.
    """
    _readable(contract, parsed)
    if _replaces_made_up_rows(con, contract):
        return Revised()  # the first real delivery replaces figures it has nothing to do with
    con.execute(
        f"create or replace temp view standing as select *, {scope(contract)} as _scope "
        f"from raw.{contract.name} where _valid_to is null and {touched(contract)}"
    )
    # `exists` and `count(*)` would do as well, but DuckDB then carries all columns along: 5 s for 2 million rows.
    (last_replaced,) = one_row(con, "select max(_delivery_id) from standing")
    if last_replaced is not None and contract.revision.mode == "replace":
        _as_large(con, contract, delivery)
        _as_wide(con, contract)
    if contract.tolerance.periods is None:
        return Revised()
    _without_gaps(con, contract, contract.tolerance.periods)
    if last_replaced is None:  # nothing stands there yet
        return Revised()
    return _closed_as_before(con, contract, contract.tolerance.periods, delivery)


def _readable(contract: Contract, parsed: Parsed) -> None:
    allowed = contract.tolerance.quarantined
    if parsed.rows_quarantined > allowed * parsed.rows_in_file:
        first = parsed.rejects.row(0, named=True)
        raise DeliveryRefused(
            f"{parsed.rows_quarantined} of {parsed.rows_in_file} rows cannot be read, more than the tolerated "
            f"{allowed:.0%}; the first is line {first['line']}, column '{first['field']}', {first['reason']}."
        )


def _replaces_made_up_rows(con: duckdb.DuckDBPyConnection, contract: Contract) -> bool:
    synthetic, real = one_row(
        con,
        "select count(*) filter (_is_synthetic), count(*) filter (not _is_synthetic) "
        f"from raw.{contract.name} where _valid_to is null",
    )
    (incoming_is_synthetic,) = one_row(con, "select coalesce(bool_or(_is_synthetic), false) from incoming")
    if real and incoming_is_synthetic:
        raise DeliveryRefused(
            "it holds synthetic rows, but the source has real deliveries; remove it from the inbox."
        )
    return bool(synthetic) and not incoming_is_synthetic


def _as_large(con: duckdb.DuckDBPyConnection, contract: Contract, delivery: Delivery) -> None:
    """Number of rows, of the scopes that stand; number of bytes, where the file covers just the scopes of the one before.

    Editions overlap (four fiscal years, then the next four), so what a file adds is no change of what it replaces.
    """
    allowed = contract.tolerance
    replaced, previous, held = one_row(
        con,
        "select coalesce(sum(n), 0), max_by(d.size_bytes, (d.known_at, d.sha256)), max_by(d.scopes, (d.known_at, d.sha256)) "
        "from (select _delivery_id, count(*) as n from standing group by _delivery_id) "
        "inner join ops.deliveries as d on _delivery_id = d.delivery_id",
    )
    replacing, given = one_row(
        con,
        f"with stood as (select _scope from scopes where exists (select 1 from standing where {_lies_in(contract)})) "
        "select count(*) filter (_scope in (select _scope from stood)), (select list(_scope) from scopes) from incoming",
    )
    is_same_extract = replaced and set(json.loads(held)) == set(given)
    for what, new, old, limit in (
        ("rows", replacing, replaced, allowed.rows),
        ("bytes", delivery.size_bytes, previous, allowed.size if is_same_extract else None),
    ):
        if replaced and limit is not None and abs(new - old) > limit * old:
            raise DeliveryRefused(
                f"it holds {new} {what} where the delivery it replaces held {old}, a change beyond the tolerated "
                f"{limit:.0%} ({allowed.reason}); ask the producer, or widen 'tolerance' with a reason."
            )


def _as_wide(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Columns that a file may lack, but that what it replaces filled."""
    columns = _fillable(contract)
    if not columns:
        return
    filled = ", ".join(f"count({name})" for name in columns)
    before, now = (one_row(con, f"select {filled} from {rows}") for rows in ("standing", "incoming"))
    gone = [name for name, old, new in zip(columns, before, now, strict=True) if old and not new]
    if gone:
        raise DeliveryRefused(
            f"the column '{gone[0]}' is missing or empty, and the delivery it replaces filled it in "
            f"{before[columns.index(gone[0])]} rows; {REMEDY.format(key='vanished')}."
        )


def _fillable(contract: Contract) -> list[str]:
    return [f.name for f in contract.kept_fields if f.optional and f.name not in contract.tolerance.vanished]


def _without_gaps(con: duckdb.DuckDBPyConnection, contract: Contract, rule: Periods) -> None:
    """Periods the delivery leaves out: in its midst where what stands has no such hole, or of a scope it replaces."""
    per = ", ".join(_part(part) for part in contract.revision.scope if part.field != rule.field)
    series = f"concat_ws(chr(31), {per})" if per else "''"
    start, step = period_start(contract, rule), STEPS[rule.step]
    fields = ", ".join(sorted({rule.field, *(part.field for part in contract.revision.scope)}))

    def told(rows: str) -> str:  # texts are made of the few different values, not of every row
        different = f"select distinct {fields} from {rows} where {rule.field} is not null"
        return f"select distinct {series} as series, {start} as period from ({different})"

    appended = "" if contract.revision.mode == "replace" else "and not stood.has"
    missing = [
        row[0]
        for row in con.execute(f"""
            with given as (
                {told("incoming")}
            ), held as (
                {told(f"(select * from raw.{contract.name} where _valid_to is null)")}
            ), span as (
                select g.series, min(g.period) as low, max(g.period) as high, min(h.period) as held_low,
                    max(h.period) as held_high
                from given as g inner join held as h using (series) group by g.series
            ), expected as (
                select series, held_low, held_high, cast(unnest(generate_series(low, high, interval {step})) as date) as period
                from span
            ), stood as (
                select e.*, h.period is not null as has,
                    h.period is null and e.period between e.held_low and e.held_high as lacks
                from expected as e left join held as h using (series, period)
            ), replaced as (
                {told("standing")}
            )
            select period from stood where not lacks {appended} and (series, period) not in (select (series, period) from given)
            union
            select period from replaced
            where '{contract.revision.mode}' = 'replace' and (series, period) not in (select (series, period) from given)
            order by period""").fetchall()
    ]
    if len(missing) > rule.gaps:
        shown = ", ".join(f"{day:%Y-%m-%d}" for day in missing[:SHOWN])
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        raise DeliveryRefused(
            f"it has no row for {len(missing)} {rule.step.replace('_', '-')}s that one would expect of it by what stands "
            f"(beginning {shown}{more}), more than the tolerated {rule.gaps} ({contract.tolerance.reason}); "
            f"{REMEDY.format(key='periods.gaps')}."
        )


def _closed_as_before(
    con: duckdb.DuckDBPyConnection, contract: Contract, rule: Periods, delivery: Delivery
) -> Revised:
    """How many rows differ in periods that ended long ago and that stand already, by the contract's measure of long."""
    if rule.changed is None:
        return Revised()
    start = period_start(contract, rule)
    closed = f"{start} + interval {STEPS[rule.step]} + interval {rule.closed_after_days} days <= $known"
    stood, ended, begun = one_row(
        con,
        f"""
        with before as (select *, {start} as _period from standing where {closed}),
        after as (
            select *, {start} as _period from incoming
            where {closed} and (_scope, {start}) in (select (_scope, _period) from before)
        )
        select (select count(*) from before),
            (select count(*) from before anti join after using (_row_hash, _ordinal)),
            (select count(*) from after anti join before using (_row_hash, _ordinal))""",
        {"known": delivery.known_at},
    )
    revised = Revised(stood, max(ended, begun))
    if revised.changed > rule.changed * stood:
        raise DeliveryRefused(
            f"it changes {revised.changed} of the {stood} rows of {rule.step.replace('_', '-')}s that ended more than "
            f"{rule.closed_after_days} days before it was known, {revised.changed / stood:.1%} where {rule.changed:.1%} are tolerated "
            f"({contract.tolerance.reason}); {REMEDY.format(key='periods.changed')}."
        )
    return revised


def period_start(contract: Contract, rule: Periods) -> str:
    """SQL for the first day of the period a row is of."""
    if contract.field(rule.field).type == "year":
        return f"make_date({rule.field}, 1, 1)"
    if rule.step == "half_year":
        return f"make_date(year({rule.field}), case when month({rule.field}) <= 6 then 1 else 7 end, 1)"
    return f"cast(date_trunc('{rule.step}', {rule.field}) as date)"
