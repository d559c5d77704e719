"""dbt: staging → intermediate → marts, run in this process (a subprocess costs 6 s more).

Here: preparing the manifest, running dbt, its results in our words. Not here: SQL (dbt_project/).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestration.code_version import folder_hash
from orchestration.database import connect, threads
from orchestration.gates import CheckResult, write_results
from orchestration.settings import Settings
from orchestration.stages import seal

SKIPPED_RESOURCES = ("unit_test",)  # they judge the SQL, not the data: `make test` runs them


@dataclass
class DbtOutcome:
    """One `dbt build`: what was built, what failed, what warned."""

    built: list[str] = field(default_factory=list)  # unique ids of models and seeds
    tests: list[CheckResult] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)  # sentences: models and seeds that could not be built


def target_dir(settings: Settings) -> Path:
    """Where dbt keeps its manifest and compiled SQL."""
    return settings.var / "dbt" / "target"


def environment(settings: Settings) -> dict[str, str]:
    """What dbt_project/profiles.yml and dbt itself read from the environment."""
    return {
        "BESLAG_BUILD": str(settings.build),
        "BESLAG_THREADS": str(threads()),
        "DBT_TARGET_PATH": str(target_dir(settings)),
        "DBT_LOG_PATH": str(settings.var / "dbt" / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def prepare_manifest(settings: Settings) -> Path:
    """The manifest of the dbt project as it stands; parsed again only when a file of it changed."""
    manifest, stamp = target_dir(settings) / "manifest.json", target_dir(settings) / "beslag_stamp"
    version = folder_hash(settings.dbt_dir)
    if not (manifest.exists() and stamp.exists() and stamp.read_text() == version):
        _invoke(settings, "parse")
        stamp.write_text(version)
    return manifest


def run_build(settings: Settings) -> DbtOutcome:
    """Run `dbt build` on the build database: seeds, models, data tests.

    Seals the stage, and writes the data tests' results into `ops.check_results` as suite `dbt`.
    """
    arguments = ["build"]
    for resource in SKIPPED_RESOURCES:
        arguments += ["--exclude-resource-type", resource]
    if settings.synthetic_is_real:
        arguments += ["--vars", "{treat_synthetic_as_real: true}"]
    result = _invoke(settings, *arguments)
    outcome = _outcome(result)
    with connect(settings.build) as con:
        write_results(con, "dbt", outcome.tests)
        seal(con, "transform")
    return outcome


def manifest_nodes(settings: Settings) -> dict[str, Any]:
    """The manifest's nodes by unique id (names, schemas, column descriptions, config)."""
    nodes: dict[str, Any] = json.loads((target_dir(settings) / "manifest.json").read_text("utf-8"))["nodes"]
    return nodes


def _invoke(settings: Settings, *arguments: str) -> Any:
    # dbt reads its settings from the process environment only.
    os.environ.update(environment(settings))
    settings.work.mkdir(parents=True, exist_ok=True, mode=0o700)
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    folder = str(settings.dbt_dir)
    result = dbtRunner().invoke(
        [
            "--log-level",
            "none",
            "--log-level-file",
            "info",
            *arguments,
            "--project-dir",
            folder,
            "--profiles-dir",
            folder,
        ]
    )
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call] # else the write lock outlives the run
    if result.exception is not None:
        raise result.exception
    return result.result


def _outcome(run: Any) -> DbtOutcome:
    outcome = DbtOutcome()
    for result in run.results:
        node, status = result.node, str(result.status)
        if node.resource_type == "test" and status != "skipped":
            outcome.tests.append(_test_result(node, status, result.failures))
        elif status == "success":
            outcome.built.append(node.unique_id)
        elif status == "error":
            outcome.errors.append(
                f"{node.name} ({node.original_file_path}): {' '.join(str(result.message).split())}"
            )
    return outcome


def _test_result(node: Any, status: str, failures: int | None) -> CheckResult:
    return CheckResult(
        suite="dbt",
        check_name=node.name,
        table_name=getattr(node, "attached_node", None) or node.original_file_path,
        column_name=getattr(node, "column_name", None),  # a singular test is about no one column
        severity="warn" if status == "warn" or node.config.severity.lower() == "warn" else "error",
        success=status == "pass",
        observed="passed" if status == "pass" else f"{status}: {failures or 0} rows",
        failing_rows=failures,
    )
