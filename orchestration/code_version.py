"""What the code is, as one hash: contracts, models, suites, Python, and the lock of the libraries it runs with. A build of
other code is another build.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from orchestration.settings import Settings

CODE_SUFFIXES = {".py", ".sql", ".yml", ".yaml", ".csv", ".html", ".css", ".js"}
LOCK = "requirements.lock"
NOT_CODE = {"data", "target", "logs", "__pycache__"}


def code_version(settings: Settings) -> str:
    """12 hexadecimal digits over everything that can change a figure but the deliveries."""
    folders = [settings.dbt_dir.parent / name for name in ("orchestration", "expectations")]
    whole = "".join(folder_hash(folder) for folder in [*folders, settings.contracts_dir, settings.dbt_dir])
    lock = settings.dbt_dir.parent / LOCK
    whole += lock.read_text("utf-8") if lock.is_file() else ""  # another DuckDB or scipy may count otherwise
    whole += "synthetic rows are real" * settings.synthetic_is_real  # other figures are withheld
    whole += "internal lines as well" * settings.internal  # another file is made
    return hashlib.sha256(whole.encode()).hexdigest()[:12]


def folder_hash(folder: Path) -> str:
    """A hash over the names and bytes of the code files below a folder."""
    digest = hashlib.sha256()
    for path in _code_files(folder):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _code_files(folder: Path) -> Iterable[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in NOT_CODE or path.name.startswith("."):
            continue
        if path.is_dir():
            yield from _code_files(path)
        elif path.suffix in CODE_SUFFIXES:
            yield path
