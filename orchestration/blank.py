"""The blank: a build before any delivery, made by dbt at set-up, with which a new home begins.

Half of dbt's nodes are views and reference tables, which no delivery changes (standing.py); in a home that begins with
the blank they stand from the first night on, and so do tables of sources that deliver nothing. Without one, or with one
of other code, a build begins with nothing.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from orchestration import corrections, prepared, standing, tables, transform
from orchestration.code_version import code_version
from orchestration.contract import load_contracts
from orchestration.database import connect
from orchestration.settings import Settings


def prepare(settings: Settings) -> Path:
    """The blank of the code as it stands; made anew only when a file changed.

    Raises:
        ValueError: a model cannot be built on tables without rows.
    """

    def make(folder: Path) -> None:
        build = folder / settings.build.name
        with connect(build) as con:
            con.execute(tables.OPS_DDL)
            for contract in load_contracts(settings.contracts_dir).values():
                tables.make_table(con, contract)
                corrections.stand(con, contract, (), settings.now.date(), strict=False)
        outcome = transform.make_models(settings, BESLAG_BUILD=str(build))
        if outcome.errors:
            raise ValueError(f"dbt could not build on empty tables: {'; '.join(outcome.errors[:3])}")
        with connect(build) as con:
            standing.note(con, list(transform.manifest_nodes(settings).values()), code_version(settings))

    return prepared.made(settings, _name(settings), make) / settings.build.name


def lay_out(settings: Settings) -> None:
    """Begin with the blank where there is no build yet, and where set-up prepared one for this code."""
    folder = None if settings.build.exists() else prepared.found(settings, _name(settings))
    if folder is None:
        return
    settings.work.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.build.with_name(settings.build.name + ".wal").unlink(missing_ok=True)
    part = settings.build.with_name(settings.build.name + ".part")
    shutil.copyfile(folder / settings.build.name, part)
    part.replace(settings.build)


def _name(settings: Settings) -> str:
    return f"blank-{code_version(settings)}"
