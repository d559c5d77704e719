"""DAGSTER_HOME: the project's dagster.yaml in `var/dagster`, with the storage that the environment names.

Dagster keeps its runs in SQLite there, or in PostgreSQL when BESLAG_DAGSTER_POSTGRES_URL is set
(postgresql://user:password@host/database). The file names the variable, never the address: it holds a password.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from orchestration.errors import UsageError
from orchestration.settings import PROJECT, Settings

POSTGRES_URL = "BESLAG_DAGSTER_POSTGRES_URL"
POSTGRES = f"""
storage:
  postgres:
    postgres_url:
      env: {POSTGRES_URL}
"""


def prepare(settings: Settings) -> Path:
    """Write DAGSTER_HOME/dagster.yaml and set DAGSTER_HOME for this process.

    Raises:
        UsageError: when PostgreSQL is asked for and its parts are not installed.
    """
    home = settings.var / "dagster"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = (PROJECT / "dagster.yaml").read_text("utf-8")
    if os.environ.get(POSTGRES_URL):
        if importlib.util.find_spec("dagster_postgres") is None:
            raise UsageError(
                f"{POSTGRES_URL} is set, and dagster-postgres is not installed; install the project with [postgres]."
            )
        text += POSTGRES
    part = home / "dagster.yaml.part"
    part.write_text(text, "utf-8")
    part.replace(home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(home)
    return home


if (
    __name__ == "__main__"
):  # for services and `make serve`: DAGSTER_HOME=$(python -m orchestration.dagster_home)
    print(prepare(Settings.from_env()))
