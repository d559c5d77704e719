"""The contract of a source: a pydantic model of `sources/<source>.yml`, and what follows from it.

Here: the vocabulary, its checks, and the column lists derived from it. Not here: reading data (parse.py),
keeping bytes (archive.py) or history (load.py). Every key is executed somewhere; an unknown key is an error.
Field names follow the Data Package v2 vocabulary where it has one.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path, PurePath
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, PrivateAttr, ValidationError, model_validator

from orchestration.contract_parts import (
    APPLIES_TO,
    SHEET_FORMATS,
    TEXT_FORMATS,
    Dialect,
    DropRule,
    Fetch,
    KnownAt,
    Licence,
    Person,
    Revision,
    Schema,
    SourceField,
    Strict,
    Synthetic,
    Tolerance,
    plain_header,
)
from orchestration.errors import ContractError

try:
    from yaml import CSafeLoader as SafeLoader  # 26 contracts in 0.03 s instead of 0.14
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader  # type: ignore[assignment]

DUCKDB_TYPES: dict[str, str] = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "year": "INTEGER",
    "number": "DECIMAL(18,6)",
    "boolean": "BOOLEAN",
    "date": "DATE",
}
HASH_TYPE = "BIGINT"  # of orchestration.personal.keyed_hash
BOOKKEEPING: tuple[tuple[str, str], ...] = (
    ("_row_hash", "BIGINT"),
    ("_ordinal", "INTEGER"),
    ("_delivery_id", "INTEGER"),
    ("_line", "INTEGER"),
    ("_is_synthetic", "BOOLEAN"),
    ("_valid_from", "TIMESTAMP"),
    ("_valid_to", "TIMESTAMP"),
    ("_ended_by", "INTEGER"),
)


class Contract(Strict):
    """One source: where, what shape, what is allowed, who made it, under which licence."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: str
    description: str
    grain: str
    row_unit: Literal["seizure", "exhibit", "aggregate", "observation"]
    sources: Annotated[list[Person], Field(min_length=1)]
    licenses: Annotated[list[Licence], Field(min_length=1)]
    cadence: Literal["daily", "weekly", "monthly", "quarterly", "half-yearly", "yearly", "irregular"]
    freshness_days: Annotated[int, Field(ge=1)]
    disclosure: Literal["open", "restricted"]
    curated: bool = False  # shipped with the project: read from sources/data whatever the inbox
    optional: bool = False  # may never have been delivered
    path: str  # file pattern inside the source's folder
    fetch: Fetch | None = None  # only with `--online` and in the nightly job
    format: Literal["csv", "xls", "xlsx", "ods", "json", "json_stat", "html", "parquet"]
    compression: Literal["zip", "gzip"] | None = None
    member: str | None = None  # file pattern inside a zip file; exactly one member must match
    members: str | None = (
        None  # the same, where the table is cut into several members: all that match, by name
    )
    encoding: str = "utf-8"
    otherEncodings: list[str] = Field(
        default=[]
    )  # that editions of the producer have come in; tried strictly, in order
    dialect: Dialect = Dialect()
    missingValues: list[str] = Field(default=[""])
    decimalChar: Literal[".", ","] = "."
    groupChar: Literal["", ",", ".", " "] = ""
    known_at: KnownAt
    revision: Revision = Revision()
    synthetic: Synthetic = Synthetic()
    tolerance: Tolerance
    drop: list[DropRule] = Field(default=[])
    schema_: Annotated[Schema, Field(alias="schema")]
    _reader: Path | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _names_exist(self) -> Contract:
        names = [f.name for f in self.schema_.fields]
        if twice := sorted({n for n in names if names.count(n) > 1}):
            raise ValueError(f"schema.fields names {', '.join(twice)} twice")
        headers = [plain_header(h) for f in self.schema_.fields for h in f.headers]
        if twice := sorted({h for h in headers if headers.count(h) > 1}):
            raise ValueError(f"the header {', '.join(twice)} stands for two fields")
        mentions = {
            "schema.primaryKey": self.schema_.primaryKey,
            "revision.scope": [part.field for part in self.revision.scope],
            "known_at.column": [self.known_at.column] if self.known_at.column else [],
            "known_at.order": [self.known_at.order] if self.known_at.order else [],
            "synthetic.column": [self.synthetic.column] if self.synthetic.column else [],
            "dialect.fillDown": self.dialect.fillDown,
            "drop.field": [rule.field for rule in self.drop if rule.field],
            "tolerance.vanished": self.tolerance.vanished,
            "tolerance.periods": [self.tolerance.periods.field] if self.tolerance.periods else [],
        }
        for key, used in mentions.items():
            if unknown := [n for n in used if n not in names]:
                raise ValueError(f"{key} names {', '.join(unknown)}, which schema.fields does not declare")
            if gone := [n for n in used if key != "drop.field" and self.field(n).personal == "drop"]:
                raise ValueError(f"{key} names {', '.join(gone)}, which is dropped on load")
        if self.synthetic.column and self.field(self.synthetic.column).type != "boolean":
            raise ValueError(f"synthetic.column {self.synthetic.column} must be a boolean field")
        if needed := [n for n in self.tolerance.vanished if not self.field(n).optional]:
            raise ValueError(f"tolerance.vanished names {needed[0]}, which is not an optional column")
        if (rule := self.tolerance.periods) and self.field(rule.field).type not in ("date", "year"):
            raise ValueError(f"tolerance.periods names {rule.field}, which is neither a date nor a year")
        if rule and self.field(rule.field).type == "year" and rule.step != "year":
            raise ValueError(f"tolerance.periods counts {rule.step}s, and {rule.field} is a year")
        for part in self.revision.scope:
            if part.by == "year" and self.field(part.field).type != "date":
                raise ValueError(f"revision.scope takes the year of {part.field}, which is not a date field")
        return self

    @model_validator(mode="after")
    def _dated_by_dates(self) -> Contract:
        for key, name, types in (
            ("column", self.known_at.column, ("date",)),
            ("order", self.known_at.order, ("date", "year")),
        ):
            if name and self.field(name).type not in types:
                raise ValueError(f"known_at.{key} {name} must be a {' or '.join(types)} field")
        return self

    @model_validator(mode="after")
    def _unambiguous(self) -> Contract:
        rules = [rule.rule for rule in self.drop]
        if twice := sorted({r for r in rules if rules.count(r) > 1}):
            raise ValueError(
                f"drop names the rule {', '.join(twice)} twice, so its rows could not be counted"
            )
        if self.decimalChar == self.groupChar:
            raise ValueError(f"decimalChar and groupChar are both '{self.groupChar}'")
        for encoding in self.encodings:
            try:
                "x".encode(encoding)
            except LookupError as error:
                raise ValueError(f"encoding '{encoding}' is unknown") from error
        return self

    @model_validator(mode="after")
    def _fetches_what_it_takes(self) -> Contract:
        if self.fetch is None:
            return self
        name, dated = self.fetch.name, self.known_at
        if not PurePath(name).match(self.path):
            raise ValueError(
                f"fetch saves '{name}', which 'path: {self.path}' does not take; set fetch.file_name"
            )
        if dated.from_ == "sidecar" or (dated.pattern and not re.search(dated.pattern, name)):
            raise ValueError(f"known_at from {dated.from_} cannot date the fetched file '{name}'")
        return self

    @model_validator(mode="after")
    def _layout_fits_format(self) -> Contract:
        for key in sorted(self.dialect.model_fields_set):
            if self.format not in APPLIES_TO.get(key, (self.format,)):
                raise ValueError(f"dialect.{key} means nothing for the format {self.format}")
        if self.otherEncodings and self.format not in TEXT_FORMATS:
            raise ValueError(f"otherEncodings means nothing for the format {self.format}")
        if self.member is not None and self.compression != "zip":
            raise ValueError("member needs the compression zip")
        if self.members is not None and (self.compression != "zip" or self.member is not None):
            raise ValueError("members needs the compression zip, and no member beside it")
        for f in self.fields:
            if f.virtual and f.virtual.from_ == "sheet" and self.format not in SHEET_FORMATS:
                raise ValueError(f"{f.name} comes from a sheet's name, and {self.format} has no sheets")
            if f.virtual and f.name in self.dialect.fillDown:
                raise ValueError(f"dialect.fillDown names {f.name}, which is virtual")
        return self

    @property
    def fields(self) -> list[SourceField]:
        """All declared fields, in order."""
        return self.schema_.fields

    @property
    def encodings(self) -> tuple[str, ...]:
        """The declared encoding, then the others."""
        return (self.encoding, *self.otherEncodings)

    @property
    def kept_fields(self) -> list[SourceField]:
        """The fields that reach `raw`: all but those declared `personal: drop`."""
        return [f for f in self.fields if f.personal != "drop"]

    def field(self, name: str) -> SourceField:
        """The field called `name`; KeyError when there is none."""
        return next(f for f in self.fields if f.name == name)

    def raw_columns(self) -> list[tuple[str, str]]:
        """(name, DuckDB type) of the data columns of `raw.<source>`, in order, without bookkeeping."""
        return [
            (f.name, HASH_TYPE if f.personal == "hash" else DUCKDB_TYPES[f.type]) for f in self.kept_fields
        ]

    @property
    def reader(self) -> Path | None:
        """`sources/<source>.py`, where the layout cannot be declared: its `grid(path, contract)` reads the file."""
        return self._reader

    @property
    def licence(self) -> str:
        """The licence titles, joined."""
        return "; ".join(lic.title for lic in self.licenses)

    @property
    def redistribution(self) -> str:
        """The most that any of its licences lets us do: they are alternatives, as in Data Package."""
        stated = {lic.redistribution for lic in self.licenses}
        return next(r for r in ("allowed", "synthetic_rows", "forbidden", "not_stated") if r in stated)


class _UniqueKeyLoader(SafeLoader):
    """SafeLoader that refuses a key named twice in one mapping (YAML itself lets the last one win)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=deep)
            if key in seen:
                raise ContractError(f"line {key_node.start_mark.line + 1}: the key '{key}' is named twice")
            seen.add(key)
        return super().construct_mapping(node, deep)


def load_contract(path: Path) -> Contract:
    """Read and check one contract.

    Raises:
        ContractError: naming the file and the key when it is not YAML, has an unknown key, a wrong type,
            a key named twice, or a name that differs from the file's.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506 (a SafeLoader)
        contract = Contract.model_validate(data)
    except ContractError as error:
        raise ContractError(f"{path.name}: {error}; remove one of the two.") from error
    except UnicodeDecodeError as error:
        raise ContractError(f"{path.name} is not UTF-8 text; save it as UTF-8.") from error
    except yaml.YAMLError as error:
        raise ContractError(f"{path.name} is not valid YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        raise ContractError("\n".join(_sentence(path.name, e) for e in error.errors())) from error
    if contract.name != path.stem:
        raise ContractError(
            f"{path.name}: the key 'name' is '{contract.name}'; it must be '{path.stem}', as the file."
        )
    if (reader := path.with_suffix(".py")).is_file():
        contract._reader = reader
    return contract


def _sentence(file: str, error: Any) -> str:
    key = ".".join(str(part) for part in error["loc"]) or "the contract"
    if error["type"] == "extra_forbidden":
        return f"{file}: the key '{key}' is unknown; remove it or correct its spelling."
    if error["type"] == "missing":
        return f"{file}: the key '{key}' is missing; add it."
    message = re.sub(r"^Value error, ", "", error["msg"])
    value = error["input"] if isinstance(error["input"], str | int | float | bool) else None
    shown = f" (found {value!r})" if value is not None else ""
    return f"{file}: the key '{key}' is wrong: {message}{shown}."


@cache
def load_contracts(folder: Path) -> dict[str, Contract]:
    """All contracts of a folder by source name, sorted.

    Raises:
        ContractError: for the first contract that does not hold, or when the folder has none.
    """
    paths = sorted(folder.glob("*.yml"))
    if not paths:
        raise ContractError(f"No contract found in {folder}; a source is one <source>.yml there.")
    return {path.stem: load_contract(path) for path in paths}
