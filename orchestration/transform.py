"""dbt: staging → intermediate → marts, run in this process (a subprocess costs 6 s more).

Here: preparing the manifest, running dbt, its results in our words. Not here: SQL (dbt_project/), asking data tests.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from orchestration import data_tests, prepared, standing
from orchestration.code_version import code_version, folder_hash
from orchestration.database import connect
from orchestration.errors import Starved
from orchestration.gates import CheckResult, about_names, write_results
from orchestration.machine import limits, starved
from orchestration.settings import Settings
from orchestration.stages import seal

SKIPPED_RESOURCES = (
    "unit_test",  # they judge the SQL, not the data: `make test` runs them, and the tests of seeds
    "test",  # asked by data_tests.py, once all is built
)
# Data tests are compiled where the project is parsed. Those of seeds are left out: the project's own reference tables
# change with the code and never with a delivery. Nothing is asked of a database meanwhile.
COMPILE = (
    "compile", "--select", "test_type:data", "--exclude", "path:seeds", "--indirect-selection", "empty",
    "--no-populate-cache", "--no-introspect",
)  # fmt: skip
_at_hand: dict[Path, Any] = {}  # what `get_ready` read, by the folder it was read from
BY_THE_WAY = ("compiled", "graph*", "run_results.json")  # written by dbt, read by nobody


@dataclass
class DbtOutcome:
    """One `dbt build`: what was built, what failed, what warned."""

    built: list[str] = field(
        default_factory=list
    )  # unique ids of models and seeds, and of those that stood, each behind what it reads
    tests: list[CheckResult] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)  # sentences: models and seeds that could not be built


def target_dir(settings: Settings) -> Path:
    """Where dbt keeps its manifest and compiled SQL."""
    return settings.var / "dbt" / "target"


def environment(settings: Settings) -> dict[str, str]:
    """What dbt_project/profiles.yml and dbt itself read from the environment."""
    return {
        "BESLAG_BUILD": str(settings.build),
        **{f"BESLAG_DUCKDB_{name.upper()}": str(value) for name, value in limits().items()},
        "DBT_TARGET_PATH": str(target_dir(settings)),
        "DBT_LOG_PATH": str(settings.var / "dbt" / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def prepare_manifest(settings: Settings) -> Path:
    """The manifest of the dbt project as it stands, with the SQL of its data tests; made anew only when a file changed.

    Parsing takes longer than any other part of a small refresh and does not depend on the home, so what it gives is
    kept with the project, or in the home where the project's folder is read-only.
    """
    return _parsed(settings) / "manifest.json"


def _parsed(settings: Settings) -> Path:
    """The folder with `manifest.json` and `partial_parse.msgpack` of the dbt project as it stands."""

    def compile_in(folder: Path) -> None:
        _invoke(
            settings, *COMPILE, DBT_TARGET_PATH=str(folder), BESLAG_BUILD=str(folder / settings.build.name)
        )
        for name in BY_THE_WAY:
            for path in folder.glob(name):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    return prepared.made(settings, f"compiled-{folder_hash(settings.dbt_dir)[:16]}", compile_in)


def run_build(settings: Settings) -> DbtOutcome:
    """Run `dbt build` on the build database: seeds and models but those that stand; then ask the data tests.

    Seals the stage, and writes the data tests' results into `ops.check_results` as suite `dbt`.

    Raises:
        Starved: a model or a test met a full disk or too little memory.
    """
    nodes, version = list(manifest_nodes(settings).values()), code_version(settings)
    tests = data_tests.asked(nodes)
    with connect(settings.build) as con:
        left_alone = standing.stand(con, nodes, version)
    outcome = DbtOutcome()
    if len(left_alone) < sum(node["resource_type"] in ("model", "seed") for node in nodes):
        outcome = make_models(settings, *standing.excluded(left_alone))
    outcome.built = _in_order([*outcome.built, *(node["unique_id"] for node in left_alone)], nodes)
    with connect(settings.build) as con:
        outcome.tests = data_tests.run(con, tests, set(outcome.built), settings.home)
        write_results(con, "dbt", outcome.tests)
        if not outcome.errors:
            standing.note(con, nodes, version)
        seal(con, "transform")
    return outcome


def make_models(settings: Settings, *selection: str, **environment: str) -> DbtOutcome:
    """Run `dbt build` without tests of any kind.

    Args:
        selection: what dbt takes to make a part of the project.
        environment: what differs from `environment(settings)`, such as another build database.

    Raises:
        Starved: a model met a full disk or too little memory.
    """
    arguments = ["build", "--no-write-json"]  # of the project and the run, which nobody reads
    for resource in SKIPPED_RESOURCES:
        arguments += ["--exclude-resource-type", resource]
    if settings.synthetic_is_real:
        arguments += ["--vars", "{treat_synthetic_as_real: true}"]
    result = _invoke(settings, *arguments, *selection, manifest=_manifest(settings), **environment)
    return _outcome(result, settings.home)


def manifest_nodes(settings: Settings) -> dict[str, Any]:
    """The manifest's nodes by unique id (names, schemas, column descriptions, config)."""
    nodes: dict[str, Any] = json.loads(prepare_manifest(settings).read_text("utf-8"))["nodes"]
    return nodes


def get_ready(settings: Settings) -> None:
    """Import dbt and read the project, which takes half a second, ahead of the build that needs them."""
    import dbt.adapters.duckdb
    import dbt.cli.main  # noqa: F401 - for the many modules that come with them

    _at_hand[_parsed(settings)] = _manifest(settings)


def _manifest(settings: Settings) -> Any:
    """dbt's own form of the parsed project, so that a build parses nothing; a build changes it, so that it serves once."""
    folder = _parsed(settings)
    if folder in _at_hand:
        return _at_hand.pop(folder)
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    kept = (folder / "partial_parse.msgpack").read_bytes()
    manifest = Manifest.from_msgpack(kept, decoder=extended_mashumuro_decoder)
    manifest.build_flat_graph()  # type: ignore[no-untyped-call]
    return manifest


def _invoke(settings: Settings, *arguments: str, manifest: Any = None, **changes: str) -> Any:
    # dbt reads its settings from the process environment only.
    os.environ.update(environment(settings) | changes)
    for room in (settings.work, target_dir(settings).parent):
        room.mkdir(parents=True, exist_ok=True, mode=0o700)
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    folder = str(settings.dbt_dir)
    quiet = ["--log-level", "none", "--log-level-file", "info"]
    result = dbtRunner(manifest).invoke(
        [*quiet, *arguments, "--project-dir", folder, "--profiles-dir", folder]
    )
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call] # else the write lock outlives the run
    if result.exception is not None:
        raise result.exception
    return result.result


def _in_order(unique_ids: Sequence[str], nodes: Sequence[dict[str, Any]]) -> list[str]:
    """Each behind all that it reads, as Dagster wants to be told of them."""
    reads = {node["unique_id"]: node.get("depends_on", {}).get("nodes", []) for node in nodes}
    made = {one: reads[one] for one in unique_ids}
    return [one for one in TopologicalSorter(made).static_order() if one in made]


def _outcome(run: Any, home: Path) -> DbtOutcome:
    outcome = DbtOutcome()
    for result in run.results:
        node, status = result.node, str(result.status)
        if status == "success":
            outcome.built.append(node.unique_id)
        elif status == "error":
            if short := starved("dbt", str(result.message), home):
                raise Starved(short)
            said = about_names(str(result.message)) or "an error inside it; var/dbt/logs has its words"
            outcome.errors.append(f"{node.name} ({node.original_file_path}): {said}")
    return outcome
