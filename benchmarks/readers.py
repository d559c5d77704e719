"""How long readers wait: 20 typical queries one after the other, and five clients at once, a refresh running or not.

A query is timed as the guide for analysts has it done: open the file read-only, ask, fetch all, close. A client of the
mixed load thinks between two queries, half a second on average. Not here: the refresh beside it (bench.py).

`readers.py WAREHOUSE STOP SEED` is one client: it asks until the file STOP exists and prints its seconds as JSON.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import duckdb

PROJECT = Path(__file__).resolve().parents[1]
GUIDE = (1, 2, 3, 5, 6, 7, 13, 18, 21)  # questions of docs/analysts.md, by number
PAGE = ("share_count", "share_mass", "purity", "purity_by_size", "largest")
CLIENTS, THINKING = 5, 0.5  # processes; seconds on average


@dataclass(frozen=True)
class Latency:
    """Of a number of queries, in milliseconds."""

    queries: int
    median: float
    p99: float

    @classmethod
    def of(cls, seconds: list[float]) -> Latency:
        """From single times."""
        return cls(
            len(seconds), 1000 * median(seconds), 1000 * quantiles(seconds, n=100, method="inclusive")[98]
        )


def queries() -> list[str]:
    """The twenty."""
    sys.path.insert(0, str(PROJECT))
    from docs.answers import GUIDE as guide
    from docs.answers import questions

    asked = questions(guide.read_text("utf-8"))
    page = PROJECT / "orchestration" / "site" / "queries"
    lines = (Path(__file__).with_name("readers.sql")).read_text("utf-8").split(";")
    return [
        *(asked[number - 1] for number in GUIDE),
        *((page / f"{name}.sql").read_text("utf-8") for name in PAGE),
        *(text for text in lines if text.strip()),
    ]


def ask(warehouse: Path, query: str) -> float:
    """Seconds of a query, from opening to closing."""
    started = time.perf_counter()
    with duckdb.connect(str(warehouse), read_only=True) as con:
        con.execute(query).fetchall()
    return time.perf_counter() - started


def one_after_the_other(warehouse: Path, rounds: int = 15) -> Latency:
    """All queries `rounds` times in one process; the first round warms up and does not count."""
    asked = queries()
    times = [[ask(warehouse, query) for query in asked] for _ in range(rounds + 1)]
    return Latency.of([seconds for one in times[1:] for seconds in one])


def mixed_load(warehouse: Path, meanwhile: Callable[[], object], room: Path) -> Latency:
    """Five clients in processes of their own, for as long as `meanwhile` takes."""
    stop = room / "stop"
    stop.unlink(missing_ok=True)
    clients = [
        subprocess.Popen(
            [sys.executable, __file__, str(warehouse), str(stop), str(seed)], stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
        )
        for seed in range(CLIENTS)
    ]  # fmt: skip
    try:
        meanwhile()
    finally:
        stop.touch()
        said = [client.communicate()[0] for client in clients]
    if any(client.returncode for client in clients):
        raise RuntimeError("A reader failed; what it said stands above.")
    return Latency.of([seconds for text in said for seconds in json.loads(text)])


def client(warehouse: Path, stop: Path, seed: int) -> list[float]:
    """Ask random queries until `stop` exists."""
    chance, asked, times = random.Random(seed), queries(), []
    while not stop.exists():
        time.sleep(chance.expovariate(1 / THINKING))
        times.append(ask(warehouse, chance.choice(asked)))
    return times


if __name__ == "__main__":
    print(json.dumps(client(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))
