"""dbt's data tests, asked as the SQL that dbt compiled from them: dbt itself spends 30 ms on each, DuckDB one or two.

Here: which of them a build asks, and what each found. Not here: the tests (dbt_project/), compiling them (transform.py).
`dbt build` and `dbt test` by hand run the same tests.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from orchestration.errors import Starved
from orchestration.gates import CheckResult, about_names
from orchestration.machine import starved

Node = dict[str, Any]
# What dbt has tests for beside: any row is a failure unless one of these says otherwise, and none of ours does.
AS_ANY = {"fail_calc": "count(*)", "warn_if": "!= 0", "error_if": "!= 0", "limit": None}


def asked(nodes: Iterable[Node]) -> list[Node]:
    """The data tests that were compiled, by name.

    Raises:
        ValueError: when there is none, or one that is more than a query for refused rows.
    """
    tests = [node for node in nodes if node["resource_type"] == "test" and node.get("compiled_code")]
    if not tests:
        raise ValueError(
            "No data test of the dbt project was compiled; a build without tests lets everything pass."
        )
    for test in tests:
        if unlike := {key for key, value in AS_ANY.items() if test["config"][key] != value}:
            raise ValueError(
                f"The dbt test {test['name']} sets {', '.join(sorted(unlike))}; here any row it returns fails it."
            )
    return sorted(tests, key=lambda node: node["name"])


def run(
    con: duckdb.DuckDBPyConnection, tests: Iterable[Node], built: set[str], home: Path
) -> list[CheckResult]:
    """Ask every test whose models were all built.

    Raises:
        Starved: a test met a full disk or too little memory.
    """
    return [_ask(con, test, home) for test in tests if built >= set(test["depends_on"]["nodes"])]


def _ask(con: duckdb.DuckDBPyConnection, test: Node, home: Path) -> CheckResult:
    severity = "warn" if test["config"]["severity"].lower() == "warn" else "error"
    count: int | None = None
    try:
        row = con.execute(f"select count(*) from (\n{test['compiled_code']}\n) as refused").fetchone()
        count = row[0] if row else None
    except duckdb.Error as error:
        if short := starved(type(error).__name__, str(error), home):
            raise Starved(short) from error
        severity, observed = "error", f"error: {about_names(str(error)) or 'an error inside it'}"
    else:
        observed = "passed" if count == 0 else f"{'warn' if severity == 'warn' else 'fail'}: {count} rows"
    return CheckResult(
        suite="dbt",
        check_name=test["name"],
        table_name=test.get("attached_node") or test["original_file_path"],
        column_name=test.get("column_name"),  # a singular test is about no one column
        severity=severity,
        success=count == 0,
        observed=observed,
        failing_rows=count,
    )
