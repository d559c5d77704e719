"""Readers see the last good build or the new one, never a mixture, whatever is killed and whenever."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from killing import PUBLISH, PUBLISHING, STAGES, held_at, kill_at_random
from running import RUN, Home, differences, ended
from scenes import editions

KILL_A_WRITER = """
import duckdb, os, signal, sys
con = duckdb.connect(sys.argv[1])
con.execute("update marts.substance_share set mass_kg = -1")
os.kill(os.getpid(), signal.SIGKILL)
"""


def whole(home: Home, old: str) -> str:
    """Check that the published file is the old build or a kept new one, and that all that speaks of it agrees."""
    build_id = home.value("select build_id from meta.build")
    recorded = json.loads((home.var / "builds" / build_id / "build.json").read_text("utf-8"))["sha256"]
    assert home.hash() == recorded
    assert recorded == old or build_id == max(p.name for p in (home.var / "builds").iterdir())
    assert home.beslag("status", "--json").json()["build_id"] == build_id
    assert home.sql("select count(*) from marts.seizures") > [(0,)]
    return build_id


def recovered(home: Home, undisturbed: Home) -> str:
    """Refresh once more, without help; what it said."""
    said = home.beslag("refresh")
    assert said.code == 0, said.text
    assert differences(undisturbed, home) == {}
    assert [
        p.name for p in home.home.iterdir() if p.name.startswith(".warehouse") or p.suffix == ".wal"
    ] == []
    assert [p for p in (home.var / "archive").glob(".part-*")] == []
    assert [p.name for p in (home.var / "builds").iterdir() if p.suffix == ".part"] == []
    assert list((home.var / "tmp").glob("*")) == []
    return said.text


def test_a_refresh_killed_between_any_two_stages_leaves_the_file_whole_and_the_next_one_succeeds(
    small: Home, second_night: Home, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(small)
    editions(home).second.deliver(home)
    for stage, patch in (STAGES | PUBLISHING).items():
        with held_at(home, patch, PUBLISH if stage in PUBLISHING else RUN) as job:
            assert job.poll() is None
        assert job.returncode == -9, stage
        published = whole(home, small.hash())
        assert (home.hash() == small.hash()) == (stage != "the readers' file is replaced"), (stage, published)
    if os.getuid() == 0:
        assert ended(home.python(KILL_A_WRITER, str(home.published))).code == -9
    recovered(home, second_night)


def test_a_refresh_killed_at_any_moment_leaves_the_file_whole_and_the_next_one_succeeds(
    small: Home, second_night: Home, copy_of: Callable[[Home], Home], tmp_path: Path
) -> None:
    """BESLAG_KILLS kills, 5 unless told otherwise, at moments drawn from BESLAG_KILL_SEED; the log says each."""
    wanted, seed = int(os.environ.get("BESLAG_KILLS") or 5), os.environ.get("BESLAG_KILL_SEED")
    draws = random.Random(number := int(seed) if seed else random.randrange(10**6))
    log = [f"{wanted} kills by seed {number}"]
    longest = json.loads((second_night.var / "last_run.json").read_text("utf-8"))
    usual = (
        datetime.fromisoformat(longest["ended_at"]) - datetime.fromisoformat(longest["started_at"])
    ).total_seconds()
    home, killed = copy_of(small), 0
    editions(home).second.deliver(home)
    for _ in range(3 * wanted):
        kill = kill_at_random(home, draws, usual)
        log.append(str(kill))
        print(log[-1])
        whole(home, small.hash())
        if kill.mid_run:
            killed += 1
        else:  # nothing is left to refresh: begin again
            assert kill.said.code == 0, kill.said.text
            usual = min(usual, kill.seconds)
            shutil.rmtree(home.root)
            home = small.copy(home.root)
            editions(home).second.deliver(home)
        if killed == wanted:
            break
    assert killed == wanted, "\n".join(log)
    recovered(home, second_night)


def test_the_second_of_two_refreshes_ends_with_three_and_names_the_first(
    small: Home, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(small)
    editions(home).second.deliver(home)
    with held_at(home, STAGES["a source is folded, and not committed"]) as first:
        for command in ("refresh", "rollback", "release"):
            said = home.beslag(command)
            assert said.code == 3, said.text
            assert f"process {first.pid}," in said.err
            assert "Traceback" not in said.text
        assert home.beslag("status").code == 0  # looking is never locked out
        assert home.hash() == small.hash()


def test_the_process_beside_ends_with_the_refresh_and_holds_the_lock_until_then(
    small: Home, second_night: Home, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(small)
    editions(home).second.deliver(home)
    with held_at(home, STAGES["a source is folded, and not committed"]) as job:
        children = Path(f"/proc/{job.pid}/task/{job.pid}/children").read_text().split()
        (beside,) = [pid for pid in children if b"orchestration.beside" in _command(pid)]
        assert "run.lock" in {path.resolve().name for path in Path(f"/proc/{beside}/fd").iterdir()}
        job.kill()
        for _ in range(600):
            if not _command(beside):
                break
            time.sleep(0.05)
        assert not _command(beside), "it outlived the refresh by half a minute"
    recovered(home, second_night)


def test_where_the_process_beside_fails_the_raw_assets_do_its_work(
    small: Home, second_night: Home, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(small)
    editions(home).second.deliver(home)
    dies_midway = (
        "import os, orchestration.load as load\nload_source, done = load.load_source, []\n"
        "def load_some(*a):\n"
        "    if len(done) == 3 and 'orchestration.definitions' not in sys.modules: os._exit(1)\n"
        "    done.append(a)\n    return load_source(*a)\nload.load_source = load_some\nimport sys\n"
    )
    said = home.beslag("refresh", patch=dies_midway)
    assert said.code == 0, said.text
    assert "the process beside ended early" in said.err
    assert differences(second_night, home) == {}


def _command(pid: str) -> bytes:
    """The command line of a process; nothing where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


def test_a_stray_log_of_a_killed_writer_is_not_replayed_over_the_new_build(
    small: Home, second_night: Home, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(second_night)
    home.published.chmod(0o644)  # as its owner may, and as root need not
    assert ended(home.python(KILL_A_WRITER, str(home.published))).code == -9
    wal = home.published.with_name("warehouse.duckdb.wal")
    assert wal.exists()
    said = home.beslag("rollback")
    assert said.code == 0, said.text
    assert not wal.exists()
    assert home.hash() == small.hash()
    assert home.value("select min(mass_kg) >= 0 from marts.substance_share")
    assert home.published.stat().st_mode & 0o777 == 0o444


def test_nobody_else_can_open_the_published_file_for_writing(small: Home, tmp_path: Path) -> None:
    code = """
import os, sys
import duckdb
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
duckdb.connect(sys.argv[1], read_only=True).execute("select count(*) from marts.seizures").fetchone()
try:
    duckdb.connect(sys.argv[1])
except duckdb.IOException as error:
    print(error)
"""
    folder = _open_folder(tmp_path)
    copy = folder / "warehouse.duckdb"
    copy.write_bytes(small.published.read_bytes())
    copy.chmod(small.published.stat().st_mode & 0o777)
    said = ended(small.python(code, str(copy)))
    assert said.code == 0, said.text
    assert re.search("Permission denied|read-only", said.out, re.IGNORECASE)
    assert not (folder / "warehouse.duckdb.wal").exists()


def _open_folder(folder: Path) -> Path:
    """A folder that other users can reach, as an operator's would be."""
    for path in (folder, *folder.parents):
        if path == Path("/tmp") or path.stat().st_uid != os.getuid():
            break
        path.chmod(path.stat().st_mode | 0o011)
    return folder
