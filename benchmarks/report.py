"""Results as Markdown: walls as they are, and every ratio from the same run. Not here: measuring."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

from measure import PROJECT, Run
from readers import Latency

PREPARE = "from orchestration import blank, settings; blank.prepare(settings.Settings.from_env())"
PACKAGES = ("duckdb", "polars", "dbt-core", "dagster", "great-expectations")
MB = 1_000_000
Runs = Mapping[tuple[int, str], Run]


def output(command: Sequence[str | Path]) -> str:
    """What a command of the project prints; its errors are shown."""
    env = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [str(part) for part in command], cwd=PROJECT, env=env, check=True, text=True, stdout=subprocess.PIPE
    )
    return done.stdout


def written(
    runs: Runs,
    sizes: Sequence[int],
    differing: Sequence[str],
    growth: Mapping[str, float] | None,
    reading: Mapping[str, Latency],
) -> str:
    """The whole page."""
    parts = [_head(), *(_one_size(runs, size) for size in sizes), _stages(runs, sizes)]
    parts += [_marginal(runs, *pair) for pair in pairwise(sizes)]
    if growth:
        parts.append(_growth(growth))
    if reading:
        parts.append(_reading(reading, sizes[-1]))
    if differing:
        parts.append(
            "## Marts that differ\n\nTheir times do not count.\n\n"
            + "\n".join(f"- {one}" for one in differing)
        )
    return "\n\n".join(parts) + "\n"


def _head() -> str:
    cpu = next(
        (
            x.split(":")[1].strip()
            for x in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in x
        ),
        "",
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[2]
    busy = " **Others were using the machine: take the times as provisional.**" if load > 1.5 * cores else ""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"# Results\n\nWritten by `{shlex.join(['python', *sys.argv])}` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; not edited. "
        f"{cores} cores of {cpu or platform.machine()}, {memory:.0f} GB, {platform.system()} "
        f"{platform.release()}; Python {platform.python_version()}, {packages}. Load of the machine over the last quarter of "
        f"an hour: {load:.1f}.{busy}\n\nThe floor is bare DuckDB over the same files to the same five marts "
        "(`floor.py`); Beslag makes all its marts, history and checks besides. Peers make the five marts and check them. "
        "MB are 10^6 bytes; memory is of the whole process tree."
    )


def _one_size(runs: Runs, size: int) -> str:
    floor = runs.get((size, "floor"))
    rows = (
        (name, f"{r.wall:.1f}", f"{r.cpu:.1f}", f"{r.rss / MB:,.0f}", f"{r.disk / MB:,.0f}" if r.disk else "",
         f"{r.wall / floor.wall:.1f}" if floor else "")
        for (of, name), r in runs.items() if of == size
    )  # fmt: skip
    return f"## {size:,} lines\n\n" + _table(
        ("", "wall s", "CPU s", "peak MB", "disk MB", "wall / floor"), rows
    )


def _stages(runs: Runs, sizes: Sequence[int]) -> str:
    found = [(size, name, run) for (size, name), run in runs.items() if run.stages and size in sizes]
    stages = list(dict.fromkeys(stage for _, _, run in found for stage in run.stages))
    rows = (
        (
            f"{size:,}",
            name,
            *(f"{r.stages.get(stage, 0):.1f}" for stage in stages),
            f"{r.stages.get('gate', 0) / r.wall:.0%}",
        )
        for size, name, r in found
    )
    return (
        "## Seconds per stage of Beslag\n\nUp to a stage's progress line since the one before; `raw` holds the import of Dagster, dbt and Great Expectations, which goes on beside it. "
        "Target: both gates together at most 20 % of a run.\n\n"
        + _table(("lines", "run", *stages, "gates"), rows)
    )


def _marginal(runs: Runs, small: int, big: int) -> str:
    millions = (big - small) / 1e6
    walls, cpus = (
        {
            name: (getattr(runs[big, name], what) - getattr(runs[small, name], what)) / millions
            for size, name in runs
            if size == big and (small, name) in runs
        }
        for what in ("wall", "cpu")
    )
    rows = (
        (
            name,
            *(
                cell
                for costs in (walls, cpus)
                for cell in (f"{costs[name]:.2f}", _part(costs[name], costs.get("floor")))
            ),
            _part(wall, walls.get("beslag full")),
        )
        for name, wall in walls.items()
    )
    return (
        f"## Marginal cost per million lines, {small:,} to {big:,}\n\n(t(big) - t(small)) / difference. Targets: full refresh at "
        "most 1.5 times the floor and half of every peer; a delta of 1 % at most 0.25 of a full refresh. CPU tells more than the "
        "clock where others use the machine.\n\n"
        + _table(("", "wall s", "of the floor", "CPU s", "of the floor", "wall of a full refresh"), rows)
    )


def _part(cost: float, whole: float | None) -> str:
    return f"{cost / whole:.2f}" if whole else ""


def _growth(growth: Mapping[str, float]) -> str:
    return (
        f"## Raw after {growth['nights']} nights of {growth['share']:.1%} change\n\n{growth['current']:,} lines, "
        f"{growth['versions']:,} row versions: {growth['raw'] / MB:.1f} MB in the build file, "
        f"{growth['parquet'] / MB:.1f} MB as zstd Parquet; **{growth['ratio']:.2f} times** (target: at most 2.5). With the "
        f"notes of its deliveries, of which each table takes whole blocks, {growth['used'] / MB:.1f} MB of the file are in use."
    )


def _reading(reading: Mapping[str, Latency], size: int) -> str:
    rows = ((name, f"{x.queries:,}", f"{x.median:.0f}", f"{x.p99:.0f}") for name, x in reading.items())
    quiet, busy = reading["five clients"], reading["five clients, a refresh running"]
    return (
        f"## Readers at {size:,} lines\n\n20 queries, each from opening the file to closing it. A p99 of {busy.p99 / quiet.p99:.2f} "
        "times with a refresh running (target: at most 1.5).\n\n"
        + _table(("", "queries", "median ms", "p99 ms"), rows)
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
