"""The dashboard that ships, made by REST in a real Superset and exported: `make bi-bundle` writes deploy/superset/.

Run it when a mart of the dashboard changes.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml
from driving import BUNDLE, PLACE, Superset, superset

YEARS = {"country_code": "NO", "substance_group": "cocaine", "period_grain": "year"}
SHARE = "Cocaine in Norway: share of seizures, per cent"


def _adhoc(where: dict[str, str]) -> list[dict[str, str]]:
    return [
        {
            "clause": "WHERE",
            "expressionType": "SIMPLE",
            "subject": column,
            "operator": "==",
            "comparator": value,
        }
        for column, value in where.items()
    ]


def _filters(where: dict[str, str]) -> list[dict[str, str]]:
    return [{"col": column, "op": "==", "val": value} for column, value in where.items()]


def table(columns: list[str], where: dict[str, str], order: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """(params, query) of a chart that shows rows as they are."""
    params = {
        "viz_type": "table", "query_mode": "raw", "all_columns": columns, "row_limit": 1000,
        "order_by_cols": [f'["{order}", true]'], "adhoc_filters": _adhoc(where),
    }  # fmt: skip
    return params, {
        "columns": columns,
        "metrics": [],
        "orderby": [[order, True]],
        "row_limit": 1000,
        "filters": _filters(where),
    }


def line(x: str, y: str, by: list[str], where: dict[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(params, query) of a line per `by`; one row stands behind each point, so the metric takes that row's figure."""
    metric = {"expressionType": "SQL", "sqlExpression": f"max({y})", "label": y}
    params = {
        "viz_type": "echarts_timeseries_line", "x_axis": x, "time_grain_sqla": "P1Y", "metrics": [metric], "groupby": by,
        "row_limit": 10000, "adhoc_filters": _adhoc(where), "show_legend": True,
    }  # fmt: skip
    query = {"columns": [x, *by], "metrics": [metric], "row_limit": 10000, "filters": _filters(where)}
    return params, query


CHARTS = {
    "The build behind this page": ("meta", "build", table(["build_id", "built_at", "schema_version"], {}, "built_at")),
    SHARE: ("marts", "substance_share", table(
        ["source", "period_start", "share_count_pct", "share_count_pct_lo", "share_count_pct_hi", "share_mass_pct", "is_synthetic"],
        YEARS, "period_start")),
    "Cocaine seizures a year, by country and source": ("marts", "seizure_rate", line(
        "period_start", "n_seizures", ["country_label", "source"], {"substance_group": "cocaine", "period_grain": "year"})),
    "Purity of cocaine, median per cent, by country and source": ("marts", "purity", line(
        "period_start", "median", ["country_code", "source", "purity_measure", "purity_basis"],
        {"substance_code": "cocaine.unspecified", "period_grain": "year"})),
}  # fmt: skip


def make(bi: Superset, file: Path) -> int:
    """Make the dashboard by REST; its number."""
    database, charts = bi.database(file), {}
    for name, (schema, mart, (params, query)) in CHARTS.items():
        charts[bi.chart(bi.dataset(database, schema, mart), name, params, query)] = name
    return bi.dashboard("Beslag", charts)


def write(bi: Superset, dashboard: int, file: Path, folder: Path = BUNDLE) -> None:
    """Export it into the folder, with a place holder for the file's address and without the time of the export."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in bi.bundle(dashboard).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = yaml.safe_load(text.replace(f"duckdb:///{file}", PLACE))
        if name == "metadata.yaml":
            content["timestamp"] = "2026-11-27T00:00:00+00:00"
        path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), "utf-8")


if __name__ == "__main__":
    published = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as home, superset(Path(home)) as bi:
        write(bi, make(bi, published), published)
