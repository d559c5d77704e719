"""How large raw.seizures grows over nights of full extracts, against the same rows as zstd Parquet.

Each night redelivers every file with a share of its lines changed; only loading runs, as a refresh does it.

Run with `.venv/bin/python benchmarks/raw_growth.py ROOM ROWS NIGHTS SHARE`; prints one line of JSON.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import feeds

from orchestration.archive import Archive
from orchestration.contract import load_contracts
from orchestration.database import connect
from orchestration.intake import take_in
from orchestration.load import bring_up_to_date
from orchestration.settings import PROJECT, Settings


def grown(room: Path, rows: int, nights: int, share: float) -> dict[str, float]:
    """Load a first delivery and `nights` more.

    Returns:
        Rows and row versions; bytes of raw.seizures in the build file, in whole blocks, of the same rows as one zstd
        Parquet file, and the ratio of the two; bytes of the build file in use (with the notes of its deliveries) and in all.
    """
    contract = load_contracts(PROJECT / "sources")["seizures"]
    inbox = room / "inbox-0"
    feeds.first(inbox, rows)
    for night in range(nights + 1):
        if night:
            before, inbox = inbox, room / f"inbox-{night}"
            feeds.extract_night(before, inbox, share, night)
            shutil.rmtree(before)
        settings = Settings(home=room / "home", inbox=inbox)
        refused = take_in(contract, settings).refused
        with connect(settings.build) as con:
            refused += bring_up_to_date(con, contract, Archive(settings.archive), None, settings.now).refused
        if refused:
            raise RuntimeError("; ".join(refused))
    parquet = room / "raw.parquet"
    with connect(settings.build) as con:
        con.execute("checkpoint")
        con.execute(f"copy raw.seizures to '{parquet}' (format parquet, compression zstd)")
        versions, current = con.execute(
            "select count(*), count(*) filter (_valid_to is null) from raw.seizures"
        ).fetchall()[0]
        used, block = con.execute("select used_blocks, block_size from pragma_database_size()").fetchall()[0]
        own = "select count(distinct block_id) from pragma_storage_info('raw.seizures') where block_id >= 0"
        ((held,),) = con.execute(own).fetchall()
    raw, packed = held * block, parquet.stat().st_size
    return {
        "nights": nights, "share": share, "current": current, "versions": versions, "raw": raw, "parquet": packed,
        "used": used * block, "file": settings.build.stat().st_size, "ratio": raw / packed,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(grown(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))))
