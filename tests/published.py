"""A small published file with every type and nasty cells, for tests of what reads one. Nothing here asserts anything."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import making

from orchestration.contract import Contract
from orchestration.publish import STORAGE_VERSION

BUILD, BUILT_AT = "20240101T120000000-abcdef", datetime(2024, 1, 1, 12)
FORMULAS = ["=1+1", "+47 22 33", "-5", "@SUM(A1)", "\t=1", "\r=1", "'quoted", "＝1+1"]
TEXTS = [*FORMULAS, "plain", "a,b;c", 'say "hi"', "two\nlines", "ærlig ☃", " =1", None]
COMMENT = "A mart of figures, the readers' own; one row per label."
COLUMNS = {
    "label": ("varchar", "What the row is"),
    "is_good": ("boolean", "Whether it is good"),
    "n": ("integer", "How many"),
    "big": ("bigint", "How many, when many"),
    "mass_g": ("decimal(18,6)", "Mass in g"),
    "share_pct": ("double", "Share in per cent"),
    "seen_on": ("date", "Day"),
    "known_at": ("timestamp", "When it was known, UTC"),
    "source": ("varchar", "Sources, joined by +"),
    "is_synthetic": ("boolean", "Whether an input row is synthetic"),
}
ROW = "true, -3, 9007199254740993, -1234567.891, -2e-5, date '2024-02-29', timestamp '2024-01-01 23:59:59.000001'"
LICENCES: dict[str, dict[str, str]] = {
    "free": {"title": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/", "redistribution": "allowed"},
    "rates": {"title": "Terms of rates", "path": "https://example.org/terms", "redistribution": "allowed"},
    "agency": {"title": "Extract", "path": "https://example.org/cc0", "redistribution": "synthetic_rows"},
    "other_agency": {"title": "Extract", "path": "https://example.org/cc0", "redistribution": "synthetic_rows"},
    "silent": {"title": "Not stated"},
    "closed": {"title": "All rights reserved", "redistribution": "forbidden"},
}  # fmt: skip
# (source, is_synthetic) of the rows of marts.figures, with how often each row's text is a nasty one
ORIGINS: list[tuple[str | None, bool]] = [
    ("free", False), ("free+rates", False), ("agency", True), ("other_agency", True), ("free+other_agency", False),
    ("silent", False), ("closed+free", False), ("unheard_of", False), (None, False),
]  # fmt: skip


def contracts() -> dict[str, Contract]:
    """A contract for each licence there is a case for."""
    return {
        name: making.feed(name=name, licenses=[licence], sources=[{"title": f"The maker of {name}"}])
        for name, licence in LICENCES.items()
    }


def write(path: Path, build_id: str = BUILD, n: int = -3, origins: Any = ORIGINS) -> Path:
    """A published file: `marts.figures` with every text under every origin, `marts.empty`, `reference.words`, `meta.build`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute(f"attach '{path}' as made (storage_version '{STORAGE_VERSION}'); use made")
        con.execute("create schema marts; create schema reference; create schema meta")
        columns = ", ".join(f"{name} {kind}" for name, (kind, _) in COLUMNS.items())
        for mart in ("figures", "empty"):
            con.execute(f"create table marts.{mart} ({columns})")
            _comment(con, f"marts.{mart}", COMMENT, {name: says for name, (_, says) in COLUMNS.items()})
        for source, synthetic in origins:
            for text in TEXTS:
                con.execute(f"insert into marts.figures values (?, {ROW}, ?, ?)", [text, source, synthetic])
        con.execute("update marts.figures set n = ?", [n])
        con.execute(
            "insert into marts.figures (label, source, is_synthetic) values ('all null', ?, ?)", origins[0]
        )
        con.execute("create table reference.words as select 'kokain' as word, 'cocaine' as means")
        _comment(con, "reference.words", "One row per word.", {"word": "Word", "means": "What it means"})
        con.execute(
            "create table meta.build as select $1::varchar as build_id, $2::timestamp as built_at, "
            "null::date as as_of, 'c0de' as code_version, '1.1' as schema_version, true as is_reproducible",
            [build_id, BUILT_AT],
        )
        names = ("build_id", "built_at", "as_of", "code_version", "schema_version", "is_reproducible")
        _comment(con, "meta.build", "One row: the build this file is.", dict.fromkeys(names, "Of the build"))
        con.execute("use memory; detach made")
    path.chmod(0o444)
    return path


def _comment(con: duckdb.DuckDBPyConnection, table: str, sentence: str, columns: dict[str, str]) -> None:
    quoted = sentence.replace("'", "''")
    con.execute(f"comment on table {table} is '{quoted}'")
    for column, says in columns.items():
        con.execute(f"comment on column {table}.{column} is '{says}'")
