"""Too little disk, too little memory, a folder that takes nothing, a clock set back: a sentence, a code, the old file."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from killing import PUBLISH, STAGES, held_at
from running import Home, ended
from scenes import editions

from orchestration import machine

GROUPS = Path("/sys/fs/cgroup")
PEAK = 780 << 20  # bytes a refresh on the inputs that ship uses at its peak, about
ROOM = 48  # MB that are free in the narrow home until a patch takes them; too few for a build to begin
ANYTHING_GOES = "import orchestration.machine as machine\nmachine.require_space = lambda settings: None\n"
# Fills the file system; where that takes root, lets no file of this process grow instead.
FILL = ANYTHING_GOES + (
    "import os, resource\n"
    "def fill():\n"
    "    if os.environ['BESLAG_TEST_FILLER'] == 'limit':\n"
    "        return resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))\n"
    "    with open(os.environ['BESLAG_TEST_FILLER'], 'ab', buffering=0) as filler:\n"
    "        for size in (1 << 20, 1 << 12, 1):\n"
    "            try:\n"
    "                while filler.write(bytes(size)): pass\n"
    "            except OSError: pass\n"
)


def filled_before(module: str, name: str) -> str:
    """The disk is full whenever a function is about to run."""
    return FILL + (
        f"import {module} as module\noriginal = module.{name}\n"
        "def filling(*a, **k):\n    fill()\n    return original(*a, **k)\n"
        f"module.{name} = filling\n"
    )


FULL = {
    "archive": filled_before("orchestration.archive", "Archive.keep"),
    "load": filled_before("orchestration.fold", "fold"),
    "dbt": filled_before("orchestration.transform", "run_build"),
    "publish": filled_before("orchestration.publish", "_copy_tables"),
}


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


@pytest.fixture
def narrow(small: Home, tmp_path: Path) -> Iterator[tuple[Home, str]]:
    """A small home that has a file system of its own, and where its filler goes; its inbox holds the second night."""
    root = tmp_path / "narrow"
    if os.getuid() != 0:
        home = small.copy(root)
        editions(home).second.deliver(home)
        yield home, "limit"
        return
    (root / "home").mkdir(parents=True)
    shutil.copytree(small.inbox, root / "inbox")
    size = sum(p.stat().st_size for p in small.home.rglob("*") if p.is_file()) // (1 << 20) + ROOM
    try:
        mount("-t", "tmpfs", "-o", f"size={size}m", "tmpfs", str(root / "home"))
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this root may not mount a tmpfs")
    shutil.copytree(small.home, root / "home", dirs_exist_ok=True)
    home = Home(root)
    editions(home).second.deliver(home)
    yield home, str(home.home / "filler")
    subprocess.run(["umount", "-l", str(root / "home")], check=True)


def test_a_build_is_not_begun_without_room_for_it(small: Home, narrow: tuple[Home, str]) -> None:
    home, filler = narrow
    if filler == "limit":
        pytest.skip("a file system of a size of its own takes root")
    said = home.beslag("refresh")
    assert said.code == 5, said.text
    assert re.search(r"MB are free .* needs about \d+ MB; free some space", said.text)
    assert home.hash() == small.hash()


@pytest.mark.parametrize("stage", FULL)
def test_a_full_disk_is_a_sentence_and_leaves_the_file(
    small: Home, narrow: tuple[Home, str], stage: str
) -> None:
    home, filler = narrow
    said = home.beslag("refresh", patch=FULL[stage], TEST_FILLER=filler)
    assert said.code == 5, said.text
    assert re.search("The disk (is full|takes nothing more)", said.text), said.text
    assert "warehouse.duckdb is as it was." in said.text
    assert "Traceback" not in said.text
    assert home.hash() == small.hash()
    Path(filler).unlink(missing_ok=True)
    assert home.beslag("status").code == 0


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"MEMORY": "8MiB"}, "There is too little memory"),
        ({"MEMORY": "8MiB", "TEMP": "/dev/null/nowhere"}, "cannot be spilled (IOException): name a folder in BESLAG_TEMP"),
    ],
    ids=["too little", "nowhere to spill"],
)  # fmt: skip
def test_too_little_memory_is_a_sentence_and_leaves_the_file(
    small: Home, copy_of: Callable[[Home], Home], given: dict[str, str], sentence: str
) -> None:
    home = copy_of(small)
    editions(home).second.deliver(home)
    said = home.beslag("refresh", **given)
    assert said.code == 5, said.text
    assert sentence in said.text
    assert "Traceback" not in said.text
    assert home.hash() == small.hash()


def test_a_third_of_the_addresses_it_wants_is_a_sentence_before_anything_is_loaded(
    small: Home, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(small)
    editions(home).second.deliver(home)
    third = machine.LOADED // 3
    said = home.beslag(
        "refresh", patch=f"import resource\nresource.setrlimit(resource.RLIMIT_AS, ({third}, {third}))\n"
    )
    assert said.code == 5, said.text
    assert "may address 1000 MB (`ulimit -v`)" in said.text
    assert "Traceback" not in said.text
    assert home.hash() == small.hash()


@pytest.fixture
def third_of_the_memory() -> Iterator[Path]:
    """A control group of version 1 or 2 that may use a third of what a refresh does."""
    for root, limit in ((GROUPS / "memory", "memory.limit_in_bytes"), (GROUPS, "memory.max")):
        group = root / f"beslag-test-{os.getpid()}"
        if (root / "cgroup.procs").exists() and os.access(root, os.W_OK):
            group.mkdir()
            if (group / limit).exists():
                (group / limit).write_text(str(PEAK // 3))
                yield group
                group.rmdir()
                return
            group.rmdir()
    pytest.skip("this account may not make a control group with a memory limit")


def test_a_build_in_a_third_of_its_memory_leaves_the_file(
    small: Home, copy_of: Callable[[Home], Home], third_of_the_memory: Path
) -> None:
    """Whether it says so or the kernel ends it, the next one with enough succeeds by itself."""
    home = copy_of(small)
    editions(home).second.deliver(home)
    joins = f"import os\nopen({str(third_of_the_memory / 'cgroup.procs')!r}, 'w').write(str(os.getpid()))\n"
    said = home.beslag("refresh", patch=joins)
    assert said.code == -signal.SIGKILL or (said.code == 5 and "too little memory" in said.text), said.text
    assert home.hash() == small.hash()
    assert home.beslag("refresh").code == 0


def test_a_published_folder_that_takes_nothing_is_a_sentence(
    small: Home, copy_of: Callable[[Home], Home]
) -> None:
    """The folder is read-only; `var/` in it is not."""
    home, closed = copy_of(small), []
    if os.getuid() == 0:
        try:
            mount("--bind", str(home.home), str(home.home))
            mount("--bind", str(home.var), str(home.var))
            mount("-o", "remount,ro,bind", str(home.home))
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("this root may not mount")
        closed = [home.var, home.home]
    else:
        home.home.chmod(0o555)
    try:
        said = ended(home.python(PUBLISH))
        assert said.code == 1
        assert "Read-only file system" in said.err or "Permission denied" in said.err
        assert home.hash() == small.hash()
    finally:
        home.home.chmod(0o755) if not closed else None
        for folder in closed:
            subprocess.run(["umount", "-l", str(folder)], check=True)
    whole = ended(home.python(PUBLISH))
    assert whole.code == 0, whole.text
    assert home.hash() != small.hash()


def test_a_clock_set_back_puts_no_new_build_before_an_old_one(
    small: Home, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(small)
    (build,) = (home.var / "builds").iterdir()
    later = build.with_name("20991231T235959123-abcdef")  # made when the clock still ran ahead
    shutil.copytree(build, later)
    record = json.loads((later / "build.json").read_text("utf-8")) | {"build_id": later.name}
    (later / "build.json").write_text(json.dumps(record), "utf-8")
    said = ended(home.python(PUBLISH))
    assert said.code == 0, said.text
    newest = max(p.name for p in (home.var / "builds").iterdir())
    assert newest.startswith("20991231T235959124-")
    assert home.value("select build_id from meta.build") == newest


def test_an_inbox_that_vanishes_meanwhile_is_a_sentence(small: Home, copy_of: Callable[[Home], Home]) -> None:
    home = copy_of(small)
    editions(home).second.deliver(home)
    pipe_held = STAGES["a source is folded, and not committed"]
    with held_at(home, pipe_held.replace("if True: wait()", "if n == 0: wait()"), release=True) as job:
        home.inbox.rename(home.root / "gone")
    said = ended(job)
    assert job.returncode in (2, 5), said.text  # missed while the job is imported, or while it runs
    assert "is not a folder" in said.text and "Traceback" not in said.text
    assert home.hash() == small.hash()
