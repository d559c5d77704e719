"""Expectations that GX does not bring: no row where a condition holds, no row from a query, and many of both at once.

GX spends about 20 ms on every expectation, whatever the SQL: the conditions and queries of a suite are therefore asked
as one, with one scan for all conditions. None fetches a row.
"""

from __future__ import annotations

from typing import Any, ClassVar

import sqlalchemy as sa
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.core.metric_function_types import MetricPartialFunctionTypes
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_partial, metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

Kwargs = dict[str, Any]


class RowsWhereCount(TableMetricProvider):
    """How many rows of the table meet a SQL condition."""

    metric_name = "table.rows_where.count"
    value_keys = ("condition",)

    @metric_partial(
        engine=SqlAlchemyExecutionEngine,
        partial_fn_type=MetricPartialFunctionTypes.AGGREGATE_FN,
        domain_type=MetricDomainTypes.TABLE,
    )
    def _sqlalchemy(
        cls, execution_engine: Any, metric_domain_kwargs: Kwargs, metric_value_kwargs: Kwargs, **_: Any
    ) -> tuple[Any, Kwargs, Kwargs]:
        return _count_where(metric_value_kwargs["condition"]), metric_domain_kwargs, {}


class QueryRowsCount(TableMetricProvider):
    """How many rows a SQL query returns."""

    metric_name = "query_rows.count"
    value_keys = ("query",)

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(
        cls, execution_engine: Any, metric_domain_kwargs: Kwargs, metric_value_kwargs: Kwargs, **_: Any
    ) -> int:
        return int(
            execution_engine.execute_query(sa.select(_count_of(metric_value_kwargs["query"]))).scalar()
        )


class RefusedRowsCounts(TableMetricProvider):
    """How many rows each of many conditions and queries finds, by name."""

    metric_name = "refused_rows.counts"
    value_keys = ("conditions", "queries")

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(
        cls, execution_engine: Any, metric_domain_kwargs: Kwargs, metric_value_kwargs: Kwargs, **_: Any
    ) -> dict[str, int]:
        table, _, _ = execution_engine.get_compute_domain(metric_domain_kwargs, MetricDomainTypes.TABLE)
        conditions, queries = metric_value_kwargs["conditions"], metric_value_kwargs["queries"]
        counts: dict[str, int] = {}
        if conditions:
            scan = sa.select(*(_count_where(c) for c in conditions.values())).select_from(table)
            counts |= dict(zip(conditions, execution_engine.execute_query(scan).one(), strict=True))
        if queries:
            # A row a query: as columns of one row they take a fifth longer to plan.
            each: list[sa.Select[Any]] = [
                sa.select(sa.literal_column(str(place)).label("place"), _count_of(query).label("n"))
                for place, query in enumerate(queries.values())
            ]
            found = execution_engine.execute_query(sa.union_all(*each).order_by("place"))
            counts |= dict(zip(queries, (row.n for row in found), strict=True))
        return counts


def _count_where(condition: str) -> Any:
    met: sa.ColumnClause[bool] = sa.literal_column(f"({condition})")
    return sa.func.count(sa.case((met, 1)))


def _count_of(query: str) -> sa.ColumnClause[int]:
    return sa.literal_column(f"(select count(*) from ({query}) as failing)")


class _ExpectZero(BatchExpectation):
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)

    def _validate(
        self, metrics: Kwargs, runtime_configuration: Kwargs | None = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        count = metrics[self.metric_dependencies[0]]
        return {"success": count == 0, "result": {"unexpected_count": count}}


class ExpectNoRowsWhere(_ExpectZero):
    """No row of the table meets `condition` (SQL over its columns; null counts as not met)."""

    condition: str
    metric_dependencies: ClassVar[tuple[str, ...]] = (RowsWhereCount.metric_name,)
    success_keys: ClassVar[tuple[str, ...]] = ("condition",)


class ExpectQueryReturnsNoRows(_ExpectZero):
    """`query` returns nothing; it may read any table of the build."""

    query: str
    metric_dependencies: ClassVar[tuple[str, ...]] = (QueryRowsCount.metric_name,)
    success_keys: ClassVar[tuple[str, ...]] = ("query",)


class ExpectNothingRefused(BatchExpectation):
    """No condition is met by a row of the table and no query returns one; each is counted under its name."""

    conditions: dict[str, str]
    queries: dict[str, str]
    metric_dependencies: ClassVar[tuple[str, ...]] = (RefusedRowsCounts.metric_name,)
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)
    success_keys: ClassVar[tuple[str, ...]] = ("conditions", "queries")

    def _validate(
        self, metrics: Kwargs, runtime_configuration: Kwargs | None = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        counts = metrics[RefusedRowsCounts.metric_name]
        return {"success": not any(counts.values()), "result": {"counts": counts}}
