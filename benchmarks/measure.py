"""Running a command and measuring it: wall and CPU seconds, peak memory of its process tree, seconds per stage.

Here: one run, medians of several, bytes on disk. Not here: what is run (bench.py).
"""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

PROJECT = Path(__file__).resolve().parents[1]
STAGE = re.compile(r"^\d\d:\d\d:\d\d   (inbox|raw|gate|dbt|publish) ")  # beslag's progress lines
EVERY = 0.05  # seconds between two looks at memory


@dataclass(frozen=True)
class Run:
    """One run, or the medians of several.

    Attributes:
        wall: seconds by the clock.
        cpu: seconds of all cores, the command's children included.
        rss: bytes of memory of the process tree at its largest; pages that processes share count for each.
        disk: bytes left on disk.
        stages: seconds up to a stage's progress line since the one before it.
    """

    wall: float
    cpu: float
    rss: int
    disk: int = 0
    stages: dict[str, float] = field(default_factory=dict)


def run(
    command: Sequence[str | Path], env: Mapping[str, str] | None = None, codes: Sequence[int] = (0,)
) -> Run:
    """Run a command to its end.

    Raises:
        RuntimeError: when it ends with another code, with what it said.
    """
    said: list[str] = []
    stages: dict[str, float] = defaultdict(float)
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command], cwd=PROJECT, env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip

    def listen() -> None:
        before = started
        for line in process.stdout or ():
            said.append(line)
            if found := STAGE.match(line):
                now = time.perf_counter()
                stages[found[1]] += now - before
                before = now

    ears = threading.Thread(target=listen)
    ears.start()
    peak = 0  # ru_maxrss would begin with what this process held when it forked
    while True:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        peak = max(peak, _memory(process.pid))
        time.sleep(EVERY)
    wall = time.perf_counter() - started
    ears.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        raise RuntimeError(
            f"{' '.join(map(str, command))} ended with {process.returncode}:\n{''.join(said[-30:])}"
        )
    return Run(wall, used.ru_utime + used.ru_stime, peak, 0, dict(stages))


def medians(runs: Sequence[Run]) -> Run:
    """Each figure's median."""
    return Run(
        median(r.wall for r in runs), median(r.cpu for r in runs), int(median(r.rss for r in runs)),
        int(median(r.disk for r in runs)),
        {stage: median(r.stages.get(stage, 0.0) for r in runs) for stage in runs[0].stages},
    )  # fmt: skip


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files under a folder; one with several names counts once."""
    if path.is_file():
        return path.stat().st_size
    found = {(s.st_dev, s.st_ino): s.st_size for p in path.rglob("*") if p.is_file() and (s := p.stat())}
    return sum(found.values())


def _memory(pid: int) -> int:
    """Resident bytes of a process and its descendants now; those that end meanwhile hold nothing."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(map(_memory, children))
