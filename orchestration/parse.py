"""Bytes → typed frames + rejects with reasons. Every record is loaded, quarantined or dropped by a named rule.

A file is read part by part; what takes a look at all of it (repeated records, shared keys) is decided at its end, by
hashes. Here: a file as a whole. Not here: layouts (layouts/), a part of it (judged.py), history (load.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from orchestration import quarantine
from orchestration.ahead import in_turn
from orchestration.contract import Contract
from orchestration.contract_parts import EXACT_DUPLICATES
from orchestration.errors import DeliveryRefused
from orchestration.judged import LINE, TOTAL, Judged, judged, numbers, tells_repetitions
from orchestration.layouts import read_records
from orchestration.machine import threads
from orchestration.parts import Parts

# Parts of a file that are judged at once; one more is being split, and each takes the memory of a part.
AT_ONCE = 2
NO_HASHES = pl.DataFrame(schema={"line": LINE, "hash_1": pl.UInt64, "hash_2": pl.UInt64})


@dataclass(frozen=True)
class Parsed:
    """What one file holds.

    Attributes:
        parts: records that are sound by themselves: the contract's kept fields, typed, then `_line` (Int32),
            `_is_synthetic` and `_row_hash` (Int64).
        left_out: lines of those that are not loaded, for repeating a record or sharing a key.
        rejects: one row per failing cell, the first of them: line, field, value (null when personal), reason.
        reject_counts: rows by field and reason, of all failing cells; by reason alone where field is null.
        rows_quarantined: records with at least one failing cell.
        drops: records left out, by rule.
        totals: per number field (in_file, loaded, quarantined, dropped): sums in the field's unit.
    """

    parts: Parts
    left_out: pl.Series
    rejects: pl.DataFrame
    reject_counts: pl.DataFrame
    rows_in_file: int
    rows_quarantined: int
    drops: dict[str, int]
    totals: dict[str, tuple[Decimal, Decimal, Decimal, Decimal]]

    def frames(self, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """Accepted rows in the order of their lines, part by part; at least one part, perhaps without rows.

        Args:
            columns: `_line` among them; all when absent.
        """
        left_out = self.left_out.implode()
        for frame in self.parts.read(columns):
            yield frame.filter(~pl.col("_line").is_in(left_out)) if self.left_out.len() else frame

    @property
    def frame(self) -> pl.DataFrame:
        """All accepted rows."""
        return pl.concat(self.frames())

    def latest(self, name: str) -> Any:
        """The greatest value of a field among the accepted rows; None where it has none."""
        found = (frame[name].max() for frame in self.frames(["_line", name]))
        return max((value for value in found if value is not None), default=None)

    @property
    def rows_loaded(self) -> int:
        """Accepted records, known before or not."""
        return self.parts.height - self.left_out.len()

    @property
    def rows_dropped(self) -> int:
        """Records left out by a named rule."""
        return sum(self.drops.values())


def parse(path: Path, contract: Contract, file_name: str | None = None) -> Parsed:
    """Read one file by its contract.

    Args:
        file_name: the name under which it was delivered; that of `path` when absent.

    Raises:
        DeliveryRefused: when the file as a whole is not what the contract declares: signature, encoding,
            layout, header, or synthetic rows mixed with real ones.
    """
    reading = _Reading(contract)
    records = read_records(path, contract, file_name)
    for part in in_turn(partial(judged, contract=contract), records, min(AT_ONCE, threads())):
        reading.add(part)
    return reading.finished()


@dataclass
class _Reading:
    """What is known of a file so far."""

    contract: Contract
    parts: Parts = field(default_factory=Parts)
    rows: int = 0
    ragged: int = 0
    drops: Counter[str] = field(default_factory=Counter)
    failing: dict[tuple[str, str], list[pl.Series]] = field(default_factory=lambda: defaultdict(list))
    rejects: list[pl.DataFrame] = field(default_factory=list)
    texts: list[pl.DataFrame] = field(default_factory=list)
    keys: list[pl.DataFrame] = field(default_factory=list)
    sums: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    unsound: list[pl.DataFrame] = field(default_factory=list)

    def add(self, part: Judged) -> None:
        """Take in one part of the file."""
        self.rows += part.rows
        self.ragged += part.ragged
        self.drops.update(part.drops)
        for key, lines in part.failing.items():
            self.failing[key].append(lines)
        self.rejects = [quarantine.first([*self.rejects, part.rejects], quarantine.LISTED)]
        self.texts += part.texts
        self.keys += part.keys
        self.unsound += part.unsound
        for name, amount in part.sums.items():
            self.sums[name] += amount
        self.parts.add(part.sound)

    def finished(self) -> Parsed:
        """Everything about the file, once all of it was added."""
        repeated = _later(self.texts)
        if tells_repetitions(self.contract):
            self.drops[EXACT_DUPLICATES] = repeated.len()
        shared = _shared(self.keys, repeated)
        failing = {key: pl.concat(found) for key, found in self.failing.items()}
        rejects = self.rejects
        if repeated.len():
            failing = {key: _without(lines, repeated) for key, lines in failing.items()}
            rejects = [frame.filter(~pl.col("line").is_in(repeated.implode())) for frame in rejects]
        if shared.len():
            key = ", ".join(self.contract.schema_.primaryKey)
            failing[key, quarantine.DUPLICATE_KEY] = shared
            rejects.append(quarantine.of_lines(shared, key, quarantine.DUPLICATE_KEY))
        in_parts = self.parts.only(pl.concat([repeated, shared]).unique())
        parsed = Parsed(
            parts=self.parts,
            left_out=in_parts["_line"],
            rejects=quarantine.first(rejects, quarantine.KEPT),
            reject_counts=quarantine.counted(failing, self.ragged),
            rows_in_file=self.rows,
            rows_quarantined=quarantine.any_of(failing).len() + self.ragged,
            drops=dict(self.drops),
            totals={name: self._total(name, in_parts, repeated) for name in numbers(self.contract)},
        )
        _require_one_kind(parsed)
        return parsed

    def _total(
        self, name: str, left_out: pl.DataFrame, repeated: pl.Series
    ) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        """Sums over all records, the loaded, the quarantined and the dropped ones."""
        amounts = [frame.select("_line", pl.col(name).cast(TOTAL)) for frame in (left_out, *self.unsound)]
        is_repeated = pl.col("_line").is_in(repeated.implode())
        dropped, quarantined = (
            Decimal(pl.concat(amounts).filter(rows)[name].sum() or 0) for rows in (is_repeated, ~is_repeated)
        )
        loaded = self.sums[name] - Decimal(amounts[0][name].sum() or 0)
        return loaded + dropped + quarantined, loaded, quarantined, dropped


def _later(hashed: list[pl.DataFrame]) -> pl.Series:
    """Lines of every repetition of an earlier record."""
    found = _alike(hashed)
    return found.filter(~pl.struct("hash_1", "hash_2").is_first_distinct())["line"]


def _shared(hashed: list[pl.DataFrame], repeated: pl.Series) -> pl.Series:
    """Lines of all records that share a primary key: which of them is right cannot be told from their order."""
    found = _alike(hashed).filter(~pl.col("line").is_in(repeated.implode()))
    return found.filter(pl.struct("hash_1", "hash_2").is_duplicated())["line"]


def _alike(hashed: list[pl.DataFrame]) -> pl.DataFrame:
    """Of all records the few that agree in one hash with another."""
    found = pl.concat([NO_HASHES, *hashed])
    return found.filter(found["hash_1"].is_duplicated())


def _without(lines: pl.Series, others: pl.Series) -> pl.Series:
    return lines.filter(~lines.is_in(others.implode()))


def _require_one_kind(parsed: Parsed) -> None:
    """Refuse a file with real rows beside synthetic ones."""
    if len(parsed.parts.kinds) < 2:
        return
    if len({kind for frame in parsed.frames() for kind in frame["_is_synthetic"].unique()}) > 1:
        real = (frame.filter(~pl.col("_is_synthetic")) for frame in parsed.frames())
        line = next(frame.item(0, "_line") for frame in real if frame.height)
        raise DeliveryRefused(
            f"line {line} is real beside synthetic rows; deliver real and synthetic rows in files of their own."
        )
