"""The command's own process while it refreshes: its place behind readers, Python's bookkeeping of objects, and an end that
does not wait for that.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

SELDOM = (100_000, 20, 1000)
BEHIND = 10  # the priority of a refresh: where cores are scarce, whoever asks the published file comes first


def give_way() -> None:
    """Let readers go first: a refresh may take a minute longer, a query may not."""
    os.setpriority(os.PRIO_PROCESS, 0, max(BEHIND, os.getpriority(os.PRIO_PROCESS, 0)))


def collect_seldom() -> None:
    """Look for garbage a hundred times less often than Python does unasked.

    Dagster, dbt and Great Expectations make millions of objects that stay, and looking them through again and again
    takes a fifth of a small refresh. Young objects are still looked through, so that memory stays as it was.
    """
    gc.set_threshold(*SELDOM)


@contextmanager
def all_stays() -> Iterator[None]:
    """Look for no garbage while modules are imported, which stay, nor ever again among what was made until the end."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def leave(code: int) -> NoReturn:
    """End at once, without taking down object by object what a refresh has loaded, which takes 2 s and frees nothing that
    the end of the process does not. What was to be done at exit is done.
    """
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
