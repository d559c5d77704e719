"""Making the next of several things while one is worked on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, each made in a thread of its own while the one before is worked on; errors come in their turn."""
    end = object()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead") as beside:
        coming = beside.submit(next, items, end)
        while (item := coming.result()) is not end:
            coming = beside.submit(next, items, end)
            yield item  # type: ignore[misc]


def in_turn(make: Callable[[S], T], items: Iterable[S], at_once: int) -> Iterator[T]:
    """`make` of each item, in the order of the items, so many at once, each in a thread; errors come in their turn."""
    with ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="in_turn") as beside:
        coming: deque[Future[T]] = deque()
        for item in items:
            coming.append(beside.submit(make, item))
            if len(coming) > at_once:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
