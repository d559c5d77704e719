"""`beslag sql`: the published file in a terminal. Finds a client; holds none."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from orchestration.errors import UsageError
from orchestration.settings import Settings

CLIENT = "harlequin"


def open_published(settings: Settings) -> int | list[str]:
    """Open the published file read-only in Harlequin.

    Returns:
        Its exit code, or, where it is not installed, lines that say how else to open the file.

    Raises:
        UsageError: when nothing is published.
    """
    if not settings.published.exists():
        raise UsageError("Nothing is published yet, so there is nothing to open; run `beslag refresh` first.")
    client = _client()
    if client is None:
        return ways(settings.published)
    return subprocess.run([client, "--read-only", str(settings.published)], check=False).returncode  # noqa: S603 - our own file


def ways(published: Path) -> list[str]:
    """How to open the file, one line each."""
    return [
        f"{CLIENT} is not installed. Any of these opens the file:",
        f"  uv tool install {CLIENT}    (or pipx install {CLIENT}), then `beslag sql` again",
        f"  duckdb -readonly {published}    (the DuckDB command line, 1.2 or later)",
        f"  python -c \"import duckdb; print(duckdb.connect('{published}', read_only=True).sql('show all tables'))\"",
        "docs/analysts.md has more, for R, Excel and DBeaver too.",
    ]


def _client() -> str | None:
    beside = Path(sys.executable).with_name(CLIENT)
    return str(beside) if beside.exists() else shutil.which(CLIENT)
