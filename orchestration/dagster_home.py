"""DAGSTER_HOME: the project's dagster.yaml in `var/dagster`, with the storage that the environment names.

Dagster keeps its runs in SQLite there, or in PostgreSQL when BESLAG_DAGSTER_POSTGRES_URL is set
(postgresql://user:password@host/database). The file names the variable, never the address: it holds a password.
"""

from __future__ import annotations

import os
from pathlib import Path

from orchestration.settings import PROJECT, Settings

POSTGRES_URL = "BESLAG_DAGSTER_POSTGRES_URL"
POSTGRES = f"""
storage:
  postgres:
    postgres_url:
      env: {POSTGRES_URL}
"""


def prepare(settings: Settings) -> Path:
    """Write DAGSTER_HOME/dagster.yaml and set DAGSTER_HOME for this process."""
    home = settings.var / "dagster"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = (PROJECT / "dagster.yaml").read_text("utf-8")
    if os.environ.get(POSTGRES_URL):
        text += POSTGRES
    part = home / "dagster.yaml.part"
    part.write_text(text, "utf-8")
    part.replace(home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(home)
    return home


if (
    __name__ == "__main__"
):  # for services and `make serve`: DAGSTER_HOME=$(python -m orchestration.dagster_home)
    from orchestration.transform import prepare_manifest

    prepare_manifest(
        Settings.from_env()
    )  # a service that has to parse dbt's project first can start too slowly
    print(prepare(Settings.from_env()))
