"""Bytes → typed frame + rejects with reasons. Every record is loaded, quarantined or dropped by a named rule.

Here: layout-independent typing and judging of cells. Not here: reading layouts (layouts.py), history (load.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import polars as pl

from orchestration import quarantine
from orchestration.contract import Contract
from orchestration.contract_parts import EXACT_DUPLICATES, SourceField
from orchestration.errors import DeliveryRefused
from orchestration.layouts import Records, read_records
from orchestration.personal import keyed_hash

MONTHS = {  # Norwegian, Swedish and Danish month names that differ from English
    "januar": "january", "januari": "january", "februar": "february", "februari": "february",
    "mars": "march", "marts": "march", "mai": "may", "maj": "may", "juni": "june", "juli": "july",
    "augusti": "august", "oktober": "october", "desember": "december",
}  # fmt: skip


MANY_ALIKE = 4  # rows for each distinct text, from which on typing the texts is cheaper than typing the rows


@dataclass(frozen=True)
class Parsed:
    """What one file holds.

    Attributes:
        frame: accepted rows: the contract's kept fields, typed, then `_line` (Int32) and `_is_synthetic`.
        rejects: one row per failing cell, the first of them: line, field, value (null when personal), reason.
        reject_counts: rows by field and reason, of all failing cells; by reason alone where field is null.
        rows_quarantined: records with at least one failing cell.
        drops: records left out, by rule.
        totals: per number field (in_file, loaded, quarantined, dropped): sums in the field's unit.
    """

    frame: pl.DataFrame
    rejects: pl.DataFrame
    reject_counts: pl.DataFrame
    rows_in_file: int
    rows_quarantined: int
    drops: dict[str, int]
    totals: dict[str, tuple[Decimal, Decimal, Decimal, Decimal]]

    @property
    def rows_loaded(self) -> int:
        """Accepted records, known before or not."""
        return self.frame.height

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
    records = read_records(path, contract, file_name)
    drops, body = _drop_by_pattern(records, contract)
    ragged = body.filter(pl.col("cells") != records.width)
    body = body.filter(pl.col("cells") == records.width)
    shown, typed, failures = _type_cells(body, contract)
    duplicate = _exact_duplicates(body, contract)
    if duplicate is not None:
        drops[EXACT_DUPLICATES] = int(duplicate.sum())
        failures = {key: failed & ~duplicate for key, failed in failures.items()}
    failures |= _duplicate_keys(typed, failures, duplicate, contract)
    bad = quarantine.any_of(failures, typed.height)
    accepted = typed.filter(~bad if duplicate is None else ~bad & ~duplicate)
    quarantined = typed.filter(bad)
    totals = {
        f.name: (
            _total(typed, f.name), _total(accepted, f.name), _total(quarantined, f.name),
            _total(typed.filter(duplicate), f.name) if duplicate is not None else Decimal(0),
        )
        for f in contract.kept_fields if f.type == "number"
    }  # fmt: skip
    return Parsed(
        frame=_finish(accepted, contract),
        rejects=quarantine.listed(failures, shown, ragged, records.width, contract),
        reject_counts=quarantine.counted(failures, ragged),
        rows_in_file=records.frame.height,
        rows_quarantined=int(bad.sum()) + ragged.height,
        drops=drops,
        totals=totals,
    )


def _drop_by_pattern(records: Records, contract: Contract) -> tuple[dict[str, int], pl.DataFrame]:
    drops, frame = {}, records.frame
    for rule in contract.drop:
        if rule.field is None:
            continue
        hit = pl.col(rule.field).fill_null("").str.strip_chars().str.contains(rule.pattern or "")
        kept = frame.filter(~hit)
        drops[rule.rule], frame = frame.height - kept.height, kept
    return drops, frame


def _exact_duplicates(body: pl.DataFrame, contract: Contract) -> pl.Series | None:
    """True for every repetition of an earlier record, character by character; None without the rule."""
    if not any(rule.rule == EXACT_DUPLICATES for rule in contract.drop):
        return None
    columns = [f.name for f in contract.fields]
    return body.select((~pl.struct(columns).is_first_distinct()).alias("dup"))["dup"]


def _type_cells(
    body: pl.DataFrame, contract: Contract
) -> tuple[pl.DataFrame, pl.DataFrame, quarantine.Failures]:
    """All well-formed records as text (missing values null), typed (failing cells null), and which cells fail why."""
    text = {f.name: _extracted(f) for f in contract.fields}
    shown = body.select(
        pl.col("line"),
        *(pl.when(t.is_in(contract.missingValues)).then(None).otherwise(t).alias(n) for n, t in text.items()),
    )
    typed = pl.DataFrame(
        [shown["line"].alias("_line"), *(_typed_column(shown[f.name], f, contract) for f in contract.fields)]
    )
    failures: quarantine.Failures = {}
    for f in contract.fields:
        cell, value = shown[f.name], typed[f.name]
        tests: list[tuple[str, pl.Series]] = [(_TYPE_REASON[f.type], cell.is_not_null() & value.is_null())]
        rules = f.constraints
        if rules.required:
            tests.append(("missing_required", cell.is_null()))
        if rules.minimum is not None:
            tests.append(("below_minimum", value.cast(pl.Float64) < rules.minimum))
        if rules.maximum is not None:
            tests.append(("above_maximum", value.cast(pl.Float64) > rules.maximum))
        if rules.pattern is not None:
            tests.append(("pattern_mismatch", ~value.cast(pl.String).str.contains(rules.pattern)))
        if rules.enum is not None:
            tests.append(("not_in_list", ~value.cast(pl.String).is_in(rules.enum)))
        failures |= {(f.name, reason): failed.fill_null(False) for reason, failed in tests}
    return shown, typed, failures


def _typed_column(cells: pl.Series, f: SourceField, contract: Contract) -> pl.Series:
    """A field's cells typed, each text once where few differ: a register repeats its days, units and names."""
    typing = _typed(f, contract).alias(f.name)
    distinct = cells.unique()
    if distinct.len() * MANY_ALIKE > cells.len():
        return cells.to_frame().select(typing).to_series()
    typed = distinct.to_frame().select(typing).to_series()
    return cells.replace_strict(distinct, typed, return_dtype=typed.dtype)


def _extracted(f: SourceField) -> pl.Expr:
    cell = pl.col(f.name).str.strip_chars()
    return pl.coalesce(cell.str.extract(f.extract, 1), cell) if f.extract else cell


_TYPE_REASON = {
    "string": "not_text", "integer": "not_an_integer", "year": "not_a_year", "number": "not_a_number",
    "boolean": "not_true_or_false", "date": "not_a_date",
}  # fmt: skip


def _typed(f: SourceField, contract: Contract) -> pl.Expr:
    cell = pl.col(f.name).str.strip_chars()
    cell = pl.when(cell.is_in(contract.missingValues)).then(None).otherwise(cell)
    if f.type == "string":
        return cell
    if f.type == "date":
        return _dated(cell, f.format or ["%Y-%m-%d"])
    if f.type == "boolean":
        return cell.str.to_lowercase().replace_strict(
            {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
        )
    plain = _plain_number(cell, contract)
    if f.type == "number":
        return plain.cast(pl.Decimal(18, 6), strict=False)
    whole = plain.str.replace(r"\.0+$", "")
    integer = whole.cast(pl.Int64, strict=False)
    if f.type == "year":
        return pl.when(integer.is_between(1900, 2100)).then(integer).cast(pl.Int32)
    return integer


def _plain_number(cell: pl.Expr, contract: Contract) -> pl.Expr:
    """The number with `.` for decimals and no grouping; null unless it is written exactly as declared."""
    point, group = _literal(contract.decimalChar), _literal(contract.groupChar)
    tail = rf"({point}\d+)?([eE][+-]?\d+)?"
    written = rf"^[+-]?\d+{tail}$|^[+-]?{point}\d+$"
    if contract.groupChar:
        written += rf"|^[+-]?\d{{1,3}}({group}\d{{3}})+{tail}$"
    bare = cell.str.replace_all(contract.groupChar, "", literal=True) if contract.groupChar else cell
    bare = bare.str.replace(contract.decimalChar, ".", literal=True).str.replace(r"^\+", "")
    return pl.when(cell.str.contains(written)).then(bare)


def _literal(char: str) -> str:
    return "\\" + char if char in ".+*?^$()[]{}|\\" else char


def _dated(cell: pl.Expr, formats: list[str]) -> pl.Expr:
    english = cell.str.to_lowercase()
    for name, month in sorted(MONTHS.items(), key=lambda item: -len(item[0])):
        english = english.str.replace(rf"\b{name}\b", month)
    tries = []
    for form in formats:
        if form == "excel":  # days since 1899-12-30; five digits are 1927 to 2173
            serial = pl.when(cell.str.contains(r"^\d{5}(\.0+)?$")).then(cell.str.slice(0, 5)).cast(pl.Int32)
            tries.append(pl.date(1899, 12, 30) + pl.duration(days=serial))
        elif any(code in form for code in ("%H", "%I")):
            tries.append(cell.str.to_datetime(form, strict=False, time_unit="ms").dt.date())
        else:
            tries.append((english if "%B" in form else cell).str.to_date(form, strict=False))
    found = pl.coalesce(t.cast(pl.Date) for t in tries)
    return pl.when(found.dt.year().is_between(1900, 2100)).then(found)


def _duplicate_keys(
    typed: pl.DataFrame, failures: quarantine.Failures, dropped: pl.Series | None, contract: Contract
) -> quarantine.Failures:
    """All records that share a primary key: which of them is right cannot be told from their order."""
    key = contract.schema_.primaryKey
    if not key:
        return {}
    out = quarantine.any_of(failures, typed.height)
    sound = typed.select(key).with_row_index("row").filter(~(out if dropped is None else out | dropped))
    shared = sound.filter(pl.struct(key).is_duplicated())["row"]
    rows = pl.int_range(typed.height, dtype=pl.UInt32, eager=True)
    return {(", ".join(key), quarantine.DUPLICATE_KEY): rows.is_in(shared.implode())}


def _total(frame: pl.DataFrame, column: str) -> Decimal:
    total: Decimal | None = frame.select(pl.col(column).cast(pl.Decimal(38, 6)).sum()).item()
    return total or Decimal(0)


def _finish(accepted: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    marked = contract.synthetic.column
    is_synthetic = pl.col(marked).fill_null(False) if marked else pl.lit(False)
    frame = accepted.select(
        *(keyed_hash(f.name) if f.personal == "hash" else pl.col(f.name) for f in contract.kept_fields),
        pl.col("_line").cast(pl.Int32),
        is_synthetic.alias("_is_synthetic"),
    )
    if frame["_is_synthetic"].n_unique() > 1:
        line = frame.filter(~pl.col("_is_synthetic")).item(0, "_line")
        raise DeliveryRefused(
            f"line {line} is real beside synthetic rows; deliver real and synthetic rows in files of their own."
        )
    return frame
