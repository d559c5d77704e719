"""What every mart promises, and how a promise of one mart is written. The promises themselves: marts.py and beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from great_expectations.expectations.core.expect_table_columns_to_match_ordered_list import (
    ExpectTableColumnsToMatchOrderedList,
)
from great_expectations.expectations.expectation import Expectation

from expectations.suite import Note, check, columns_of, literal, literals, no_rows_from, no_rows_where

MODELS = Path(__file__).resolve().parents[1] / "dbt_project" / "models" / "marts"
TYPES = r"BOOLEAN|INTEGER|BIGINT|DOUBLE|DECIMAL\(\d+,\d+\)|VARCHAR|DATE|TIMESTAMP"
PERIOD = ("period_grain", "period_start", "period_end", "is_complete")
NEVER = (  # words that name a person, a case or a place on the map; see also NEVER_IN_MARTS
    "person|personal|suspect|case|case_id|joint_case_id|remark|remarks|comment|comments|hash|nationality|ethnicity|"
    "birth|dob|ssn|fnr|cpr|personnummer|officer|informant|phone|telephone|email|address|lat|lon|latitude|longitude|"
    "coordinates|account|wallet|handle|username|network|delivery_id|source_line"
)
NEVER_IN_MARTS = f"{NEVER}|name|names"  # reference tables are lists of names of substances and places
# Hashes of 32 digits and more, those of case numbers, the national numbers of Norway, Sweden, Denmark and Finland, e-mail addresses.
PERSONAL_VALUE = r"[0-9a-f]{32}|\d{19}|\b\d{6}[-+ ]?\d{4,5}\b|\b(19|20)\d{6}[-+ ]?\d{4}\b|\b\d{6}[-+A]\d{3}[0-9A-Z]\b|[^\s@]+@[^\s@]+\.\w+"
COMPARABILITY = (  # joined by "+" where several hold
    *("ok", "break", "scope_differs", "imputed", "provisional", "method_changed", "other_ages"),
    *("below_loq_or_zero", "fewer_than_7_days", "means_at_odds", "pooled_plants"),
)
SYNTHETIC_SOURCES = ("seizures", "postal_interceptions", "price_quotes", "darknet_turnover")
SHOWN_BEHIND = 20  # failing mart rows of which the source lines are looked up


@dataclass(frozen=True)
class Mart:
    """A published table and the way back to source lines.

    Attributes:
        name: the table in schema `marts`.
        grain: the columns that name a row.
        promised: the columns other tools rely on, beside the grain.
        lines: the intermediate model that holds the source lines, with `delivery_id` and `source_line`.
        line_keys: the columns a mart row shares with its lines.
        line_date: the lines' date that falls into the row's period; None when the keys say it all.
        filled_from: SQL after `from` that has rows whenever the mart must have some.
        texts: the columns that hold text as a source wrote it.
    """

    name: str
    grain: tuple[str, ...]
    promised: tuple[str, ...]
    lines: str
    line_keys: tuple[str, ...]
    line_date: str | None
    filled_from: str
    texts: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """With its schema."""
        return f"marts.{self.name}"

    def never(self, name: str, condition: str, column: str | None = None) -> Expectation:
        """No row of the mart meets `condition`."""
        failing = f"select * from {self.table} where {condition}"
        return no_rows_where(self.table, condition, self._note(name, failing, column))

    def none_of(self, name: str, column: str, condition: str) -> Expectation:
        """No value of the column meets `condition`, which is asked once per different value."""
        values = (
            f"select {column} from (select {column} from {self.table} group by {column}) where {condition}"
        )
        return self.nothing_from(name, f"select * from {self.table} where {column} in ({values})", column)

    def nothing_from(self, name: str, failing: str, column: str | None = None) -> Expectation:
        """`failing`, a query that returns whole rows of the mart, returns nothing."""
        return no_rows_from(failing, self._note(name, failing, column))

    def between(self, column: str, low: float | None, high: float | None) -> Expectation:
        """The column's figures lie within the bounds; null is no figure."""
        outside = [f"{column} < {low}"] * (low is not None) + [f"{column} > {high}"] * (high is not None)
        return self.never(f"{column}_in_range", " or ".join(outside), column)

    def not_null(self, column: str) -> Expectation:
        """The column is never null."""
        return self.never(f"{column}_stated", f"{column} is null", column)

    def _note(self, name: str, failing: str, column: str | None) -> Note:
        shown = [*self.grain, *([column] if column and column not in self.grain else [])]
        return Note(name, column, self._behind(failing, shown), show=", ".join(shown))

    def _behind(self, failing: str, columns: Sequence[str]) -> str:
        """The first failing rows, each with the first source line behind it."""
        shown = ", ".join(f"f.{c}" for c in columns)
        same = [f"f.{key} = r.{key}" for key in self.line_keys]
        if self.line_date:
            same.append(f"r.{self.line_date} between f.period_start and f.period_end")
        return (
            f"select {shown}, r.delivery_id, r.source_line from (select * from ({failing}) limit {SHOWN_BEHIND}) as f "
            f"left join intermediate.{self.lines} as r on {' and '.join(same)} "
            f"qualify row_number() over (partition by {', '.join(f'f.{c}' for c in self.grain)} "
            "order by r.delivery_id, r.source_line) = 1"
        )


def common(mart: Mart) -> Iterator[Expectation]:
    """The promises every mart keeps."""
    yield check(ExpectTableColumnsToMatchOrderedList, Note("columns"), column_list=model_columns(mart.name))
    yield from _schema(mart)
    yield no_rows_from(
        f"select 1 where not exists (select 1 from {mart.table}) and exists (select 1 from {mart.filled_from})",
        Note("has_rows", says="It has no row although its sources delivered some."),
    )
    repeated = f"select {', '.join(mart.grain)} from {mart.table} group by all having count(*) > 1"
    yield no_rows_from(repeated, Note("grain_unique", show=", ".join(mart.grain)))
    yield mart.not_null("source")
    yield mart.not_null("is_synthetic")
    yield mart.none_of(
        "source_known",
        "source",
        "not list_has_all((select list(table_name) from duckdb_tables() where schema_name = 'raw'), "
        "string_split(source, '+')) "
        "or source <> array_to_string(list_sort(list_distinct(string_split(source, '+'))), '+')",
    )
    yield _synthetic_said(mart)
    yield mart.never(
        "country_code_known",
        "not regexp_full_match(country_code, '[A-Z]{2}') "
        "or country_code not in (select country_code from reference.countries)",
        "country_code",
    )
    if mart.texts:
        text = f"concat_ws(' ', {', '.join(mart.texts)})"
        yield mart.never("no_personal_value", f"regexp_matches({text}, {literal(PERSONAL_VALUE)})")
    if "period_start" in mart.grain and "period_grain" in mart.grain:
        yield _periods(mart)
    yield from _codes(mart)


def _schema(mart: Mart) -> Iterator[Expectation]:
    columns = columns_of(mart.table)
    promised = ", ".join(f"({literal(c)})" for c in (*mart.grain, *mart.promised, "source", "is_synthetic"))
    yield no_rows_from(
        f"select column_name from (values {promised}) as p (column_name) "
        f"where column_name not in (select column_name from {columns})",
        Note("promised_columns"),
    )
    yield no_rows_from(
        f"select column_name, column_type from {columns} where not regexp_full_match(column_type, {literal(TYPES)})",
        Note("allowed_types"),
    )
    yield no_rows_from(
        f"select column_name from {columns} where {forbidden(NEVER_IN_MARTS)}", Note("no_forbidden_column")
    )


def forbidden(words: str) -> str:
    """SQL condition on `column_name`: it holds one of the words, between underscores or whole."""
    return f"regexp_matches(lower(column_name), {literal(f'(^|_)({words})(_|$)')})"


def _synthetic_said(mart: Mart) -> Expectation:
    """A source of which all current rows are synthetic gives synthetic figures only."""
    only = " union all ".join(
        f"select {literal(s)} where exists (select 1 from raw.{s} where _valid_to is null) "
        f"and not exists (select 1 from raw.{s} where _valid_to is null and not _is_synthetic)"
        for s in SYNTHETIC_SOURCES
    )
    claimed = f"select source from {mart.table} where not is_synthetic group by source"
    listed = f"select list(s) from ({only}) as o (s)"
    return mart.nothing_from(
        "synthetic_said",
        f"select * from {mart.table} where not is_synthetic and source in ("
        f"select source from ({claimed}) where list_has_any(string_split(source, '+'), ({listed})))",
        "is_synthetic",
    )


def _periods(mart: Mart) -> Expectation:
    return mart.never(
        "period_of_the_calendar",
        "not coalesce(is_complete is not null and day(period_start) = 1 and case period_grain "
        "when 'year' then month(period_start) = 1 and period_end = make_date(year(period_start), 12, 31) "
        "when 'half_year' then month(period_start) in (1, 7) "
        "and period_end = last_day(make_date(year(period_start), month(period_start) + 5, 1)) "
        "when 'month' then period_end = last_day(period_start) else false end, false)",
        "period_start",
    )


def _codes(mart: Mart) -> Iterator[Expectation]:
    """Codes exist in the reference tables, or are listed here."""
    columns = model_columns(mart.name)
    if "comparability" in columns:
        listed = f"[{literals(COMPARABILITY)}]"
        yield mart.never(
            "comparability_said",
            f"not coalesce(list_has_all({listed}, string_split(comparability, '+')), false)",
            "comparability",
        )
    if "substance_code" in columns:
        yield mart.never(
            "substance_code_known",
            "substance_code not in (select substance_code from reference.substances)",
            "substance_code",
        )
    if "substance_group" in columns:
        yield mart.never(
            "substance_group_known",
            "substance_group not in (select substance_group from reference.substance_groups)",
            "substance_group",
        )
    if "currency" in columns:
        yield mart.never(
            "currency_of_three_letters", "not regexp_full_match(currency, '[A-Z]{3}')", "currency"
        )


@cache
def _described_models() -> dict[str, list[str]]:
    """Columns by model, of every description below the marts; read with libyaml, which takes a tenth of the time."""
    described = (yaml.load(path.read_bytes(), yaml.CSafeLoader) for path in sorted(MODELS.rglob("*.yml")))
    return {
        model["name"]: [column["name"] for column in model["columns"]]
        for content in described
        for model in content.get("models") or []
    }


def model_columns(name: str) -> list[str]:
    """The columns that the model's enforced contract declares, in order.

    Raises:
        KeyError: when no file below `dbt_project/models/marts` describes the model.
    """
    try:
        return _described_models()[name]
    except KeyError:
        raise KeyError(f"no model {name} is described below {MODELS}") from None


def one_of(mart: Mart, column: str, values: Sequence[str]) -> Expectation:
    """The column holds only the listed values; null is none of its own."""
    return mart.never(f"{column}_listed", f"{column} not in ({literals(values)})", column)


def ordered(mart: Mart, name: str, *columns: str) -> Expectation:
    """Each column's figure is at most the next one's, where both are given (up to rounding of doubles)."""
    pairs = [
        f"{low} > {high} + 1e-9 * greatest(1, abs({high}))"
        for i, low in enumerate(columns)
        for high in columns[i + 1 :]
    ]
    return mart.never(name, " or ".join(pairs), columns[len(columns) // 2])


def figure_or_reason(mart: Mart, figure: str, reason: str, name: str = "") -> Expectation:
    """A figure that is not given says why; one of several columns has a name."""
    return mart.never(
        f"{name or figure}_or_reason",
        f"({figure} is null) <> ({reason} is not null)",
        reason if name else figure,
    )
