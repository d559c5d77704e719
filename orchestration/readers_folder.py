"""BESLAG_PUBLIC: a folder that other accounts may read, for a web server. It holds the published build's page and open
data as `site` and `exports`, and nothing else of `var/`, which stays closed to them.

Not here: which build is published (builds.py), what the page and the open data are (site/, exports/).
"""

from __future__ import annotations

import shutil
from pathlib import Path

from orchestration.errors import UsageError

PART = ".part"
KEPT = ".beslag-"  # the copies that the links lead to


def lay_out(folder: Path, build: Path, names: tuple[str, ...]) -> None:
    """Copy folders of a build, readable by all, and lead the links of their names there, each in one step.

    Raises:
        UsageError: something that no publish made stands under one of the names.
    """
    for name in names:
        if (folder / name).exists() and not (folder / name).is_symlink():
            raise UsageError(
                f"BESLAG_PUBLIC: {folder / name} was not made by a publish; move it away, or name an empty folder."
            )
    copy = folder / f"{KEPT}{build.name}"
    if not copy.is_dir():
        _copy(build, copy, names)
    for name in names:
        _lead(folder / name, copy)
    for old in folder.glob(f"{KEPT}*"):
        if old != copy:
            shutil.rmtree(old)


def _copy(build: Path, copy: Path, names: tuple[str, ...]) -> None:
    part = copy.with_name(copy.name + PART)
    if part.exists():
        shutil.rmtree(part)  # of a crash
    part.mkdir(parents=True)
    for name in names:
        if (build / name).is_dir():
            shutil.copytree(build / name, part / name, copy_function=shutil.copyfile)
    for path in [part, *part.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    part.rename(copy)


def _lead(link: Path, copy: Path) -> None:
    if not (copy / link.name).is_dir():  # a build made by older code: no page is better than another build's
        link.unlink(missing_ok=True)
        return
    part = link.with_name(f".{link.name}{PART}")
    part.unlink(missing_ok=True)
    part.symlink_to(Path(copy.name) / link.name)
    part.replace(link)
