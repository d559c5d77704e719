"""A SQLAlchemy dialect through which Great Expectations runs its checks as SQL on DuckDB.

GX hands a connection back to the pool before it fetches; duckdb-engine fetches from the connection, so every
expectation would raise. This dialect reads a result at once and keeps it, and opens one connection per query.
"""

from __future__ import annotations

import atexit
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import duckdb
import duckdb_engine
from sqlalchemy import text
from sqlalchemy.dialects import registry
from sqlalchemy.engine.url import URL
from sqlalchemy.pool import NullPool, Pool
from sqlalchemy.types import NullType

from orchestration.machine import limits

NAME = "beslag_duckdb"


class _BufferedCursor(duckdb_engine.CursorWrapper):
    def __init__(self, connection: duckdb.DuckDBPyConnection, wrapper: _Connection) -> None:
        super().__init__(connection, wrapper)
        self._connection = connection
        self._rows: list[tuple[Any, ...]] = []
        self.description: list[tuple[Any, ...]] | None = None
        self.rowcount = -1

    def execute(self, statement: str, parameters: Any = None, context: Any = None) -> None:
        super().execute(statement, parameters, context)
        found = self._connection.description
        # SQLAlchemy keeps descriptions: with DuckDB's own type objects it would keep the module at exit.
        self.description = [(name, str(kind), *rest) for name, kind, *rest in found] if found else None
        self._rows = self._connection.fetchall() if found else []

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        taken, self._rows = self._rows[: size or 1], self._rows[size or 1 :]
        return taken

    def fetchall(self) -> list[tuple[Any, ...]]:
        taken, self._rows = self._rows, []
        return taken


class _Connection(duckdb_engine.ConnectionWrapper):
    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection)
        self._connection = connection

    def cursor(self) -> _BufferedCursor:
        return _BufferedCursor(self._connection, self)


class BeslagDialect(duckdb_engine.Dialect):
    """duckdb-engine's dialect with buffered results. URL: see `url_for`."""

    supports_statement_cache = False

    def create_connect_args(self, url: URL) -> tuple[tuple[str], dict[str, Any]]:
        """The percent-encoded path and the mode, as `connect` takes them."""
        config = limits() | {"threads": int(str(url.query["threads"]))}
        read_only = url.query["read_only"] == "true"
        return (unquote(url.database or ""),), {"read_only": read_only, "config": config}

    def connect(self, *args: Any, **kwargs: Any) -> Any:
        """One DuckDB connection, without duckdb-engine's own settings: within a process all must be the same."""
        connection = duckdb.connect(*args, **kwargs)
        connection.execute("set enable_progress_bar = false")
        return _Connection(connection)

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Column names by DuckDB's own description: the Postgres views that duckdb-engine asks take 80 ms a table."""
        table = ".".join(f'"{part}"' for part in (schema, table_name) if part)
        rows = connection.execute(text(f"select column_name from (describe {table})"))
        return [{"name": name, "type": NullType(), "nullable": True, "default": None} for (name,) in rows]

    def get_pk_constraint(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> Any:
        """No table of a build declares a primary key; the suites look for repeated keys themselves."""
        return {"constrained_columns": [], "name": None}

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:
        """No pool: a connection kept open would keep the file's lock."""
        return NullPool


def url_for(path: Path, *, read_only: bool, threads: int) -> str:
    """The SQLAlchemy URL of a DuckDB file; the path is percent-encoded."""
    return f"{NAME}:///{quote(str(path), safe='/')}?read_only={str(read_only).lower()}&threads={threads}"


registry.register(NAME, __name__, BeslagDialect.__name__)
# Cython modules that GX loads outlive the interpreter and hold on to both modules, and so to DuckDB, which then
# prints a leak report at exit.
atexit.register(vars(duckdb_engine).clear)
atexit.register(globals().clear)
