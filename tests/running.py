"""The command as an operator runs it, in homes that tests may keep, copy and break.

A home is a folder with `inbox/` and `home/` (BESLAG_HOME). Commands run in processes of their own, from the
checkout this file lies in, with nothing of the caller's environment that Beslag reads.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.settings import PROJECT

KEY = "a key for tests, known to everyone"
CANARY = "Kari Eksempel"  # the invented name in the sample's free text
SHIPPED_MARTS = (  # marts with a plain period that the inputs that ship fill; those made since have tests of their own
    "seizures", "seizure_rate", "substance_share", "purity", "purity_by_size", "price_level", "postal_interceptions",
    "darknet_turnover", "indicators", "seizure_concentration", "early_warning", "enforcement_effort", "route_port",
)  # fmt: skip
ENCODING = "windows-1252"
RUN = "\nfrom orchestration.cli import main\nmain()\n"
BESIDE = """import sys
if sys.orig_argv[1:] == ["-m", "orchestration.beside"]:
    exec({patch!r})
"""


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Everything a person would have read."""
        return self.out + self.err

    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


class Home:
    """One operator's place: an inbox, a pipeline folder and a published file."""

    def __init__(self, root: Path) -> None:
        self.root, self.inbox, self.home = root, root / "inbox", root / "home"
        self.published, self.var = self.home / "warehouse.duckdb", self.home / "var"
        self.build = self.var / "build.duckdb"

    def copy(self, root: Path) -> Home:
        """The same state elsewhere, to be changed at will."""
        shutil.copytree(self.root, root, symlinks=True)
        return Home(root)

    def environment(self, **changes: str) -> dict[str, str]:
        """A process environment for this home; `THREADS="1"` sets BESLAG_THREADS."""
        env = {k: v for k, v in os.environ.items() if not k.startswith(("BESLAG_", "DAGSTER_", "DBT_"))}
        env |= {
            "BESLAG_HOME": str(self.home),
            "BESLAG_KEY": KEY,
            "BESLAG_THREADS": "2",
            "PYTHONPATH": str(PROJECT),
            # Modules compiled once a session, outside the checkout: a third of a refresh goes into compiling else.
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(Path(os.environ.get("BESLAG_TEST_PYCACHE") or self.root / "pycache")),
        }
        if self.inbox.is_dir():
            env["BESLAG_INBOX"] = str(self.inbox)
        return env | {f"BESLAG_{name}": value for name, value in changes.items()}

    def start(self, *arguments: str, patch: str = "", **changes: str) -> subprocess.Popen[str]:
        """Start `beslag …`; `patch` is Python that runs first in its process, and in the one beside it."""
        return self.python(RUN, *arguments, patch=patch, **changes)

    def python(self, code: str, *arguments: str, patch: str = "", **changes: str) -> subprocess.Popen[str]:
        """Start Python code with this home's environment."""
        first = self.root / "first"
        first.mkdir(exist_ok=True)
        (first / "sitecustomize.py").write_text(BESIDE.format(patch=patch), "utf-8")
        return self.process([sys.executable, "-c", patch + code, *arguments], before=str(first), **changes)

    def process(self, command: Sequence[str], before: str = "", **changes: str) -> subprocess.Popen[str]:
        """Start any program with this home's environment, from the project's folder; `before` it on the path to modules."""
        env = self.environment(**changes)
        if before:
            env["PYTHONPATH"] = os.pathsep.join([before, env["PYTHONPATH"]])
        return subprocess.Popen(
            command, cwd=PROJECT, env=env, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def beslag(self, *arguments: str, patch: str = "", **changes: str) -> Said:
        """Run `beslag …` to its end."""
        return ended(self.start(*arguments, patch=patch, **changes))

    def noted(self, name: str, *arguments: str, **changes: str) -> Said:
        """Run `beslag …` and keep what it said under a name, for `told`."""
        said = self.beslag(*arguments, **changes)
        (self.root / f"{name}.said.json").write_text(json.dumps(asdict(said)), "utf-8")
        return said

    def told(self, name: str) -> Said:
        """What a noted command said."""
        return Said(**json.loads((self.root / f"{name}.said.json").read_text("utf-8")))

    def hash(self) -> str:
        """The SHA-256 of the published file."""
        return hashlib.sha256(self.published.read_bytes()).hexdigest()

    def sql(self, query: str, file: Path | None = None) -> list[tuple[Any, ...]]:
        """All rows of a query on the published file (or another), opened read-only as a reader would."""
        with duckdb.connect(str(file or self.published), read_only=True) as con:
            return con.execute(query).fetchall()

    def value(self, query: str, file: Path | None = None) -> Any:
        """The one value of a query."""
        ((value,),) = self.sql(query, file)
        return value

    def deliver(self, source: str, name: str, content: bytes) -> Path:
        """Put a file into the inbox."""
        path = self.inbox / source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path


def ended(process: subprocess.Popen[str], timeout: float = 900) -> Said:
    """Wait for a process."""
    out, err = process.communicate(timeout=timeout)
    return Said(process.returncode, out, err)


def differences(one: Home, other: Home) -> dict[str, tuple[int, int]]:
    """Marts that differ: rows only in the one and only in the other, by `except all` both ways."""
    tables = "select table_name from duckdb_tables() where schema_name = 'marts' order by all"
    marts = [name for (name,) in one.sql(tables)]
    assert marts == [name for (name,) in other.sql(tables)] != []
    with duckdb.connect(config={"threads": 2}) as con:
        con.execute(f"attach '{one.published}' as one (read_only)")
        con.execute(f"attach '{other.published}' as other (read_only)")
        found = {}
        for mart in marts:
            counts = tuple(
                (con.execute(
                    f"select count(*) from (select * from {a}.marts.{mart} except all select * from {b}.marts.{mart})"
                ).fetchone() or (0,))[0]
                for a, b in (("one", "other"), ("other", "one"))
            )  # fmt: skip
            if counts != (0, 0):
                found[mart] = counts
        return found


def edited(content: bytes, edit: Callable[[list[dict[str, str]]], list[dict[str, str]]]) -> bytes:
    """An extract in the Nordic layout with its rows changed; total rows and notes stay where they were."""
    reader = csv.DictReader(io.StringIO(content.decode(ENCODING), newline=""), delimiter=";")
    rows = edit(list(reader))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, reader.fieldnames or [], delimiter=";", lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(ENCODING)
