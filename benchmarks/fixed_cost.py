"""What a refresh costs before it does anything: importing Dagster, dbt and Great Expectations, reading dbt's parsed project.

Each part is measured as CPU time in a fresh process (the machine may be busy), and the whole refresh beside it, all
in one run. Prints a Markdown table with each part's share of the whole.

Run with `.venv/bin/python benchmarks/fixed_cost.py [INBOX]`; the inputs that ship are the default.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PREPARE = (
    "from orchestration.settings import Settings; from orchestration import transform; from dbt.cli.main import dbtRunner; "
    "transform.prepare_manifest(Settings.from_env()); transform._manifest(Settings.from_env())"
)
SET_UP = "from orchestration import blank, settings; blank.prepare(settings.Settings.from_env())"
PARTS = {
    "Python and the command itself": "import orchestration.cli",
    "Dagster, with dagster-dbt": "import orchestration.cli, dagster, dagster_dbt",
    "dbt, and reading its parsed project": f"import orchestration.cli; {PREPARE}",
    "Great Expectations": "import orchestration.cli, great_expectations",
}


def measure(command: list[str], home: str) -> tuple[float, float]:
    """CPU and wall seconds of a command."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        command, cwd=PROJECT, check=True, capture_output=True, env={**os.environ, "BESLAG_HOME": home}
    )
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def main() -> None:
    """Measure, and print the table."""
    subprocess.run([sys.executable, "-c", SET_UP], cwd=PROJECT, check=True)
    inbox = sys.argv[1:2] or [str(PROJECT / "sources" / "data")]
    beslag = [
        sys.executable,
        "-c",
        "from orchestration.cli import main; main()",
        "refresh",
        "--inbox",
        *inbox,
    ]
    with tempfile.TemporaryDirectory() as home:
        base, _ = measure([sys.executable, "-c", PARTS["Python and the command itself"]], home)
        parts = {name: measure([sys.executable, "-c", code], home)[0] for name, code in PARTS.items()}
    with tempfile.TemporaryDirectory() as home:
        whole, wall = measure(beslag, home)
        again, again_wall = measure(beslag, home)
    print("| part | CPU s | share of a refresh |\n|---|---|---|")
    for name, seconds in parts.items():
        own = seconds if seconds == parts["Python and the command itself"] else seconds - base
        print(f"| {name} | {own:.1f} | {own / whole:.0%} |")
    print(f"| **whole refresh** ({wall:.0f} s by the clock) | {whole:.1f} | 100% |")
    print(
        f"| refresh with nothing new ({again_wall:.1f} s by the clock) | {again:.1f} | {again / whole:.0%} |"
    )


if __name__ == "__main__":
    main()
