"""Two expectations that GX does not bring: no row where a condition holds, and no row from a query.

The first is an aggregate, so GX puts all of a table's conditions into one scan. Neither fetches a row.
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
        condition: sa.ColumnClause[bool] = sa.literal_column(f"({metric_value_kwargs['condition']})")
        return sa.func.count(sa.case((condition, 1))), metric_domain_kwargs, {}


class QueryRowsCount(TableMetricProvider):
    """How many rows a SQL query returns."""

    metric_name = "query_rows.count"
    value_keys = ("query",)

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(
        cls, execution_engine: Any, metric_domain_kwargs: Kwargs, metric_value_kwargs: Kwargs, **_: Any
    ) -> int:
        count: sa.ColumnClause[int] = sa.literal_column(
            f"(select count(*) from ({metric_value_kwargs['query']}) as failing)"
        )
        return int(execution_engine.execute_query(sa.select(count)).scalar())


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
