"""The plain form of a suite, and how a GX expectation becomes one of its checks.

A check is a GX expectation whose `meta` says its stable name, the column it is about and the SQL that returns the
rows it refuses. Severity is GX's own: `critical` blocks a build, `warning` does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.metadata_types import FailureSeverity

from expectations.rows import ExpectNoRowsWhere, ExpectNothingRefused, ExpectQueryReturnsNoRows

Severity = Literal["error", "warn"]
_GX_SEVERITY = {"error": FailureSeverity.CRITICAL, "warn": FailureSeverity.WARNING}


@dataclass(frozen=True)
class Suite:
    """The checks of one table.

    Attributes:
        name: `<stage>.<table>`; the stage is what `write_results` replaces at once.
        schema: the table's schema in the build database.
        table: the table that must exist and that conditions read.
        expectations: GX expectations made by the functions of this module.

    Raises:
        ValueError: when two checks of the suite have the same name.
    """

    name: str
    schema: str
    table: str
    expectations: Sequence[Expectation]

    def __post_init__(self) -> None:
        names = [check_name(e) for e in self.expectations]
        if twice := sorted({n for n in names if names.count(n) > 1}):
            raise ValueError(f"suite {self.name} names {', '.join(twice)} twice")


@dataclass(frozen=True)
class Note:
    """What a check says about itself; travels as the expectation's `meta`.

    Attributes:
        name: stable within the suite; lower snake case.
        column: the column the check is about, when it is about one.
        rows: SQL that returns refused rows, with the delivery and line they come from where that is known; made
            from the condition or query when absent.
        show: the columns that tell which row it is, where it has few; "*" for rows of a source.
        says: the sentence for a check that is not about rows, such as an empty table.
        severity: "error" refuses the build, "warn" is only shown.
    """

    name: str
    column: str | None = None
    rows: str | None = None
    show: str = "*"
    says: str | None = None
    severity: Severity = "error"


def check(kind: type[Expectation], note: Note, **kwargs: Any) -> Expectation:
    """A GX expectation as a check; `kwargs` are the expectation's arguments."""
    return kind(meta=asdict(note), severity=_GX_SEVERITY[note.severity], **kwargs)


def no_rows_where(table: str, condition: str, note: Note) -> Expectation:
    """No row of `table` (schema-qualified) meets `condition`; null does not meet it."""
    rows = note.rows or f"select {note.show} from {table} where {condition}"
    return check(ExpectNoRowsWhere, replace(note, rows=rows), condition=condition)


def no_rows_from(query: str, note: Note) -> Expectation:
    """`query` returns nothing. What it returns locates the refused rows, unless the note says otherwise."""
    return check(ExpectQueryReturnsNoRows, replace(note, rows=note.rows or query), query=query)


def together(expectations: Sequence[Expectation]) -> tuple[list[Expectation], list[Expectation]]:
    """One expectation for all that only count refused rows, and the others as they are."""
    conditions = {check_name(e): e.condition for e in expectations if isinstance(e, ExpectNoRowsWhere)}
    queries = {check_name(e): e.query for e in expectations if isinstance(e, ExpectQueryReturnsNoRows)}
    others = [e for e in expectations if check_name(e) not in conditions.keys() | queries.keys()]
    counted = ExpectNothingRefused(conditions=conditions, queries=queries, meta={})
    return ([counted] if conditions or queries else []), others


def check_name(expectation: Expectation) -> str:
    """The stable name of a check."""
    return str((expectation.meta or {})["name"])


def columns_of(table: str) -> str:
    """SQL for the columns of one table or view: `column_name`, `column_type`.

    DuckDB makes its list of all columns anew for every question about one table: 15 ms, where this takes one.
    """
    return f"(describe {table})"


def literal(value: str) -> str:
    """A SQL string literal."""
    return "'" + value.replace("'", "''") + "'"


def literals(values: Sequence[str]) -> str:
    """SQL string literals, comma-separated."""
    return ", ".join(literal(v) for v in values)
