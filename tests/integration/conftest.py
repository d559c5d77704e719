"""Builds that many tests look at, each made once a session whatever the number of workers. Copy before changing one."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import real_inbox
from running import Home, ended
from scenes import editions, small_inbox

Made = Callable[[str, Callable[[Home], None]], Home]
HERE = Path(__file__).parent
SET_UP = "from orchestration import blank, settings; blank.prepare(settings.Settings.from_env())"  # as in the Makefile
WITHOUT_THE_BLANK = "import orchestration.blank as b\nb.lay_out = lambda settings: None\n"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder runs the pipeline."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.integration)


@pytest.fixture(scope="session")
def common_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that all workers of the session share."""
    base = tmp_path_factory.getbasetemp()
    root = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "common"
    root.mkdir(exist_ok=True)
    os.environ["BESLAG_TEST_PYCACHE"] = str(root / "pycache")
    yield root
    del os.environ["BESLAG_TEST_PYCACHE"]


@pytest.fixture(scope="session")
def made_once(common_root: Path) -> Made:
    """Makes a home under a name, or waits for the worker that is making it."""

    def get(name: str, make: Callable[[Home], None]) -> Home:
        home, outcome = Home(common_root / name), common_root / f"{name}.outcome"
        with (common_root / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not outcome.exists():
                outcome.write_text("it could not be made; the first test that asked for it says why")
                home.root.mkdir()
                make(home)
                outcome.write_text("made")
        assert outcome.read_text() == "made", f"{name}: {outcome.read_text()}"
        return home

    return get


@pytest.fixture(scope="session")
def set_up(made_once: Made) -> Home:
    """What `make` prepares once for all homes; kept with the project, and made again only where its code has changed."""

    def make(home: Home) -> None:
        said = ended(home.python(SET_UP))
        assert said.code == 0, said.text

    return made_once("set_up", make)


@pytest.fixture(scope="session")
def shipped(made_once: Made, set_up: Home) -> Home:
    """Refreshed on the inputs that ship. Noted: `refresh`."""
    return made_once("shipped", lambda home: _good(home, "refresh"))


@pytest.fixture(scope="session")
def real(made_once: Made) -> Home:
    """Refreshed on the real files of ../shared/data. Noted: `refresh`."""
    if not real_inbox.SHARED.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must have the real files, and {real_inbox.SHARED} is missing.")
        pytest.skip("the real files are not here: no ../shared/data beside the project")

    def make(home: Home) -> None:
        real_inbox.lay_out(home.inbox)
        _good(home, "refresh")

    return made_once("real", make)


@pytest.fixture(scope="session")
def small(made_once: Made, set_up: Home) -> Home:
    """Refreshed on a small synthetic inbox. Noted: `refresh`."""

    def make(home: Home) -> None:
        small_inbox(home.inbox)
        _good(home, "refresh")

    return made_once("small", make)


@pytest.fixture(scope="session")
def from_nothing(made_once: Made, small: Home) -> Home:
    """`small` made anew as where nothing was prepared, so that dbt makes every model and seed. Noted: `refresh`."""

    def make(home: Home) -> None:
        home.root.rmdir()
        small.copy(home.root)
        (home.var / "dbt" / "logs" / "dbt.log").unlink()
        said = home.noted("refresh", "refresh", "--full", patch=WITHOUT_THE_BLANK)
        assert said.code == 0, said.text

    return made_once("from_nothing", make)


@pytest.fixture(scope="session")
def second_night(made_once: Made, small: Home) -> Home:
    """The night after `small`: a corrected edition and Colombia's 2014 came. Noted: `check`, `refresh`."""

    def make(home: Home) -> None:
        home.root.rmdir()
        small.copy(home.root)
        second = editions(home).second
        for path in second.deliver(home):
            home.noted(f"check {path.parent.name}", "check", str(path))
        _good(home, "refresh")

    return made_once("second_night", make)


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Home], Home]:
    """A copy of a home that the test may change."""
    return lambda home: home.copy(tmp_path / "copy")


def _good(home: Home, name: str) -> None:
    said = home.noted(name, "refresh")
    assert said.code == 0, said.text
