"""The records of one part of a file, judged by themselves: which are sound, which fail where, which a rule drops.

A part is a function of its own records alone, so that several can be judged at once. Not here: cells (cells.py), what
takes a look at the whole file (parse.py).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from orchestration import cells, quarantine
from orchestration.contract import Contract
from orchestration.contract_parts import EXACT_DUPLICATES
from orchestration.layouts import Records
from orchestration.personal import keyed_hash

TOTAL = pl.Decimal(38, 6)
LINE = pl.Int32
ROW_HASH = "_row_hash"


@dataclass(frozen=True)
class Judged:
    """One part of a file.

    Attributes:
        rows: records, of any kind.
        ragged: records with another number of cells than the header.
        drops: records left out, by rule.
        failing: by field and reason, the lines that fail so.
        rejects: the first failing cells, as `quarantine.listed` has them.
        texts: of every record `line` and a hash of its text, where a repetition is dropped.
        keys: of every sound record `line` and a hash of its key, where there is one.
        sums: of each number field, over the sound records.
        unsound: of every record with a failing cell `_line` and its numbers.
        sound: the contract's kept fields, typed, then `_line` (Int32), `_is_synthetic` and `_row_hash` (Int64, its identity:
            63 bits of hash of the typed content).
    """

    rows: int
    ragged: int
    drops: Counter[str]
    failing: quarantine.Failing
    rejects: pl.DataFrame
    texts: list[pl.DataFrame]
    keys: list[pl.DataFrame]
    sums: dict[str, Decimal]
    unsound: list[pl.DataFrame]
    sound: pl.DataFrame


def judged(records: Records, contract: Contract) -> Judged:
    """Judge the records of one part."""
    body, drops = _without_dropped(records.frame, contract)
    ragged = body.filter(pl.col("cells") != records.width)
    body = body.filter(pl.col("cells") == records.width)
    texts = [_hashed(body, "line", [f.name for f in contract.fields])] if tells_repetitions(contract) else []
    typed, failing_rows = _typed(body, contract)
    failing = {key: body["line"].filter(hit) for key, hit in failing_rows.items()}
    rejects = quarantine.listed(failing, _shown(body, failing, contract), ragged, records.width, contract)
    bad, unsound = quarantine.any_of(failing), []
    if bad.len():
        is_bad = pl.col("_line").is_in(bad.implode())
        unsound = [typed.filter(is_bad).select("_line", *numbers(contract))]
        typed = typed.filter(~is_bad)
    primary = contract.schema_.primaryKey
    return Judged(
        rows=records.frame.height,
        ragged=ragged.height,
        drops=drops,
        failing=failing,
        rejects=rejects,
        texts=texts,
        keys=[_hashed(typed, "_line", primary)] if primary else [],
        sums={name: Decimal(typed[name].cast(TOTAL).sum() or 0) for name in numbers(contract)},
        unsound=unsound,
        sound=_finished(typed, contract),
    )


def tells_repetitions(contract: Contract) -> bool:
    """Whether a record that repeats another is dropped."""
    return any(rule.rule == EXACT_DUPLICATES for rule in contract.drop)


def numbers(contract: Contract) -> list[str]:
    """The fields that have a control total."""
    return [f.name for f in contract.kept_fields if f.type == "number"]


def _without_dropped(frame: pl.DataFrame, contract: Contract) -> tuple[pl.DataFrame, Counter[str]]:
    drops: Counter[str] = Counter()
    for rule in contract.drop:
        if rule.field is None:
            continue
        hit = pl.col(rule.field).fill_null("").str.strip_chars().str.contains(rule.pattern or "")
        kept = frame.filter(~hit)
        drops[rule.rule] += frame.height - kept.height
        frame = kept
    return frame, drops


def _typed(body: pl.DataFrame, contract: Contract) -> tuple[pl.DataFrame, dict[tuple[str, str], pl.Series]]:
    """All well-formed records typed (failing cells null), and which of them fail by which field and reason."""
    columns = {f.name: cells.typed(body[f.name], f, contract) for f in contract.fields}
    typed = pl.DataFrame([body["line"].alias("_line"), *(c.values.alias(n) for n, c in columns.items())])
    return typed, {(n, reason): hit for n, c in columns.items() for reason, hit in c.failing.items()}


def _shown(body: pl.DataFrame, failing: quarantine.Failing, contract: Contract) -> pl.DataFrame:
    """The records with failing cells, as the text that was judged."""
    hit = body.filter(pl.col("line").is_in(quarantine.any_of(failing).implode()))
    return hit.select("line", *(cells.shown(f, contract) for f in contract.fields))


def _hashed(frame: pl.DataFrame, line: str, columns: list[str]) -> pl.DataFrame:
    """`line` and 128 bits of hash of the columns; two that differ share them once in 10^24 files of 10^7 lines."""
    hashes = (_hash(frame, columns, salt).alias(f"hash_{salt}") for salt in (1, 2))
    return pl.DataFrame([frame[line].alias("line"), *hashes])


def _hash(frame: pl.DataFrame, columns: list[str], salt: int = 0) -> pl.Series:
    """64 bits of hash of each row: the sum of a hash of each column, by a seed of its own. As a struct it takes twice as long."""
    whole = pl.repeat(0, frame.height, dtype=pl.UInt64, eager=True)
    for number, name in enumerate(columns):
        whole = whole + frame[name].hash(seed=salt << 32 | number)
    return whole


def _finished(typed: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    marked = contract.synthetic.column
    is_synthetic = pl.col(marked).fill_null(False) if marked else pl.lit(False)
    finished = typed.select(
        *(keyed_hash(f.name) if f.personal == "hash" else pl.col(f.name) for f in contract.kept_fields),
        pl.col("_line").cast(LINE),
        is_synthetic.alias("_is_synthetic"),
    )
    content = _hash(finished, [f.name for f in contract.kept_fields])
    return finished.with_columns((content // 2).cast(pl.Int64).alias(ROW_HASH))
