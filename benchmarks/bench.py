"""All measurements of one run, over the same generated feeds: floor, peers, Beslag, its nights, raw's growth, readers.

`make bench SIZES="100000 1000000"` writes benchmarks/results.md; `make bench-small` prints the ratios of 100 000 lines and
writes nothing. A floor or peer whose marts differ from Beslag's is named, and its times do not count.
Not here: how a run is measured (measure.py), how results are written (report.py).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import feeds
import readers
import report
from measure import PROJECT, Run, medians, run, size_of
from same import differences

HERE = Path(__file__).parent
ROOM = PROJECT / "var" / "bench"
PEERS = ("pandas_gx", "dlt_dbt", "polars_scripts")
SHARES = (0.001, 0.01)
LARGE = 10_000_000  # lines from which one run has to do
QUIET = 30  # seconds of the mixed load without a refresh
KEY = "a key for benchmarks, known to everyone"


def beslag(home: Path, inbox: Path) -> Run:
    """A refresh; what set-up prepares is there: the parsed dbt project, and the blank."""
    env = {"BESLAG_HOME": str(home), "BESLAG_KEY": KEY, "PYTHONPATH": str(PROJECT)}
    env |= {"BESLAG_THREADS": os.environ.get("BESLAG_THREADS", "2")}
    code = "from orchestration.cli import main; main()"
    return run([sys.executable, "-c", code, "refresh", "--inbox", inbox], env)


def made(command: list[str | Path], out: Path) -> Run:
    """A command that makes a file."""
    measured = run(command)
    return Run(measured.wall, measured.cpu, measured.rss, size_of(out))


class Bench:
    """What has been measured, and the room for it."""

    def __init__(self, repeats: int | None) -> None:
        self.repeats, self.runs, self.differing = repeats, {}, []  # type: ignore[var-annotated]

    def note(self, size: int, name: str, once: Callable[[], Run]) -> None:
        """Measure `once`, several times below LARGE, and keep the medians."""
        times = self.repeats or (1 if size >= LARGE else 3)
        self.runs[size, name] = medians([once() for _ in range(times)])
        print(f"{size:>12,} {name:<28} {self.runs[size, name].wall:8.1f} s", flush=True)

    def full(self, size: int, room: Path, peers: tuple[str, ...]) -> None:
        """The first delivery by everyone; `room`/home stays."""
        inbox, home = room / "inbox", room / "home"
        feeds.first(inbox, size)

        def anew() -> Run:
            shutil.rmtree(home, ignore_errors=True)
            measured = beslag(home, inbox)
            return Run(measured.wall, measured.cpu, measured.rss, size_of(home), measured.stages)

        self.note(size, "beslag full", anew)
        self.note(size, "beslag no change", lambda: beslag(home, inbox))
        out = room / "floor.duckdb"
        self.note(size, "floor", lambda: made([sys.executable, HERE / "floor.py", inbox, out], out))
        self._compare(size, "floor", home, out)
        for peer in peers:
            out, python = room / f"{peer}.duckdb", ROOM / peer / "bin" / "python"
            self.note(
                size,
                peer,
                lambda p=python, n=peer, o=out: made([p, HERE / "peers" / n / "run.py", inbox, o], o),
            )
            self._compare(size, peer, home, out)
            out.unlink()

    def night(self, size: int, room: Path, kind: str, share: float) -> None:
        """The night after, on a copy of the home each time; its marts are compared with the floor's."""
        inbox, home = room / f"{kind}-{share}", room / "night"
        write = feeds.delta_night if kind == "delta" else feeds.extract_night
        write(room / "inbox", inbox, share)

        def once() -> Run:
            shutil.rmtree(home, ignore_errors=True)
            shutil.copytree(room / "home", home, symlinks=True)
            return beslag(home, inbox)

        name = f"beslag {kind} {share:.1%}"
        self.note(size, name, once)
        out = room / "floor.duckdb"
        run([sys.executable, HERE / "floor.py", inbox, out])
        self._compare(size, name, home, out)
        shutil.rmtree(inbox)

    def reading(self, room: Path) -> dict[str, readers.Latency]:
        """Readers of the last size, a refresh with 1 % in a full extract running beside the last of them."""
        home, inbox = room / "home", room / "read"
        feeds.extract_night(room / "inbox", inbox, 0.01)
        warehouse = home / "warehouse.duckdb"
        return {
            "one after the other": readers.one_after_the_other(warehouse),
            "five clients": readers.mixed_load(warehouse, lambda: time.sleep(QUIET), room),
            "five clients, a refresh running": readers.mixed_load(
                warehouse, lambda: beslag(home, inbox), room
            ),
        }

    def _compare(self, size: int, name: str, home: Path, out: Path) -> None:
        if found := differences(home / "warehouse.duckdb", out):
            self.differing.append(f"{name} at {size:,} lines: {'; '.join(found)}")
            print(self.differing[-1], file=sys.stderr)
            self.runs.pop((size, name), None)


def main() -> None:
    """Entry point."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000], help="seizure lines")
    arguments.add_argument(
        "--repeats", type=int, help=f"runs of each; 3, and 1 from {LARGE:,} lines on, when left out"
    )
    arguments.add_argument(
        "--shares",
        type=float,
        nargs="*",
        default=SHARES,
        help="of lines, that a night changes; without any no night is measured",
    )
    arguments.add_argument(
        "--nights", type=int, default=30, help="nights over which raw grows; at the smallest size"
    )
    arguments.add_argument(
        "--small",
        action="store_true",
        help="floor and Beslag at 100 000 lines, once, no night; write nothing",
    )
    arguments.add_argument("--out", type=Path, default=HERE / "results.md")
    asked = arguments.parse_args()
    sizes = [100_000] if asked.small else sorted(asked.sizes)
    bench, growth, reading = Bench(1 if asked.small else asked.repeats), None, {}
    run([sys.executable, "-c", report.PREPARE], {"PYTHONPATH": str(PROJECT)})
    for size in sizes:
        room = ROOM / f"run-{size}"
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir(parents=True)
        try:
            bench.full(size, room, () if asked.small else PEERS)
            for share in () if asked.small else asked.shares:
                for kind in ("delta", "extract"):
                    bench.night(size, room, kind, share)
            if not asked.small and size == sizes[-1]:
                reading = bench.reading(room)
            if not asked.small and size == sizes[0]:
                (room / "raw").mkdir()
                command = [
                    sys.executable,
                    HERE / "raw_growth.py",
                    room / "raw",
                    size,
                    asked.nights,
                    SHARES[0],
                ]
                growth = json.loads(report.output(command))
        finally:
            shutil.rmtree(room, ignore_errors=True)
    text = report.written(bench.runs, sizes, bench.differing, growth, reading)
    if asked.small:
        print(text)
    else:
        asked.out.write_text(text, "utf-8")
        print(f"written to {asked.out}")
    if bench.differing:
        sys.exit("Marts differ, as said above: the ratios to them mean nothing.")


if __name__ == "__main__":
    main()
