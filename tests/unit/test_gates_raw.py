"""Every check that a contract brings to raw is tripped by an input of its own, and a sound table passes all."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import find
from hypothesis.strategies import from_regex

from expectations.raw import raw_suites
from expectations.suite import check_name
from orchestration import database
from orchestration.contract import BOOKKEEPING, Contract, SourceField, load_contracts
from orchestration.gates import CheckResult, run_suites
from orchestration.personal import HASHED
from orchestration.settings import PROJECT
from orchestration.tables import OPS_DDL

CONTRACTS = load_contracts(PROJECT / "sources")
MONTH_1, MONTH_2 = "timestamp '2024-01-01'", "timestamp '2024-02-01'"
ROW_KINDS = ("required", "minimum", "maximum", "enum", "pattern", "hashed")
SHAPE = {
    "columns": "alter table raw.{name} add column stowaway varchar",
    "column_types": "alter table raw.{name} alter _line type varchar",
}


@cache
def example(pattern: str) -> str:
    """The simplest text that a pattern takes."""
    plain = re.sub(r"\$$", r"\\Z", pattern)  # "$" would also take a text that ends in a line break
    return find(from_regex(plain), lambda text: True)


def sound_value(field: SourceField) -> Any:
    """A value that the field's rules take."""
    rules = field.constraints
    if field.personal == "hash":
        return HASHED + 1
    if rules.enum:
        return rules.enum[0]
    if rules.pattern:
        return example(rules.pattern)
    low = rules.minimum if rules.minimum is not None else 1
    return {
        "string": "text", "integer": int(low), "year": 2020, "number": Decimal(str(low)), "boolean": False, "date": "2023-05-17",
    }[field.type]  # fmt: skip


def bad_value(field: SourceField, kind: str) -> Any:
    """A value that breaks one rule of the field."""
    rules = field.constraints
    if kind == "minimum":
        return Decimal(str(rules.minimum)) - 1
    if kind == "maximum":
        return Decimal(str(rules.maximum)) + 1
    return {"required": None, "enum": "no such code", "pattern": "?", "hashed": 20231234}[kind]


class Table:
    """`raw.<source>` with its account, one line per call of `add`."""

    def __init__(self, path: Path, contract: Contract) -> None:
        self.path, self.contract, self.line = path, contract, 1
        self.con: duckdb.DuckDBPyConnection | None = None
        columns = ", ".join(f"{n} {kind}" for n, kind in [*contract.raw_columns(), *BOOKKEEPING])
        self.run(f"{OPS_DDL} create table raw.{contract.name} ({columns})")

    def run(self, sql: str, values: list[Any] | None = None) -> None:
        """Execute on the build database."""
        self.con = self.con or duckdb.connect(str(self.path))
        self.con.execute(sql, values) if values else self.con.execute(sql)

    def close(self) -> None:
        """Let go of the file."""
        if self.con:
            self.con.close()
            self.con = None

    def deliver(self, number: int, rows: int, quarantined: int = 0) -> None:
        """Note a delivery in which everything adds up."""
        name = self.contract.name
        self.run(
            f"insert into ops.deliveries values ({number}, '{name}', 'sha{number}', 'file{number}.csv', 1, {MONTH_1}, "
            f"{MONTH_1}, {rows + quarantined}, {rows}, {quarantined}, 0, 'CC0', '[\"all\"]')"
        )

    def add(self, **changes: Any) -> int:
        """Add a current line that is sound but for `changes`; returns its line number."""
        self.line += 1
        row = {f.name: sound_value(f) for f in self.contract.kept_fields}
        row |= {"_row_hash": self.line, "_ordinal": 1, "_delivery_id": 1, "_line": self.line}
        row |= {"_is_synthetic": False, "_valid_from": "2024-01-01", "_valid_to": None, "_ended_by": None}
        row |= changes
        marks = ", ".join("?" * len(row))
        self.run(
            f"insert into raw.{self.contract.name} ({', '.join(row)}) values ({marks})", list(row.values())
        )
        return self.line

    def account(self) -> None:
        """State the control totals that the rows add up to."""
        for f in (f for f in self.contract.kept_fields if f.type == "number"):
            total = f"(select coalesce(sum({f.name}), 0) from raw.{self.contract.name})"
            self.run(
                f"insert into ops.control_totals values ('{self.contract.name}', 1, '{f.name}', {total}, {total}, 0, 0)"
            )

    def judge(self, only: str = "") -> dict[str, CheckResult]:
        """The gate's results by check, of all checks or of one."""
        self.close()
        [suite] = raw_suites([self.contract])
        wanted = [e for e in suite.expectations if not only or check_name(e) == only]
        return {r.check_name: r for r in run_suites(self.path, [replace(suite, expectations=wanted)])}


def sound_table(path: Path, contract: Contract) -> Table:
    """A table of one line and its delivery."""
    table = Table(path / "build.duckdb", contract)
    table.add()
    table.deliver(1, rows=1)
    table.account()
    return table


def broken_rows(table: Table) -> dict[str, list[int]]:
    """Add a line or a delivery for each check on rows; returns the lines that each must find."""
    contract, lines = table.contract, {}
    for field in contract.kept_fields:
        for kind in ROW_KINDS:
            name = f"{kind}_{field.name}"
            if name in CHECKS[contract.name]:
                lines[name] = [table.add(**{field.name: bad_value(field, kind)})]
    lines["bookkeeping_complete"] = [table.add(_ordinal=None)]
    lines["validity_in_order"] = [table.add(_valid_to="2023-12-31", _ended_by=1)]
    lines["end_has_its_delivery"] = [table.add(_ended_by=1)]
    lines["deliveries_are_known"] = [table.add(_delivery_id=99)]
    lines["synthetic_as_declared"] = [table.add(_is_synthetic=True)]
    lines["synthetic_ended_by_real"] = lines["synthetic_as_declared"]
    table.add(_row_hash=7777)
    lines["versions_do_not_overlap"] = [table.add(_row_hash=7777, _valid_from="2024-01-15")]
    return lines


def broken_account(table: Table) -> None:
    """Break each sum of the account."""
    name = table.contract.name
    table.deliver(2, rows=5, quarantined=5)
    table.run("update ops.deliveries set rows_in_file = 11 where delivery_id = 2")
    table.run("update ops.control_totals set in_file = in_file + 1")
    table.run(f"insert into ops.drops values ('{name}', 2, 'total_rows', 3)")
    table.run(f"insert into ops.corrections (source, line, refuses) values ('{name}', 2, true)")


CHECKS = {
    suite.table: [check_name(e) for e in suite.expectations] for suite in raw_suites(CONTRACTS.values())
}
ACCOUNT = {
    "rows_reconcile", "rejects_and_drops_reconcile", "control_totals_reconcile", "quarantine_within_tolerance",
    "versions_within_rows_loaded", "current_rows_are_what_was_delivered", "corrections_hold",
}  # fmt: skip


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_sound_table_passes_every_check_of_its_contract(name: str, tmp_path: Path) -> None:
    refused = [r for r in sound_table(tmp_path, CONTRACTS[name]).judge().values() if not r.success]
    assert not refused


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_check_has_an_input_that_trips_it(name: str, tmp_path: Path) -> None:
    table = sound_table(tmp_path, CONTRACTS[name])
    lines = broken_rows(table)
    broken_account(table)
    results = table.judge()
    for check, found in lines.items():
        assert not results[check].success, check
        assert any(f"line {line}" in place for line in found for place in results[check].places), check
    tripped = {check for check, result in results.items() if not result.success}
    assert {c for c in ACCOUNT if c in CHECKS[name]} <= tripped
    for check, sql in table_trips(CONTRACTS[name]).items():
        (tmp_path / check).mkdir()
        other = sound_table(tmp_path / check, CONTRACTS[name])
        other.run(sql)
        assert not other.judge(check)[check].success
        tripped.add(check)
    assert tripped == set(CHECKS[name])


def table_trips(contract: Contract) -> dict[str, str]:
    """SQL that breaks what no further line can break, by check."""
    trips = {check: sql.format(name=contract.name) for check, sql in SHAPE.items()}
    trips["has_current_rows"] = f"update raw.{contract.name} set _valid_to = _valid_from, _ended_by = 1"
    if contract.schema_.primaryKey:
        trips["primary_key_unique"] = f"insert into raw.{contract.name} select * from raw.{contract.name}"
    if "current_totals_are_what_was_delivered" in CHECKS[contract.name]:
        trips["current_totals_are_what_was_delivered"] = "update ops.control_totals set loaded = loaded + 1"
    for f in contract.fields:
        if f.personal == "drop":
            trips[f"dropped_{f.name}"] = f"alter table raw.{contract.name} add column {f.name} varchar"
    return trips


def test_only_a_source_that_never_delivered_may_be_empty(tmp_path: Path) -> None:
    optional = next(c for c in CONTRACTS.values() if c.optional)
    table = Table(tmp_path / "build.duckdb", optional)
    assert all(r.success for r in table.judge().values())
    table.deliver(1, rows=0)
    result = table.judge("has_current_rows")["has_current_rows"]
    assert not result.success
    assert result.observed == "It has no current row."


def test_a_required_source_may_never_be_empty(tmp_path: Path) -> None:
    required = next(c for c in CONTRACTS.values() if not c.optional)
    assert not Table(tmp_path / "build.duckdb", required).judge()["has_current_rows"].success


def test_a_correction_known_at_the_same_moment_is_no_overlap(tmp_path: Path) -> None:
    table = sound_table(tmp_path, CONTRACTS["claims"])
    table.run("update raw.claims set _valid_to = _valid_from, _ended_by = 1")
    table.add(_row_hash=2)
    results = table.judge()
    assert results["versions_do_not_overlap"].success
    assert results["validity_in_order"].success


def test_what_one_delivery_replaces_only_in_part_is_not_counted_against_it(tmp_path: Path) -> None:
    table = sound_table(tmp_path, CONTRACTS["colombia_ponal"])
    table.run('update ops.deliveries set scopes = \'["2014", "2015"]\', rows_loaded = 10, rows_in_file = 10')
    assert not table.judge("current_rows_are_what_was_delivered")[
        "current_rows_are_what_was_delivered"
    ].success
    table.deliver(2, rows=1)
    table.run(f"update ops.deliveries set scopes = '[\"2015\"]', known_at = {MONTH_2} where delivery_id = 2")
    assert table.judge("current_rows_are_what_was_delivered")["current_rows_are_what_was_delivered"].success


def test_the_first_real_delivery_voids_the_synthetic_account(tmp_path: Path) -> None:
    contract = CONTRACTS["darknet_turnover"]
    table = sound_table(tmp_path, contract)
    table.run("update raw.darknet_turnover set _is_synthetic = true, is_synthetic = true")
    table.run(f"update raw.darknet_turnover set _valid_to = {MONTH_2}, _ended_by = 2")
    table.run("update ops.deliveries set scopes = '[\"another scope\"]'")
    table.deliver(2, rows=1)
    table.run(f"update ops.deliveries set known_at = {MONTH_2} where delivery_id = 2")
    table.add(_delivery_id=2, _valid_from="2024-02-01")
    assert table.judge("current_rows_are_what_was_delivered")["current_rows_are_what_was_delivered"].success


def test_samples_show_a_value_only_where_the_field_is_not_personal(tmp_path: Path) -> None:
    contract = CONTRACTS["seizures"]
    table = sound_table(tmp_path, contract)
    table.add(case_id=11029012345, quantity=-3)

    def may_show(name: str, column: str) -> bool:
        return contract.field(column).personal is None

    table.close()
    results = {r.check_name: r for r in run_suites(table.path, raw_suites([contract]), may_show)}
    assert results["minimum_quantity"].samples == ["file1.csv, line 3, column quantity, quantity -3.000000"]
    assert results["hashed_case_id"].samples == ["file1.csv, line 3, column case_id"]
    assert "11029012345" not in repr(results)


def test_the_gate_reads_beside_a_writer_of_the_same_process(tmp_path: Path) -> None:
    table = sound_table(tmp_path, CONTRACTS["claims"])
    table.close()
    with database.connect(table.path) as con:
        con.execute("select 1")
        assert all(r.success for r in table.judge().values())


def test_the_gate_leaves_no_lock_behind(tmp_path: Path) -> None:
    table = sound_table(tmp_path, CONTRACTS["claims"])
    table.judge()
    with duckdb.connect(str(table.path), config={"threads": 1}) as con:
        con.execute("create table written (x integer)")
