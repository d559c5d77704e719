"""A real PostgreSQL server of a test's own, on loopback, with a random port. Nothing here asserts anything."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

BINARIES = "/usr/lib/postgresql/*/bin"  # where Debian puts them; else those on the PATH
OWNER, PASSWORD = "owner", "p@ss:w/rd"  # a password that a URL must quote
OPTIONS = "-c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c deadlock_timeout=1s -c logging_collector=off"


@dataclass(frozen=True)
class Server:
    """A running server: `psql` as anybody, and its address."""

    binaries: Path
    port: int

    def url(self, user: str = OWNER, password: str = "p%40ss%3Aw%2Frd", database: str = "readers") -> str:
        """An address with its password."""
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def psql(self, sql: str, user: str = OWNER, password: str = PASSWORD, database: str = "readers") -> str:
        """What psql prints for statements, without decoration; on an error what it says, after `ERROR`."""
        done = self.popen(user, password, database, "-c", sql).communicate()
        return done[0].strip() or done[1].strip()

    def popen(self, user: str, password: str, database: str, *arguments: str) -> subprocess.Popen[str]:
        """A psql that the caller talks to."""
        return subprocess.Popen(
            [self.binaries / "psql", "-X", "-A", "-t", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", user,
             "-d", database, *arguments],
            stdin=-1, stdout=-1, stderr=-1, text=True, env={**os.environ, "PGPASSWORD": password, "PGOPTIONS": ""},
        )  # fmt: skip


def binaries() -> Path:
    """Where initdb and pg_ctl are; skips where there are none, but not in CI."""
    known = sorted(Path("/").glob(f"{BINARIES[1:]}/initdb"))
    if known:
        return known[-1].parent
    if found := shutil.which("initdb"):
        return Path(found).parent
    if os.environ.get("CI") == "true":
        pytest.fail("CI must have PostgreSQL's server, and initdb is nowhere.")
    pytest.skip("PostgreSQL's server is not installed: no initdb in /usr/lib/postgresql or on the PATH")


@contextmanager
def postgres() -> Iterator[Server]:
    """A server with a superuser `owner` and a database `readers`, gone at the end. It refuses to run as root."""
    where = binaries()
    user = _unprivileged() if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="beslag-pg-"))
    secret = folder / "password"
    secret.write_text(PASSWORD)
    if user:
        for path in (folder, secret):
            shutil.chown(path, user)

    def run(command: str, *arguments: str) -> None:
        subprocess.run(
            [where / command, *arguments], check=True, user=user, cwd=folder, stdout=-3, timeout=120
        )

    data = str(folder / "data")
    run(
        "initdb",
        "-D",
        data,
        "-U",
        OWNER,
        "-A",
        "scram-sha-256",
        f"--pwfile={secret}",
        "-N",
        "-E",
        "UTF8",
        "--locale=C",
    )
    port = free_port()
    run(
        "pg_ctl",
        "-D",
        data,
        "-w",
        "-l",
        str(folder / "log"),
        "-o",
        f"{OPTIONS} -c port={port} -k {folder}",
        "start",
    )
    server = Server(where, port)
    try:
        server.psql("create database readers", database="postgres")
        yield server
    finally:
        run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)


def _unprivileged() -> str:
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return "nobody"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
