"""Who judges: the gates' suites, made and evaluated in a process of their own where one was called in time.

Great Expectations takes as long to import as a small refresh takes for its rows, and all suites are written with it. A
refresh therefore calls a judge before it imports anything else, on another core; without one (Dagster's daemon, a part
of the job run alone) the same happens in this process. A judge opens the build read-only and writes nothing.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.contract import Contract
from orchestration.errors import Starved
from orchestration.gates import CheckResult, run_suites
from orchestration.process import collect_seldom

if TYPE_CHECKING:
    from expectations.suite import Suite

_called: list[ProcessPoolExecutor] = []  # at most one


@dataclass(frozen=True)
class Case:
    """What is to be judged.

    Attributes:
        stage: "raw" or "marts".
        tables: the tables of it that were asked for, without their schema.
        on_terminal: whether values of failing rows may be shown, as far as they are not personal.
    """

    build: Path
    stage: str
    contracts: dict[str, Contract]
    tables: frozenset[str]
    on_terminal: bool


@dataclass(frozen=True)
class Verdict:
    """What was found.

    Attributes:
        suites: the names of those that were evaluated, `<part>.<table>`.
        is_whole: whether these are all there are of the stage.
    """

    results: list[CheckResult]
    suites: list[str]
    is_whole: bool


@contextmanager
def called() -> Iterator[None]:
    """A judge is at hand within the block, and is sent home at its end."""
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_arrive)
    pool.submit(_suites, "marts", {})  # makes it start, and import what it needs
    _called.append(pool)
    try:
        yield
    finally:
        _called.remove(pool)
        pool.shutdown()


def judge(case: Case, meanwhile: Callable[[], None] = lambda: None) -> Verdict:
    """Evaluate the suites of a case.

    Args:
        meanwhile: what to do here while the judge is at work elsewhere; left out when it is this process that judges.

    Raises:
        Starved: the judge's process died.
    """
    if not _called:
        return _judge(case)
    try:
        future = _called[0].submit(_judge, case)
        meanwhile()
        error = future.exception()
    except BrokenProcessPool as broken:  # it died before it was asked
        error = broken
    if isinstance(error, BrokenProcessPool):
        raise Starved(
            "The process that judges the build died before it was done. Too little memory looks like that: give the job "
            "more, or lower BESLAG_MEMORY and BESLAG_THREADS, and refresh again."
        )
    if error:
        raise error from None  # as if it had been raised here
    return future.result()


def _judge(case: Case) -> Verdict:
    suites = _suites(case.stage, case.contracts)
    asked = [suite for suite in suites if suite.name.partition(".")[2] in case.tables]

    def may_show(table: str, column: str) -> bool:
        if not case.on_terminal:
            return False
        contract = case.contracts.get(table.removeprefix("raw."))
        return contract is None or all(f.name != column or f.personal is None for f in contract.fields)

    results = run_suites(case.build, asked, may_show)
    return Verdict(results, [suite.name for suite in asked], len(asked) == len(suites))


def _suites(stage: str, contracts: dict[str, Contract]) -> list[Suite]:
    from expectations import baseline, marts, raw

    if stage == "raw":
        return raw.raw_suites(contracts.values())
    return [*marts.mart_suites(), *baseline.baseline_suites()]


def _arrive() -> None:
    """Settle in the new process: an interrupt is for the one that called, and when that is killed this one ends too."""
    collect_seldom()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if caller := parent_process():
        caller.join()
    os._exit(1)
