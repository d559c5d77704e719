"""Seals between the stages of a build, so that publish can tell that every stage judged what the one before left.

A seal is a row of `ops.stages`. `dg launch` may run any asset alone; a publish after that must find the chain whole.
"""

from __future__ import annotations

import secrets
from pathlib import Path

import duckdb

from orchestration.database import connect
from orchestration.errors import BuildRefused

DDL = """
create schema if not exists ops;
create table if not exists ops.stages (stage varchar primary key, made varchar, made_from varchar);
"""
# stage -> the stage whose seal it must have seen
CHAIN = {"raw_gate": "load", "transform": "load", "mart_gate": "transform"}


def seal(con: duckdb.DuckDBPyConnection, stage: str) -> None:
    """Note that a stage was done just now, and on which state of the stage before."""
    con.execute(DDL)
    before = CHAIN.get(stage)
    seen = con.execute("select made from ops.stages where stage = ?", [before]).fetchone() if before else None
    con.execute(
        "insert or replace into ops.stages values (?, ?, ?)",
        [stage, secrets.token_hex(8), seen[0] if seen else None],
    )


def require_whole_chain(build: Path) -> None:
    """Check that both gates have judged the rows and marts as they stand.

    Raises:
        BuildRefused: when a stage was done again, or never, after the one that depends on it; or a check failed.
    """
    with connect(build, read_only=True) as con:
        seals = {
            stage: (made, seen) for stage, made, seen in con.execute("select * from ops.stages").fetchall()
        }
        failed = con.execute(
            "select count(*) from ops.check_results where severity = 'error' and not success"
        ).fetchone()
    for stage, before in CHAIN.items():
        if stage not in seals or seals[stage][1] != seals.get(before, (None,))[0]:
            raise BuildRefused(
                f"The stage '{stage}' has not run since '{before}' did; run the whole job, not a part of it."
            )
    if failed is None or failed[0]:
        raise BuildRefused(f"{failed[0] if failed else 'All'} blocking checks failed; nothing is published.")
