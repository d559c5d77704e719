"""Things made in threads come in their order, no further ahead than was asked, and with their errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from orchestration.ahead import ahead, in_turn


def test_the_order_is_that_of_the_items_whichever_is_done_first() -> None:
    second_is_done = threading.Event()

    def make(item: int) -> int:
        if item == 0:
            assert second_is_done.wait(10)  # only another thread can set it
        if item == 1:
            second_is_done.set()
        return item * item

    assert list(in_turn(make, range(9), at_once=2)) == [item * item for item in range(9)]
    assert list(in_turn(make, [], at_once=2)) == []


def test_no_more_is_drawn_than_is_made_at_once_and_one() -> None:
    drawn: list[int] = []

    def items() -> Iterator[int]:
        for item in range(9):
            drawn.append(item)
            yield item

    made = in_turn(lambda item: item, items(), at_once=2)
    assert next(made) == 0 and drawn == [0, 1, 2]
    assert next(made) == 1 and drawn == [0, 1, 2, 3]
    assert list(made) == [2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize("at_once", [1, 2])
def test_an_error_comes_in_its_turn(at_once: int) -> None:
    made = in_turn(lambda item: 6 // item, [3, 2, 0, 1], at_once)
    assert [next(made), next(made)] == [2, 3]
    with pytest.raises(ZeroDivisionError):
        next(made)


@pytest.mark.parametrize("at_once", [0, 1, 2])
def test_an_error_of_the_items_themselves_is_raised(at_once: int) -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError("the file ends in its midst")

    made = in_turn(lambda item: item, items(), at_once) if at_once else ahead(items())
    with pytest.raises(OSError, match="in its midst"):
        list(made)
