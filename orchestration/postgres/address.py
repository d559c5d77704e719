"""Where a PostgreSQL database is, and its errors as sentences. A password stands in neither."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import adbc_driver_manager
from adbc_driver_postgresql import dbapi

from orchestration.errors import BeslagError, UsageError

SCHEMES = ("postgresql", "postgres")
INSUFFICIENT_PRIVILEGE, DEPENDENT_OBJECTS = "42501", "2BP01"
SERVER_SAYS = re.compile(r"(ERROR|FATAL): (?P<what>.*?)( SQLSTATE: \w+)?$")
SECRETS = ("password", "sslpassword")


class PostgresError(BeslagError):
    """PostgreSQL cannot be reached or refused; its readers see what they saw."""


@dataclass(frozen=True)
class Address:
    """A database's URL, and what of it may be shown."""

    url: str
    shown: str  # without user, password and parameters
    secrets: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Address({self.shown})"

    @classmethod
    def parse(cls, url: str) -> Address:
        """Raises UsageError, without the text it was given: a mistyped URL may hold a password anywhere."""
        example = "write it as postgresql://user@host:5432/database"
        try:
            parts = urlsplit(url)
            port = parts.port
            parameters = parse_qsl(parts.query, strict_parsing=bool(parts.query))
        except ValueError as error:
            raise UsageError(f"The address after --to cannot be read; {example}.") from error
        if parts.scheme not in SCHEMES:
            raise UsageError(f"The address after --to does not begin with postgresql://; {example}.")
        if not parts.path.strip("/") and "dbname" not in dict(parameters):
            raise UsageError(f"The address after --to names no database; {example}.")
        shown = f"postgresql://{parts.hostname or ''}{f':{port}' if port else ''}{parts.path}"
        raw = [parts.password or "", *(value for name, value in parameters if name in SECRETS)]
        secrets = {secret for each in raw if each for secret in (each, unquote(each))}
        return cls(url, shown, tuple(sorted(secrets, key=len, reverse=True)))

    @contextmanager
    def connect(self) -> Iterator[dbapi.Connection]:
        """A connection that commits only when told to.

        Raises:
            PostgresError: when there is none to be had.
        """
        try:
            connection = dbapi.connect(self.url, autocommit=False)
        except adbc_driver_manager.Error as error:
            raise PostgresError(
                f"There is no connection to {self.shown}: {self.reason(error)}. Check the address, the account and "
                "whether the server takes connections; readers see what they saw."
            ) from None
        with closing(connection):
            yield connection

    def reason(self, error: adbc_driver_manager.Error) -> str:
        """What the server or its library says, on one line and without secrets."""
        text = " ".join(str(error).split())
        if said := SERVER_SAYS.search(text):  # without the driver's own words around it
            text = said["what"]
        for secret in self.secrets:
            text = text.replace(secret, "…")
        return text.rstrip(". ")


@contextmanager
def sentences(address: Address) -> Iterator[None]:
    """Every error of the database inside the block as a sentence."""
    try:
        yield
    except adbc_driver_manager.Error as error:
        reason = address.reason(error)
        remedy = {
            INSUFFICIENT_PRIVILEGE: "The account needs `create` on the database and must own the schemas of earlier exports.",
            DEPENDENT_OBJECTS: "Move what is not of the export out of its schemas, and run the export again.",
        }.get(error.sqlstate or "", "Run the export again when that is mended.")
        raise PostgresError(
            f"{address.shown} refused: {reason}. {remedy} Readers see what they saw."
        ) from None


def query(connection: dbapi.Connection, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return list(cursor.fetchall())


def run(connection: dbapi.Connection, *statements: str) -> None:
    """Statements that return nothing."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def name(*parts: str) -> str:
    """A quoted name."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def literal(text: str) -> str:
    """A quoted text."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'" if "\\" not in text else "E'" + escaped.replace("\\", "\\\\") + "'"
