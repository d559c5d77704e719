"""What set-up prepares and every home shares: it depends on the code alone, so it is kept with the project."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from orchestration.settings import Settings


def found(settings: Settings, name: str) -> Path | None:
    """The folder of that name, with the project or in this home; None when nobody has made it."""
    return next((folder for folder in _rooms(settings, name) if folder.is_dir()), None)


def made(settings: Settings, name: str, make: Callable[[Path], None]) -> Path:
    """The folder of that name; where there is none yet, `make` fills an empty one, and it is kept whole.

    With the project, or in the home where the project's folder is read-only.

    Raises:
        OSError: neither can be written.
    """
    if folder := found(settings, name):
        return folder
    with_project, in_home = _rooms(settings, name)
    in_home.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=in_home.parent) as draft:
        make(Path(draft))
        for folder in (with_project, in_home):
            part = folder.with_name(f"{name}.{os.getpid()}")
            try:
                shutil.copytree(draft, part)
                part.chmod(0o755)  # whoever runs the job may not be who set it up
                part.replace(folder)
            except OSError:  # read-only, or another process was faster
                shutil.rmtree(part, ignore_errors=True)
            if folder.is_dir():
                return folder
    raise OSError(
        f"There is no room for what is prepared: neither {with_project} nor {in_home} can be written."
    )


def _rooms(settings: Settings, name: str) -> tuple[Path, Path]:
    return settings.dbt_dir / "target" / name, settings.var / "dbt" / name
