"""Suites of the raw tables, derived from the contracts: nothing here names a source.

Value rules hold for every version in the history, not only for current rows: a changed contract folds a source
anew, so no row was accepted under other rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from great_expectations.expectations.core.expect_table_columns_to_match_ordered_list import (
    ExpectTableColumnsToMatchOrderedList,
)
from great_expectations.expectations.expectation import Expectation

from expectations.suite import Note, Suite, check, columns_of, literal, literals, no_rows_from, no_rows_where
from orchestration.contract import BOOKKEEPING, Contract
from orchestration.contract_parts import SourceField
from orchestration.personal import HASHED
from orchestration.quarantine import KEPT

NUMERIC = ("integer", "year", "number")
ALWAYS_SET = ("_row_hash", "_ordinal", "_delivery_id", "_line", "_is_synthetic", "_valid_from")


def raw_suites(contracts: Iterable[Contract]) -> list[Suite]:
    """One suite per contract: shape, values, history and the account of its deliveries."""
    return [_suite(contract) for contract in contracts]


def _suite(contract: Contract) -> Suite:
    checks = [
        *_shape(contract),
        *(c for field in contract.kept_fields for c in _values(contract, field)),
        *_personal(contract),
        *_identity(contract),
        *_history(contract),
        *_synthetic(contract),
        *_account(contract),
        no_rows_from(
            f"select line from ops.corrections where source = {literal(contract.name)} and refuses",
            Note(
                "corrections_hold",
                says=f"A line of corrections.csv expects of {contract.name} what it does not say.",
            ),
        ),
    ]
    if contract.revision.mode == "replace":
        checks += _standing_deliveries(contract)
    return Suite(name=f"raw.{contract.name}", schema="raw", table=contract.name, expectations=checks)


def _shape(contract: Contract) -> Iterator[Expectation]:
    columns = [*contract.raw_columns(), *BOOKKEEPING]
    names = [name for name, _ in columns]
    yield check(ExpectTableColumnsToMatchOrderedList, Note("columns"), column_list=names)
    declared = ", ".join(f"({literal(name)}, {literal(kind)})" for name, kind in columns)
    yield no_rows_from(
        f"select c.column_name, c.column_type from {columns_of(f'raw.{contract.name}')} as c "
        f"inner join (values {declared}) as d (name, kind) on c.column_name = d.name where c.column_type <> d.kind",
        Note("column_types"),
    )
    empty = f"select 1 where not exists (select 1 from raw.{contract.name} where _valid_to is null)"
    if contract.optional:
        empty += f" and exists (select 1 from ops.deliveries where source = {literal(contract.name)})"
    yield no_rows_from(empty, Note("has_current_rows", says="It has no current row."))


def _values(contract: Contract, field: SourceField) -> Iterator[Expectation]:
    table, name, rules = f"raw.{contract.name}", field.name, field.constraints
    if rules.required or name in contract.schema_.primaryKey:
        yield no_rows_where(table, f"{name} is null", Note(f"required_{name}", name))
    if field.personal:  # the other rules were about the text before it was hashed
        return
    if field.type in NUMERIC and rules.minimum is not None:
        yield no_rows_where(table, f"{name} < {rules.minimum}", Note(f"minimum_{name}", name))
    if field.type in NUMERIC and rules.maximum is not None:
        yield no_rows_where(table, f"{name} > {rules.maximum}", Note(f"maximum_{name}", name))
    text = name if field.type == "string" else f"cast({name} as varchar)"
    if rules.enum is not None:
        yield no_rows_where(table, f"{text} not in ({literals(rules.enum)})", Note(f"enum_{name}", name))
    if rules.pattern is not None:
        mismatch = f"not regexp_matches({text}, {literal(rules.pattern)})"
        yield no_rows_where(table, mismatch, Note(f"pattern_{name}", name))


def _personal(contract: Contract) -> Iterator[Expectation]:
    table = f"raw.{contract.name}"
    for field in contract.fields:
        if field.personal == "hash":
            yield no_rows_where(table, f"{field.name} < {HASHED}", Note(f"hashed_{field.name}", field.name))
        if field.personal == "drop":
            yield no_rows_from(
                f"select column_name from {columns_of(table)} where lower(column_name) = {literal(field.name)}",
                Note(f"dropped_{field.name}", field.name),
            )


def _identity(contract: Contract) -> Iterator[Expectation]:
    """Keys are first compared by a 64-bit hash, which is cheap; only rows that share one are compared exactly."""
    key = ", ".join(contract.schema_.primaryKey)
    if not key:
        return
    current = f"from raw.{contract.name} where _valid_to is null"
    yield no_rows_from(
        f"select * {current} and hash({key}) in (select hash({key}) {current} group by 1 having count(*) > 1) "
        f"qualify count(*) over (partition by {key}) > 1",
        Note("primary_key_unique"),
    )


def _history(contract: Contract) -> Iterator[Expectation]:
    table = f"raw.{contract.name}"
    unset = " or ".join(f"{column} is null" for column in ALWAYS_SET)
    yield no_rows_where(table, unset, Note("bookkeeping_complete"))
    # Two deliveries may be known at the same moment: a version may begin and end at once, but not end before.
    yield no_rows_where(table, "_valid_to < _valid_from", Note("validity_in_order"))
    yield no_rows_where(table, "(_valid_to is null) <> (_ended_by is null)", Note("end_has_its_delivery"))
    yield no_rows_from(
        f"select r.* from {table} as r inner join (select _row_hash, _ordinal from {table} group by all "
        "having count(*) > 1) as again on r._row_hash = again._row_hash and r._ordinal = again._ordinal "
        "qualify r._valid_from < max(coalesce(r._valid_to, 'infinity')) over (partition by r._row_hash, r._ordinal "
        "order by r._valid_from, coalesce(r._valid_to, 'infinity') rows between unbounded preceding and 1 preceding)",
        Note("versions_do_not_overlap"),
    )
    known = f"select delivery_id from ops.deliveries where source = {literal(contract.name)}"
    yield no_rows_from(
        f"select * from {table} where _delivery_id not in ({known}) or (_ended_by is not null and _ended_by not in ({known}))",
        Note("deliveries_are_known"),
    )


def _synthetic(contract: Contract) -> Iterator[Expectation]:
    table, column = f"raw.{contract.name}", contract.synthetic.column
    marked = f"coalesce({column}, false)" if column else "false"
    yield no_rows_where(table, f"_is_synthetic <> {marked}", Note("synthetic_as_declared", column))
    yield no_rows_from(
        f"select * from {table} where _valid_to is null and _is_synthetic "
        f"and exists (select 1 from {table} where _valid_to is null and not _is_synthetic)",
        Note("synthetic_ended_by_real"),
    )


def _account(contract: Contract) -> Iterator[Expectation]:
    """Every record of every delivery is loaded, quarantined with a reason or dropped by a named rule."""
    source = literal(contract.name)
    mine = f"from ops.deliveries as d where d.source = {source}"
    of_delivery = "where j.delivery_id = d.delivery_id"
    listed_rows = f"(select count(distinct j.line) from ops.rejects as j {of_delivery})"
    listed_cells = f"(select count(*) from ops.rejects as j {of_delivery})"
    failing_cells = (
        f"(select coalesce(sum(j.rows), 0) from ops.reject_counts as j {of_delivery} and j.field is not null)"
    )
    yield no_rows_from(
        f"select d.delivery_id {mine} and d.rows_in_file is distinct from d.rows_loaded + d.rows_quarantined + d.rows_dropped",
        Note("rows_reconcile"),
    )
    yield no_rows_from(
        f"select d.delivery_id {mine} and ("
        f"d.rows_quarantined not between {listed_rows} and {failing_cells} or "
        f"{listed_cells} <> least({failing_cells}, {KEPT}) or "
        f"({failing_cells} <= {KEPT} and d.rows_quarantined <> {listed_rows}) or "
        "d.rows_dropped <> (select coalesce(sum(p.rows), 0) from ops.drops as p where p.delivery_id = d.delivery_id))",
        Note("rejects_and_drops_reconcile"),
    )
    if any(f.type == "number" for f in contract.kept_fields):
        yield no_rows_from(
            f"select delivery_id, field from ops.control_totals where source = {source} "
            "and in_file is distinct from loaded + quarantined + dropped",
            Note("control_totals_reconcile"),
        )
    yield no_rows_from(
        f"select d.delivery_id {mine} and d.rows_quarantined > {contract.tolerance.quarantined} * d.rows_in_file",
        Note("quarantine_within_tolerance"),
    )
    yield no_rows_from(
        f"select d.delivery_id from ops.deliveries as d inner join (select _delivery_id, count(*) as versions "
        f"from raw.{contract.name} group by 1) as r on d.delivery_id = r._delivery_id where r.versions > d.rows_loaded",
        Note("versions_within_rows_loaded"),
    )


def _standing_deliveries(contract: Contract) -> Iterator[Expectation]:
    """Full extracts are what stands: as many current rows, and the same totals, as they were read with.

    A delivery stands when it is the latest for every scope it covers. Where one stands for a part of its scopes
    only, the account cannot be taken and nothing is judged. The first real delivery voids the synthetic ones.
    """
    source, table = literal(contract.name), f"raw.{contract.name}"
    current = f"from {table} where _valid_to is null"
    standing = f"""
        with real as (
            select min((known_at, sha256)) as first from ops.deliveries where delivery_id in (
                select _delivery_id from {table} where not _is_synthetic)
        ), scoped as (
            select delivery_id, known_at, sha256, rows_loaded, json_array_length(scopes) as scopes,
                unnest(json_extract_string(scopes, '$[*]')) as scope
            from ops.deliveries cross join real
            where source = {source} and (first is null or (known_at, sha256) >= first)
        ), latest as (
            select * from scoped qualify row_number() over (partition by scope order by known_at desc, sha256 desc) = 1
        ), standing as (
            select delivery_id, any_value(rows_loaded) as rows_loaded, any_value(scopes) = count(*) as is_whole
            from latest group by delivery_id
        )"""
    yield no_rows_from(
        f"{standing} select 1 from standing having bool_and(is_whole) "
        f"and sum(rows_loaded) <> (select count(*) {current})",
        Note(
            "current_rows_are_what_was_delivered",
            says="Its current rows are not as many as the standing deliveries loaded.",
        ),
    )
    numbers = [f.name for f in contract.kept_fields if f.type == "number"]
    if numbers:
        sums = ", ".join(f"coalesce(sum({n}), 0) as {n}" for n in numbers)
        yield no_rows_from(
            f"""{standing}, delivered as (
                select c.field, sum(c.loaded) as total from standing inner join ops.control_totals as c using (delivery_id)
                group by c.field having bool_and(is_whole)
            ), held as (
                unpivot (select {sums} {current}) on {", ".join(numbers)} into name field value total
            )
            select held.field as column_name from held inner join delivered using (field)
            where held.total <> delivered.total""",
            Note("current_totals_are_what_was_delivered"),
        )
