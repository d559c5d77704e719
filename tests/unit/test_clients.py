"""What BI tools and analysts' libraries see of a published file, each by its own road."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import adbc_driver_duckdb
import duckdb
import making
import pandas as pd
import polars as pl
import published
import pytest
import sqlalchemy as sa
from adbc_driver_manager import dbapi
from sqlalchemy.pool import NullPool

from orchestration import builds

ROW = (True, -3, 9007199254740993, Decimal("-1234567.891000"), -2e-5, date(2024, 2, 29),
       datetime(2024, 1, 1, 23, 59, 59, 1), "free", False)  # fmt: skip
QUERY = f"select {', '.join(list(published.COLUMNS)[1:])} from marts.figures where label = 'plain' and source = 'free'"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published.write(tmp_path_factory.mktemp("published") / "warehouse.duckdb")


def test_adbc_reads_every_type(warehouse: Path) -> None:
    options = {"path": str(warehouse), "access_mode": "READ_ONLY"}
    driver, entry = adbc_driver_duckdb.driver_path(), "duckdb_adbc_init"
    with dbapi.connect(driver=driver, entrypoint=entry, db_kwargs=options, autocommit=True) as con:
        with con.cursor() as cursor:
            cursor.execute(QUERY)
            assert cursor.fetchall() == [ROW]
        with con.cursor() as cursor, pytest.raises(dbapi.Error, match="read-only"):
            cursor.execute("update marts.figures set n = 0")


def engine(warehouse: Path) -> sa.Engine:
    """As a BI tool should be set up: read-only, a connection per query."""
    return sa.create_engine(f"duckdb:///{warehouse}", connect_args={"read_only": True}, poolclass=NullPool)


def test_sqlalchemy_reflects_every_table_type_and_comment(warehouse: Path) -> None:
    kinds = {
        "varchar": sa.String, "boolean": sa.Boolean, "integer": sa.Integer, "bigint": sa.BigInteger,
        "decimal(18,6)": sa.Numeric, "double": sa.Float, "date": sa.Date, "timestamp": sa.DateTime,
    }  # fmt: skip
    inspector = sa.inspect(engine(warehouse))
    assert inspector.get_table_names("marts") == ["empty", "figures"]
    assert inspector.get_table_names("reference") == ["words"]
    assert inspector.get_table_comment("figures", "marts") == {"text": published.COMMENT}
    found = {column["name"]: column for column in inspector.get_columns("figures", "marts")}
    assert list(found) == list(published.COLUMNS)
    for name, (kind, says) in published.COLUMNS.items():
        assert isinstance(found[name]["type"], kinds[kind]), (name, found[name]["type"])
        assert found[name]["comment"] == says


def test_sqlalchemy_reads_every_type(warehouse: Path) -> None:
    """By columns: `autoload_with` also asks for keys, which duckdb-engine cannot answer under SQLAlchemy 2."""
    found = sa.inspect(engine(warehouse)).get_columns("figures", "marts")
    table = sa.Table(
        "figures", sa.MetaData(), *(sa.Column(c["name"], c["type"]) for c in found), schema="marts"
    )
    chosen = [table.c[name] for name in list(published.COLUMNS)[1:]]
    wanted = sa.select(*chosen).where(table.c.label == "plain", table.c.source == "free")
    with engine(warehouse).connect() as con:
        assert [tuple(row) for row in con.execute(wanted)] == [ROW]


def test_a_tool_with_a_connection_per_query_sees_a_new_build(warehouse: Path, tmp_path: Path) -> None:
    """No restart, no error: what Superset does, without Superset."""
    settings = making.home(tmp_path)
    for build in ("1", "2"):
        published.write(settings.builds / build / builds.WAREHOUSE, build_id=build)
    builds.swap_in(settings, "1")
    tool = engine(settings.published)

    def seen() -> Any:
        with tool.connect() as con:
            return con.execute(sa.text("select build_id from meta.build")).scalar_one()

    assert seen() == "1"
    builds.swap_in(settings, "2")
    assert seen() == "2"


def test_polars_and_pandas_read_every_type(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as con:
        frame: pl.DataFrame = con.sql(QUERY).pl()
        assert frame.rows() == [ROW]
        assert frame.schema["mass_g"] == pl.Decimal(18, 6)
        table: pd.DataFrame = con.sql(QUERY).df()
    assert table.loc[0, ["is_good", "n", "big", "share_pct", "source"]].tolist() == [
        True,
        -3,
        9007199254740993,
        -2e-5,
        "free",
    ]
    assert table.loc[0, "known_at"] == pd.Timestamp("2024-01-01 23:59:59.000001")
    assert pd.read_sql(QUERY, engine(warehouse)).shape == (1, len(ROW))
