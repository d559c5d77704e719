"""`beslag export --to postgresql://…`: the published file in PostgreSQL, for tools without a DuckDB driver.

Here: the order of things. Not here: the address (address.py), filling new schemas (load.py), showing them (swap.py).
Everything readers have is copied, nothing left out: the database is the operator's own, as the file is.
"""

from __future__ import annotations

from dataclasses import dataclass

from orchestration import builds
from orchestration.database import connect
from orchestration.errors import UsageError
from orchestration.postgres import load, swap
from orchestration.postgres.address import Address, sentences
from orchestration.settings import Settings

READER = "beslag_reader"
WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class Exported:
    """What an export did."""

    build_id: str
    tables: int
    rows: int
    where: str


def export(
    settings: Settings, url: str, reader: str = READER, wait_seconds: float = WAIT_SECONDS
) -> Exported:
    """Make the published build what readers of a PostgreSQL database see, whole or not at all.

    Raises:
        UsageError: nothing is published, or the address cannot be one.
        Busy: another export to this database is running.
        PostgresError: the database cannot be reached, refuses, or its readers do not let go in time.
    """
    address = Address.parse(url)
    build_id = builds.published_id(settings)
    if build_id is None:
        raise UsageError("Nothing is published yet, so there is nothing to export; run `beslag refresh`.")
    with connect(settings.published, read_only=True) as file, sentences(address), address.connect() as pg:
        swap.one_at_a_time(pg, address)
        swap.refuse_what_is_not_ours(pg, address)
        load.ensure_reader(pg, reader)
        found = load.tables(file)
        loaded = load.fill(pg, file, found, build_id)
        swap.swap_in(pg, reader, loaded, wait_seconds)
    return Exported(build_id, len(found), loaded.rows, address.shown)
