"""One column of text → typed values, and which cells fail for which reason.

Here: what is declared of a field: its type, format, constraints. Not here: rules about whole records (parse.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from orchestration.contract import Contract
from orchestration.contract_parts import SourceField

MONTHS = {  # Norwegian, Swedish and Danish month names that differ from English
    "januar": "january", "januari": "january", "februar": "february", "februari": "february",
    "mars": "march", "marts": "march", "mai": "may", "maj": "may", "juni": "june", "juli": "july",
    "augusti": "august", "oktober": "october", "desember": "december",
}  # fmt: skip
MANY_ALIKE = 2  # cells for each distinct text, from which on judging the texts is cheaper
_TYPE_REASON = {
    "string": "not_text", "integer": "not_an_integer", "year": "not_a_year", "number": "not_a_number",
    "boolean": "not_true_or_false", "date": "not_a_date",
}  # fmt: skip


@dataclass(frozen=True)
class Typed:
    """A column's values, null where a cell is missing or fails, and true for the failing cells, by reason."""

    values: pl.Series
    failing: dict[str, pl.Series]


def typed(cells: pl.Series, f: SourceField, contract: Contract) -> Typed:
    """A field's cells typed and judged, each text once where few differ: a register repeats its days, units and names."""
    distinct = cells.unique()
    if distinct.len() * MANY_ALIKE >= cells.len():
        return _judged(cells, f, contract)
    each = _judged(distinct, f, contract)
    unchanged = f.type == "string" and each.values.equals(distinct)
    values = cells if unchanged else _spread(each.values, distinct, cells)
    failing = {
        reason: cells.is_in(distinct.filter(hit).implode(), nulls_equal=True)
        for reason, hit in each.failing.items()
    }
    return Typed(values, failing)


def _spread(values: pl.Series, texts: pl.Series, cells: pl.Series) -> pl.Series:
    """The value of each cell, by its text; that of no text is null."""
    held = texts.is_not_null()
    places = cells.cast(pl.Enum(texts.filter(held))).to_physical()
    return values.filter(held).gather(places)


def _extracted(f: SourceField) -> pl.Expr:
    cell = pl.col(f.name).str.strip_chars()
    return pl.coalesce(cell.str.extract(f.extract, 1).str.strip_chars(), cell) if f.extract else cell


def shown(f: SourceField, contract: Contract) -> pl.Expr:
    """The text of a field's cell that is judged; null where it stands for a missing value."""
    cell = _extracted(f)
    return pl.when(cell.is_in(contract.missingValues)).then(None).otherwise(cell).alias(f.name)


def _judged(cells: pl.Series, f: SourceField, contract: Contract) -> Typed:
    cell = cells.to_frame().select(shown(f, contract)).to_series()
    value = cell.to_frame().select(_typed(f, contract).alias(f.name)).to_series()
    tests = [(_TYPE_REASON[f.type], cell.is_not_null() & value.is_null())]
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
    found = {reason: hit.fill_null(False) for reason, hit in tests}
    return Typed(value, {reason: hit for reason, hit in found.items() if hit.any()})


def _typed(f: SourceField, contract: Contract) -> pl.Expr:
    cell = pl.col(f.name)
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
    if contract.decimalChar != ".":
        bare = bare.str.replace(contract.decimalChar, ".", literal=True)
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
