"""Every DuckDB since 1.2, in an environment of its own, reads in the published file what ours does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from driving import ROOM

from orchestration.settings import PROJECT

pytestmark = pytest.mark.bi
PUBLISHED = Path(os.environ.get("BESLAG_BI_FILE") or PROJECT / "warehouse.duckdb")
READ = """
import json, sys, duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
tables = con.execute("select schema_name, table_name, comment from duckdb_tables() where not internal order by all").fetchall()
seen = {}
for schema, table, comment in tables:
    columns = con.execute("select column_name, data_type, comment from duckdb_columns() where not internal "
                          "and schema_name = ? and table_name = ? order by column_index", [schema, table]).fetchall()
    facts = ", ".join(f'count("{c}"), min("{c}")::varchar, max("{c}")::varchar, count(distinct "{c}")' for c, _, _ in columns)
    seen[f"{schema}.{table}"] = [comment, columns, con.execute(f"select count(*), {facts} from {schema}.{table}").fetchall()]
print(json.dumps([duckdb.__version__, seen]))
"""
REFLECT = """
import json, sys, sqlalchemy as sa
engine = sa.create_engine(f"duckdb:///{sys.argv[1]}", connect_args={"read_only": True})
meta = sa.MetaData()
for schema in ("marts", "reference", "meta"):
    meta.reflect(engine, schema=schema)
types = sorted({type(c.type).__name__ for t in meta.tables.values() for c in t.columns})
counts = {t.key: engine.connect().execute(sa.select(sa.func.count()).select_from(t)).scalar() for t in meta.tables.values()}
print(json.dumps([types, counts]))
"""


def told(python: Path | str, code: str) -> list[object]:
    if not Path(python).exists():
        pytest.skip("the environments are not set up; run `make test-bi`")
    done = subprocess.run([python, "-c", code, PUBLISHED], capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout))


@pytest.fixture(scope="module")
def ours() -> object:
    return told(sys.executable, READ)[1]


@pytest.mark.parametrize("version", ["1.2", "1.3", "1.4", "1.5"])
def test_an_older_duckdb_reads_the_same(version: str, ours: object) -> None:
    theirs, seen = told(ROOM / f"duckdb-{version}" / "bin" / "python", READ)
    assert str(theirs).startswith(f"{version}.")
    assert seen == ours


def test_sqlalchemy_reflects_every_table(ours: dict[str, list[list[list[int]]]]) -> None:
    """In Superset's environment, so with SQLAlchemy 1.4: keys included."""
    types, counts = told(ROOM / "requirements" / "bin" / "python", REFLECT)
    assert counts == {table: facts[2][0][0] for table, facts in ours.items()}
    assert "NullType" not in str(types)
