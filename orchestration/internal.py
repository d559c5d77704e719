"""The file for analysts with the legal right to single lines: `internal.duckdb`, made only with BESLAG_INTERNAL=1.

Here: what stands in it. Not here: the readers' file (publish.py) and the swap of both (builds.py).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.contract import Contract

# Models that hold the figures of every cell before anything is withheld.
BEFORE_SUPPRESSION = (
    "int_seizures__periods", "int_purity__cells", "int_prices__cells", "int_postal__periods", "int_darknet__periods",
)  # fmt: skip


def write(
    con: duckdb.DuckDBPyConnection, path: Path, contracts: dict[str, Contract], storage_version: str
) -> None:
    """Write the file, on a connection that has `build` and `candidate` attached.

    `lines.<source>` holds the current lines of each restricted source, corrected, without any field that its contract
    declares personal; `unsuppressed.<model>` what disclosure control judged; `meta.build` the build it belongs to.
    """
    quoted = str(path).replace("'", "''")
    con.execute(f"attach '{quoted}' as internal (storage_version '{storage_version}')")
    con.execute(
        "create schema internal.lines; create schema internal.unsuppressed; create schema internal.meta"
    )
    con.execute("create table internal.meta.build as from candidate.meta.build")
    for contract in contracts.values():
        if contract.disclosure == "restricted":
            names = [f.name for f in contract.fields if f.personal is None and f.name != "is_synthetic"]
            fields = ", ".join(names)
            con.execute(
                f"create table internal.lines.{contract.name} as "
                f"select {fields}, _is_synthetic as is_synthetic from build.current.{contract.name} order by all"
            )
    for model in BEFORE_SUPPRESSION:
        con.execute(
            f"create table internal.unsuppressed.{model} as from build.intermediate.{model} order by all"
        )
    con.execute("checkpoint internal; detach internal")
    path.chmod(0o440)
