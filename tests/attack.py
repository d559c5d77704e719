"""A reader who tries to work out what disclosure control withheld. Nothing here asserts anything.

Every count behind the marts is an unknown of a linear system; everything published about it is an equation or a bound.
The least and the greatest value that a withheld figure can then have come from linear programming. A figure is found
out when they leave one whole number.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

Key = Hashable
SLACK = 1e-6
ROUNDS = 10


@dataclass
class System:
    """What is known: each fact bounds a weighted sum of unknowns, all of which are at least zero."""

    unknowns: dict[Key, int] = field(default_factory=dict)
    sums: dict[frozenset[tuple[int, float]], tuple[float, float]] = field(default_factory=dict)

    def tell(self, parts: Iterable[Key] | dict[Key, float], low: float, high: float | None = None) -> None:
        """The sum of the parts lies between low and high; high is low when it is not given."""
        weights = parts if isinstance(parts, dict) else dict.fromkeys(parts, 1.0)
        row = frozenset((self.unknowns.setdefault(k, len(self.unknowns)), w) for k, w in weights.items())
        before = self.sums.get(row, (-math.inf, math.inf))
        self.sums[row] = (max(before[0], low), min(before[1], low if high is None else high))

    def is_told(self, parts: Sequence[Key], value: float | None = None) -> bool:
        """Whether the sum of just these parts is a fact (of this value)."""
        if any(key not in self.unknowns for key in parts):
            return False
        low, high = self.sums.get(
            frozenset((self.unknowns[key], 1.0) for key in parts), (-math.inf, math.inf)
        )
        return high - low <= SLACK * max(1, abs(low)) and value in (None, low)

    def ranges(self, figures: Sequence[Sequence[Key]], enough: float) -> list[tuple[float, float]]:
        """For each figure, a sum of unknowns, values that it can have: the least and the greatest, or two `enough` apart.

        Every answer of the solver is a whole picture that fits the facts, so it is held against all figures at once.

        Raises:
            ValueError: when the facts contradict each other.
        """
        wanted = np.zeros((len(figures), len(self.unknowns)))
        for row, figure in zip(wanted, figures, strict=True):
            row[[self.unknowns[key] for key in figure]] = 1
        matrix, limit = self._matrix()
        low, high = np.full(len(figures), np.inf), np.full(len(figures), -np.inf)

        def look(aim: np.ndarray) -> bool:
            """Take in the picture that makes the aim least; whether there is one, for else nothing bounds it."""
            nonlocal low, high
            answer = linprog(aim, A_ub=matrix, b_ub=limit, method="highs")
            if answer.status == 3:
                return False
            if answer.status != 0:
                raise ValueError(f"the facts contradict each other: {answer.message}")
            values = wanted @ answer.x
            low, high = np.minimum(low, values), np.maximum(high, values)
            return True

        draws = np.random.default_rng(1)
        before = [len(figures)]
        while len(before) <= ROUNDS or before[-ROUNDS - 1] - before[-1] >= ROUNDS:
            # Many figures at once, in directions that chance takes, while a round does more than a look at one of them.
            still = high - low < enough
            look((draws.choice((-1.0, 0.0, 1.0), len(figures)) * still) @ wanted)
            before.append(int((high - low < enough).sum()))
        for number, aim in enumerate(wanted):
            for sign in (1, -1):
                if high[number] - low[number] < enough and not look(sign * aim):
                    high[number] = np.inf
        return list(zip(low.tolist(), high.tolist(), strict=True))

    def _matrix(self) -> tuple[csr_array, np.ndarray]:
        at: list[int] = []
        columns: list[int] = []
        weights: list[float] = []
        limits: list[float] = []
        for row, (low, high) in self.sums.items():
            for sign, bound in ((1, high), (-1, -low)):
                if math.isinf(bound):
                    continue
                for column, weight in row:
                    at.append(len(limits))
                    columns.append(column)
                    weights.append(sign * weight)
                limits.append(bound + SLACK)
        shape = (len(limits), len(self.unknowns))
        return csr_array((weights, (at, columns)), shape=shape), np.array(limits)


def is_found_out(low: float, high: float) -> bool:
    """Whether one whole number is left."""
    return math.isfinite(high) and math.floor(high + 1e-3) <= math.ceil(low - 1e-3)


def months(grain: str, start: dt.date) -> list[int]:
    """The months of a period, as numbers of the year."""
    return list(range(start.month, start.month + {"year": 12, "half_year": 6, "month": 1}[grain]))


def within(cell: Sequence[Key], grain: str, start: dt.date) -> list[Key]:
    """The unknowns that a cell's figure in a period is made of: its months."""
    return [(*cell, month) for month in months(grain, start)]
