"""Corrections that expire: `sources/corrections.csv`, applied between raw, which stays as delivered, and staging.

A line says which row (`key`: a JSON object, or field=value pairs joined by "&"), which `field`, what it is `expected`
to hold and what it is to hold instead (`new`; both empty for a missing value), the `reason`, to whom it was
`reported_to`, and `until` when it may stand. Values are written as raw holds them: decimal point, YYYY-MM-DD,
true or false. Staging reads `current.<source>`: the rows of raw that stand, corrected. Once a source is repaired the
expectation no longer holds, and the raw gate refuses the build until the line is removed.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import duckdb

from orchestration.contract import BOOKKEEPING, DUCKDB_TYPES, Contract
from orchestration.contract_parts import SourceField
from orchestration.errors import ContractError

FILE = "corrections.csv"
COLUMNS = ("source", "key", "field", "expected", "new", "reason", "reported_to", "until")
DDL = """
create schema if not exists current;
create table if not exists ops.corrections (
    source varchar, line integer, field varchar, reason varchar, reported_to varchar, until date, rows bigint,
    sentence varchar, refuses boolean);
"""


@dataclass(frozen=True)
class Correction:
    """One line of the file."""

    line: int
    source: str
    key: tuple[tuple[str, str | None], ...]
    field: str
    expected: str | None
    new: str | None
    reason: str
    reported_to: str
    until: date

    @property
    def what(self) -> str:
        """Which value is corrected, for a sentence."""
        where = " and ".join(f"{name} is {value or 'missing'}" for name, value in self.key)
        return f"The correction on line {self.line} of {FILE}, of {self.source}.{self.field} where {where},"


def load_corrections(folder: Path, contracts: dict[str, Contract]) -> list[Correction]:
    """Read the corrections of a folder of contracts; none when it has no such file.

    Raises:
        ContractError: naming the line, when it could not be applied whatever the data.
    """
    path = folder / FILE
    if not path.exists():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise ContractError(f"{FILE}: its columns must be {', '.join(COLUMNS)}, in this order.")
            found = [_read(reader.line_num, row, contracts) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ContractError(f"{FILE} cannot be read as UTF-8 csv ({error}); save it again.") from error
    seen: dict[tuple[object, ...], int] = {}
    for c in found:
        first = seen.setdefault((c.source, c.key, c.field), c.line)
        if first != c.line:
            raise ContractError(
                f"{FILE}, line {c.line}: line {first} corrects the same value; keep one of them."
            )
    return found


def any_expired(corrections: Sequence[Correction], today: date) -> bool:
    """Whether a correction has stood longer than it may, which the raw gate has to say."""
    return any(c.until < today for c in corrections)


def stand(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    corrections: Sequence[Correction],
    today: date,
    *,
    strict: bool,
) -> list[str]:
    """Make `current.<source>` from the rows of raw that stand, and note in `ops.corrections` what became of each.

    Args:
        strict: whether an expectation that does not hold refuses the build. In an as-of build it does not: what a
            correction of today expects may not have been known, or already been withdrawn, on that day.

    Returns:
        A sentence for every correction that was not applied.
    """
    con.execute("delete from ops.corrections where source = ?", [contract.name])
    applied: list[Correction] = []
    unmet: list[str] = []
    for c in (c for c in corrections if c.source == contract.name):
        sentence = _objection(con, contract, c)
        expired = c.until < today
        if expired:
            sentence = (
                f"{c.what} was to stand until {c.until}; ask {c.reported_to} whether the source is repaired, then remove "
                "the line or give it a later date and a reason."
            )
        if sentence is None:
            applied.append(c)
        else:
            unmet.append(sentence)
        con.execute(
            "insert into ops.corrections values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [c.source, c.line, c.field, c.reason, c.reported_to, c.until, int(sentence is None), sentence,
             sentence is not None and (strict or expired)],
        )  # fmt: skip
    names = [name for name, _ in contract.raw_columns()] + [name for name, _ in BOOKKEEPING]
    columns = ", ".join(_column(contract, name, [c for c in applied if c.field == name]) for name in names)
    con.execute(
        f"create or replace view current.{contract.name} as "
        f"select {columns} from raw.{contract.name} where _valid_to is null"
    )
    return unmet


def _objection(con: duckdb.DuckDBPyConnection, contract: Contract, c: Correction) -> str | None:
    """Why a correction cannot be applied to the rows that stand; None when it can."""
    field = contract.field(c.field)
    found = con.execute(
        f"select {c.field}, {c.field} is not distinct from {_literal(field, c.expected)} from raw.{contract.name} "
        f"where _valid_to is null and {_where(contract, c)} limit 2"
    ).fetchall()
    if not found:
        return f"{c.what} finds no such row; the source has changed: remove the line, or name the row as it is now."
    if len(found) > 1:
        return f"{c.what} finds more than one row; name more fields in its key."
    value, holds = found[0]
    if holds:
        return None
    shown = (
        "another value" if contract.disclosure == "restricted" else "nothing" if value is None else str(value)
    )
    return (
        f"{c.what} expected {c.expected or 'nothing'} and found {shown}; the source has changed: remove the line, or "
        "correct what it expects."
    )


def _column(contract: Contract, name: str, corrections: list[Correction]) -> str:
    if not corrections:
        return name
    field = contract.field(name)
    cases = " ".join(f"when {_where(contract, c)} then {_literal(field, c.new)}" for c in corrections)
    return f"case {cases} else {name} end as {name}"


def _where(contract: Contract, c: Correction) -> str:
    tests = (f"{name} is not distinct from {_literal(contract.field(name), value)}" for name, value in c.key)
    return " and ".join(tests)


def _literal(field: SourceField, value: str | None) -> str:
    text = "null" if value is None else "'" + value.replace("'", "''") + "'"
    return f"cast({text} as {DUCKDB_TYPES[field.type]})"


def _read(line: int, row: dict[str, str], contracts: dict[str, Contract]) -> Correction:
    def refuse(why: str) -> ContractError:
        return ContractError(f"{FILE}, line {line}: {why}.")

    if None in row or None in row.values():
        raise refuse(f"it does not have {len(COLUMNS)} cells; quote a cell that holds a comma")
    cells = {name: text.strip() for name, text in row.items()}
    if missing := [
        name for name in ("source", "key", "field", "reason", "reported_to", "until") if not cells[name]
    ]:
        raise refuse(f"the cell '{missing[0]}' is empty; fill it")
    contract = contracts.get(cells["source"])
    if contract is None:
        raise refuse(f"there is no source '{cells['source']}'; the sources are {', '.join(contracts)}")
    try:
        until = date.fromisoformat(cells["until"])
    except ValueError as error:
        raise refuse(f"until '{cells['until']}' is not a date; write YYYY-MM-DD") from error
    key = _key(cells["key"])
    if not key:
        raise refuse("its key names no field; write field=value, joined by &, or a JSON object")
    known = {f.name: f for f in contract.fields}
    for name in (*(name for name, _ in key), cells["field"]):
        if name not in known:
            raise refuse(f"{contract.name} has no field '{name}'")
        if known[name].personal:
            raise refuse(f"'{name}' is personal; it can neither be corrected nor name a row here")
    expected, new = cells["expected"] or None, cells["new"] or None
    values = (
        *((known[name], value) for name, value in key),
        (known[cells["field"]], expected),
        (known[cells["field"]], new),
    )
    for field, value in values:
        if value is not None and not _is_a(field, value):
            raise refuse(f"'{value}' is no {field.type} for {field.name}, as raw holds it")
    if expected == new:
        raise refuse("it changes nothing; expected and new are the same")
    if why := _breaks(known[cells["field"]], new):
        raise refuse(f"the new value of {cells['field']} {why}")
    return Correction(
        line, contract.name, key, cells["field"], expected, new, cells["reason"], cells["reported_to"], until
    )


def _key(text: str) -> tuple[tuple[str, str | None], ...]:
    """The fields that name the row; an empty value means a missing one."""
    if text.startswith("{"):
        try:
            pairs = json.loads(text)
        except json.JSONDecodeError:
            return ()
        return tuple(
            (str(n), None if v is None else json.dumps(v) if isinstance(v, bool) else str(v))
            for n, v in pairs.items()
        )
    parts = [part.partition("=") for part in text.split("&")]
    if not all(equals for _, equals, _ in parts):
        return ()
    return tuple((name.strip(), value.strip() or None) for name, _, value in parts)


def _is_a(field: SourceField, value: str) -> bool:
    try:
        if field.type == "date":
            date.fromisoformat(value)
        elif field.type in ("integer", "year"):
            int(value)
        elif field.type == "number":
            return Decimal(value).is_finite()
        elif field.type == "boolean":
            return value in ("true", "false")
    except (ValueError, InvalidOperation):
        return False
    return True


def _breaks(field: SourceField, value: str | None) -> str | None:
    """Which rule of the contract a new value breaks."""
    rules = field.constraints
    if value is None:
        return "is missing, and the contract requires one" if rules.required else None
    if rules.enum is not None and value not in rules.enum:
        return f"is none of {', '.join(rules.enum)}"
    if rules.pattern is not None and not re.search(rules.pattern, value):
        return f"does not match {rules.pattern}"
    if rules.minimum is not None and Decimal(value) < Decimal(str(rules.minimum)):
        return f"is below {rules.minimum}"
    if rules.maximum is not None and Decimal(value) > Decimal(str(rules.maximum)):
        return f"is above {rules.maximum}"
    return None
