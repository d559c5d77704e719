"""Runs expectation suites on the build database and says what they found. A gate is a gate: a suite that evaluates
nothing, a missing table and an error inside a check are refusals like any other.

Here: evaluation, the results table, the words for a terminal. Not here: what is expected (expectations/), Dagster.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import duckdb

from orchestration import database, places
from orchestration.places import MayShow

if TYPE_CHECKING:
    from expectations.suite import Suite

AT_ONCE = 2  # suites: GX is Python half of the time and DuckDB the other half, so that two take the time of one and a third
SOURCE = Lock()  # GX's own record of a data source is no matter for two threads
EVALUATED = "evaluated"  # the name of the check that a suite could be evaluated at all
RESULT_COLUMNS = {
    "suite": "varchar", "check_name": "varchar", "table_name": "varchar", "column_name": "varchar", "severity": "varchar",
    "success": "boolean", "observed": "varchar", "failing_rows": "bigint",
}  # fmt: skip
RESULTS_DDL = f"""
create schema if not exists ops;
create table if not exists ops.check_results ({", ".join(f"{c} {kind}" for c, kind in RESULT_COLUMNS.items())});
"""


@dataclass(frozen=True)
class CheckResult:
    """What one check found.

    Attributes:
        table_name: with its schema.
        severity: "error" refuses the build, "warn" does not.
        observed: a sentence without any value of a row; goes into `ops.check_results`.
        failing_rows: how many rows the check refuses; None where it does not count rows.
        places: file, line and column of up to three of them; may leave the terminal.
        samples: the same with what may be shown of the row; for a local terminal only.
    """

    suite: str
    check_name: str
    table_name: str
    column_name: str | None
    severity: str
    success: bool
    observed: str
    failing_rows: int | None = None
    places: list[str] = field(default_factory=list)
    samples: list[str] = field(default_factory=list)

    @property
    def refuses(self) -> bool:
        """Whether this result refuses the build."""
        return not self.success and self.severity == "error"


def show_nothing(table: str, column: str) -> bool:
    """The default of `run_suites`: no value of any row is shown."""
    return False


def run_suites(build: Path, suites: Sequence[Suite], may_show: MayShow = show_nothing) -> list[CheckResult]:
    """Evaluate suites as SQL on the build database.

    Args:
        build: the DuckDB file; opened read-only, unless this process holds it open for writing.
        suites: each on its own table.
        may_show: decides, by table and column, whether a failing value may stand in `samples`.

    Returns:
        One result per check, in the suites' order, and one failed result per suite that could not be evaluated.
        No suite at all is a failed result too.
    """
    if not suites:
        return [
            _refused("none", EVALUATED, "", "No suite was given; a gate without checks lets everything pass.")
        ]
    with ExitStack() as stack:
        try:
            con, read_only = _open(stack, build)
        except duckdb.Error as error:
            sentence = f"The build database {build.name} cannot be opened: {str(error).splitlines()[0]}"
            return [_unevaluated(suite, sentence) for suite in suites]
        there = _tables(con)
        source = _gx_source(build, read_only, [s for s in suites if (s.schema, s.table) in there])
        judge = partial(_run, con, source, there, may_show)
        with ThreadPoolExecutor(min(AT_ONCE, database.threads())) as pool:
            return [result for results in pool.map(judge, suites) for result in results]


def write_results(con: duckdb.DuckDBPyConnection, stage: str, results: Sequence[CheckResult]) -> None:
    """Replace the rows of one stage ("raw", "marts") in `ops.check_results`: those whose suite is `<stage>.<table>`."""
    rows = [tuple(getattr(r, column) for column in RESULT_COLUMNS) for r in results]
    with database.transaction(con):
        con.execute(RESULTS_DDL)
        con.execute(
            "delete from ops.check_results where suite = $1 or starts_with(suite, $1 || '.')", [stage]
        )
        database.append(con, "ops.check_results", rows)


def format_refusal(results: Sequence[CheckResult]) -> str:
    """The refusal for a local terminal: which check, which table, how many rows, where three of them are."""
    failed = sorted((r for r in results if not r.success), key=lambda r: not r.refuses)
    if not failed:
        return f"All {len(results)} checks passed."
    refusing = sum(r.refuses for r in failed)
    lines = [
        f"{refusing} of {len(results)} checks refused the build."
        if refusing
        else "No check refused the build."
    ]
    for result in failed:
        column = f", column {result.column_name}" if result.column_name else ""
        mark = "refused" if result.refuses else "warning"
        lines.append(f"  {mark}: {result.table_name}{column}: {result.check_name}: {result.observed}")
        lines += [f"    at {sample}" for sample in result.samples]
    return "\n".join(lines)


def _open(stack: ExitStack, build: Path) -> tuple[duckdb.DuckDBPyConnection, bool]:
    """A connection that stays open meanwhile, so that GX's own connections find the database in memory."""
    try:
        return stack.enter_context(database.connect(build, read_only=True)), True
    except duckdb.ConnectionException:  # open for writing in this very process, and one process has one mode
        return stack.enter_context(database.connect(build)), False


def _gx_source(build: Path, read_only: bool, suites: Sequence[Suite]) -> Any:
    """A GX data source on the build with the tables of these suites, in an ephemeral context. Named one after the other,
    each would have GX write all of its context down. GX is imported here: it takes seconds.
    """
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.datasource.fluent.sql_datasource import SQLDatasource

    from expectations.dialect import url_for  # registers the dialect

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    url = url_for(build, read_only=read_only, threads=database.threads())
    tables: list[Any] = [
        {"name": s.name, "type": "table", "table_name": s.table, "schema_name": s.schema} for s in suites
    ]
    with warnings.catch_warnings():
        # GX would have the schema in the data source, but its generic SQL source has no place for one.
        warnings.simplefilter("ignore", DeprecationWarning)
        source = SQLDatasource(name="build", connection_string=url, create_temp_table=False, assets=tables)
        return context.data_sources.add_or_update_sql(source)


def _tables(con: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """Schema and name of every table and view."""
    return set(con.execute("select table_schema, table_name from information_schema.tables").fetchall())


def _run(
    con: duckdb.DuckDBPyConnection, source: Any, there: set[tuple[str, str]], may_show: MayShow, suite: Suite
) -> list[CheckResult]:
    if not suite.expectations:
        return [_unevaluated(suite, f"The suite {suite.name} has no checks; write at least one.")]
    if (suite.schema, suite.table) not in there:
        missing = f"The table {suite.schema}.{suite.table} does not exist"
        return [_unevaluated(suite, f"{missing}, so none of its checks could be evaluated.")]
    outcomes, results = _validate(source, suite), []
    for expectation in suite.expectations:
        base, outcome = _base(suite, expectation), outcomes.get(_meta(expectation)["name"])
        if outcome is None:
            results.append(replace(base, observed="The check was not evaluated."))
        elif sentence := _error(outcome):
            results.append(replace(base, observed=sentence))
        else:
            results.append(_judged(con, base, _meta(expectation), outcome, may_show))
    return results


def _validate(source: Any, suite: Suite) -> dict[str, Any]:
    """GX's results by check name. What only counts refused rows is asked together; one failing query can take all of
    that along, and then each is asked again alone.
    """
    import great_expectations as gx
    from great_expectations.core import ExpectationValidationResult

    from expectations.suite import together

    with SOURCE:
        asset = source.get_asset(suite.name)
        batch = asset.get_batch(asset.build_batch_request())
    counts_only = {"result_format": "BASIC", "partial_unexpected_count": 0}
    counted, others = together(suite.expectations)
    whole = gx.ExpectationSuite(name=suite.name, expectations=[*counted, *others])
    outcomes = {}
    for outcome in batch.validate(whole, result_format=counts_only).results:
        if name := outcome.expectation_config.meta.get("name"):
            outcomes[name] = outcome
        else:
            for name, count in outcome.result.get("counts", {}).items():
                outcomes[name] = ExpectationValidationResult(
                    success=count == 0, result={"unexpected_count": count}
                )
    for expectation in suite.expectations:
        name = _meta(expectation)["name"]
        if name not in outcomes or _error(outcomes[name]):
            outcomes[name] = batch.validate(expectation, result_format=counts_only)
    return outcomes


def _error(outcome: Any) -> str | None:
    """A sentence when the check raised. Of other errors than those about names, the message can hold cell values."""
    info = outcome.exception_info or {}
    infos = [info] if "raised_exception" in info else list(info.values())
    raised = next((i for i in infos if i.get("raised_exception")), None)
    if raised is None:
        return None
    return f"The check could not be evaluated: {about_names(raised.get('exception_message') or '') or 'an error inside it'}."


def about_names(message: str) -> str | None:
    """The part of a database's error that may leave the terminal: it speaks of names. Others can quote a cell."""
    found = re.search(r"(Binder|Catalog|Parser|Compilation) Error[^\n]*[:\n][^\n]{1,200}", message)
    return " ".join(found[0].split()) if found else None


def _judged(
    con: duckdb.DuckDBPyConnection, base: CheckResult, meta: dict[str, Any], outcome: Any, may_show: MayShow
) -> CheckResult:
    found = outcome.result
    if outcome.success:
        observed = "0 failing rows" if "unexpected_count" in found else "as expected"
        return replace(base, success=True, observed=observed, failing_rows=0)
    if meta["says"] or "unexpected_count" not in found:
        return replace(base, observed=meta["says"] or _differences(found))
    count = int(found["unexpected_count"])
    with closing(con.cursor()) as own:  # another suite may be asking too
        where, samples = places.of_failing(own, base.table_name, base.column_name, meta, may_show)
    observed = f"{count} failing row{'s' * (count != 1)}"
    return replace(base, observed=observed, failing_rows=count, places=where, samples=samples)


def _differences(found: dict[str, Any]) -> str:
    """What differs between the declared and the found columns."""
    pairs = [(m["Expected"], m["Found"]) for m in found.get("details", {}).get("mismatched", [])]
    missing = sorted({e for e, _ in pairs if e} - {f for _, f in pairs if f})
    extra = sorted({f for _, f in pairs if f} - {e for e, _ in pairs if e})
    said = [f"missing {', '.join(missing)}"] * bool(missing) + [f"not declared: {', '.join(extra)}"] * bool(
        extra
    )
    return f"The columns differ: {'; '.join(said) or 'their order is another'}."


def _meta(expectation: Any) -> dict[str, Any]:
    return expectation.meta or {}


def _base(suite: Suite, expectation: Any) -> CheckResult:
    """The result of a check before anything is known: a failure."""
    meta = _meta(expectation)
    table = f"{suite.schema}.{suite.table}"
    return CheckResult(suite.name, meta["name"], table, meta["column"], meta["severity"], False, "")


def _unevaluated(suite: Suite, sentence: str) -> CheckResult:
    return _refused(suite.name, EVALUATED, f"{suite.schema}.{suite.table}", sentence)


def _refused(suite: str, name: str, table: str, sentence: str) -> CheckResult:
    return CheckResult(suite, name, table, None, "error", False, sentence)
