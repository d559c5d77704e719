"""The parts of a source contract: fields, dialect, fetch, revision, known_at, tolerance, drop rules.

Here: what each part may say and that it makes sense by itself. Not here: the contract as a whole and how the parts
refer to each other (contract.py).
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import PurePosixPath
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

FieldType = Literal["string", "integer", "year", "number", "boolean", "date"]

EXACT_DUPLICATES = "exact_duplicates"
RESERVED = ("line", "cells")  # what the layouts call their own columns


class Strict(BaseModel):
    """Base of every contract part: unknown keys and coerced types are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def check_expression(pattern: str) -> int:
    """The number of groups of a regular expression; ValueError when it is none."""
    try:
        return re.compile(pattern).groups
    except re.error as error:
        raise ValueError(f"'{pattern}' is not a regular expression ({error})") from error


def plain_header(text: str) -> str:
    """A header as it is compared: case, line breaks and the number of blanks are the program's that wrote the file."""
    return " ".join(text.split()).casefold()


class Constraints(Strict):
    """What a cell must satisfy; a row with a cell that does not is quarantined."""

    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None
    enum: Annotated[list[str], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _compiles(self) -> Constraints:
        check_expression(self.pattern or "")
        return self


class Virtual(Strict):
    """A value that stands in no column: the one group of `pattern` in the name of the sheet or of the file."""

    from_: Annotated[Literal["sheet", "file_name"], Field(alias="from")]
    pattern: str

    @model_validator(mode="after")
    def _one_group(self) -> Virtual:
        if check_expression(self.pattern) != 1:
            raise ValueError(f"virtual.pattern '{self.pattern}' must hold one group, the value")
        return self


class SourceField(Strict):
    """One column of the source, in the order it has in `raw.<source>`."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    description: str
    type: FieldType = "string"
    title: str | None = None  # the header as delivered; the name when absent
    aliases: list[str] = []  # other headers the producer has used for the same column
    optional: bool = False  # the column may be missing from a file; it is then null
    virtual: Virtual | None = None  # the value comes from a name, not from a column
    format: list[str] = []  # strptime formats tried in order, or "excel" for serial dates
    extract: str | None = (
        None  # one group: the part of a cell that is its value; other cells stay as they are
    )
    unit: str | None = None
    personal: Literal["hash", "drop"] | None = None
    constraints: Constraints = Constraints()

    @model_validator(mode="after")
    def _fits_type(self) -> SourceField:
        limits = (self.constraints.minimum, self.constraints.maximum)
        if limits != (None, None) and self.type not in ("integer", "year", "number"):
            raise ValueError(f"minimum and maximum need a number, and {self.name} is a {self.type}")
        if self.format and self.type != "date":
            raise ValueError(f"format needs a date, and {self.name} is a {self.type}")
        if self.extract is not None and check_expression(self.extract) != 1:
            raise ValueError(f"extract '{self.extract}' must hold one group, the value of {self.name}")
        if self.personal == "hash" and self.type != "string":
            raise ValueError(f"personal: hash needs text, and {self.name} is a {self.type}")
        if self.virtual and (self.title or self.aliases or self.optional):
            raise ValueError(
                f"{self.name} is virtual and has no column, so it takes no title, aliases or optional"
            )
        if self.name in RESERVED:
            raise ValueError(
                f"the name '{self.name}' is taken; choose another and let 'title' hold the header"
            )
        return self

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header text that names this field; none for a virtual one."""
        return () if self.virtual else (self.title or self.name, *self.aliases)


class HtmlTags(Strict):
    """The elements that make up a table. The first of `table` begins one; the others go on with it."""

    table: Annotated[list[str], Field(min_length=1)] = ["table"]
    row: Annotated[list[str], Field(min_length=1)] = ["tr"]
    cell: Annotated[list[str], Field(min_length=1)] = ["td", "th"]
    skip: list[str] = ["script", "style"]  # whose text is no part of a cell; add `sup` for footnote marks


class Dialect(Strict):
    """How the file is laid out before any cell is read. Each key belongs to some formats (APPLIES_TO)."""

    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    lineTerminator: Literal["\n", "\r"] = "\n"  # "\n" also takes "\r\n"
    quoteChar: Annotated[str, Field(min_length=1, max_length=1)] | None = '"'
    escapeChar: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    commentChar: Annotated[str, Field(min_length=1)] | None = None  # a line that begins so is no record
    skipInitialSpace: bool = False  # blanks behind a delimiter stand outside the quotes
    trailingDelimiter: bool = False  # every line ends in one delimiter too many
    header: bool = True  # false: the columns are the fields in their order
    headerSearchRows: Annotated[int, Field(ge=1)] = 1  # the header stands in one of the first N rows
    fillDown: list[str] = []  # fields whose empty cells take the value above (merged cells)
    sheet: str | None = None  # the first sheet when absent
    sheets: str | None = None  # every sheet whose name this expression finds, one after the other
    records: str | None = None  # dotted path to the list of records; the whole file when absent
    table: int | str = 1  # number, from 1, or id
    tags: HtmlTags = HtmlTags()

    @model_validator(mode="after")
    def _makes_sense(self) -> Dialect:
        check_expression(self.sheets or "")
        if self.sheet is not None and self.sheets is not None:
            raise ValueError("sheet names one and sheets several; give one of them")
        return self


SHEET_FORMATS = ("xls", "xlsx", "ods")
TEXT_FORMATS = ("csv", "json", "json_stat", "html")
APPLIES_TO: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "delimiter", "lineTerminator", "quoteChar", "escapeChar", "commentChar", "skipInitialSpace",
            "trailingDelimiter",
        ),
        ("csv",),
    ),
    **dict.fromkeys(("header", "headerSearchRows"), ("csv", *SHEET_FORMATS, "html")),
    **dict.fromkeys(("sheet", "sheets"), SHEET_FORMATS),
    "records": ("json",),
    "table": ("html",),
    "tags": ("html",),
}  # fmt: skip


class Schema(Strict):
    """Fields and key, as in Table Schema."""

    fields: Annotated[list[SourceField], Field(min_length=1)]
    primaryKey: list[str] = []


class Person(Strict):
    """A producer entry of Data Package: `title` and a page."""

    title: str
    path: str | None = None


class Licence(Person):
    """A licence entry of Data Package, and whether it lets us hand the rows on as open data (exports/licences.py)."""

    redistribution: Literal["allowed", "synthetic_rows", "not_stated", "forbidden"] = "not_stated"

    @model_validator(mode="after")
    def _can_be_read(self) -> Licence:
        if self.redistribution in ("allowed", "synthetic_rows") and not self.path:
            raise ValueError(
                "licenses.path is missing: rows that are handed on need a page with the licence's terms"
            )
        return self


class ScopePart(Strict):
    """One part of what a delivery replaces: a field, or the year of a date field."""

    field: str
    by: Literal["value", "year"] = "value"


class Revision(Strict):
    """How deliveries follow each other: a `replace` ends what is missing in its scope; an `append` ends nothing
    but earlier versions of its own keys."""

    mode: Literal["replace", "append"] = "replace"
    scope: list[ScopePart] = []


class KnownAt(Strict):
    """Where a delivery's date of knowledge comes from."""

    from_: Annotated[Literal["column", "file_name", "sidecar", "constant", "arrival"], Field(alias="from")]
    column: str | None = None
    pattern: str | None = None  # one group: an ISO date
    constant: str | None = None
    order: str | None = (
        None  # with arrival: of files that arrive together, the one that reaches further in this field is later
    )

    @model_validator(mode="after")
    def _needs(self) -> KnownAt:
        needed = {"column": "column", "file_name": "pattern", "constant": "constant"}.get(self.from_)
        for key in ("column", "pattern", "constant"):
            if (getattr(self, key) is not None) != (key == needed):
                verb = "needs" if key == needed else "does not take"
                raise ValueError(f"known_at from {self.from_} {verb} the key '{key}'")
        if self.order is not None and self.from_ != "arrival":
            raise ValueError(f"known_at from {self.from_} does not take the key 'order'")
        if self.pattern is not None and check_expression(self.pattern) != 1:
            raise ValueError(f"known_at.pattern '{self.pattern}' must hold one group, the date")
        if self.constant is not None:
            try:
                date.fromisoformat(self.constant)
            except ValueError as error:
                raise ValueError(
                    f"known_at.constant '{self.constant}' is not a date; write YYYY-MM-DD"
                ) from error
        return self


class Fetch(Strict):
    """Where the file is fetched from, in a run that was asked to fetch."""

    url: str
    file_name: str | None = None  # what to call the file; the last part of the address when absent
    member: str | None = None  # the address holds a zip file, and the file is the one member matching this
    max_bytes: Annotated[int, Field(ge=1)] = 200_000_000  # of the file, unpacked from its transport
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 300  # for all tries together

    @model_validator(mode="after")
    def _is_https(self) -> Fetch:
        parts = urlsplit(self.url)
        if parts.username or parts.password:
            raise ValueError("fetch.url carries a user name or password; a contract is no place for one")
        if parts.scheme != "https" or not parts.hostname:
            raise ValueError(f"the address '{self.url}' must begin with https:// and name a host")
        if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", self.name):
            raise ValueError(
                f"'{self.name}' cannot name the fetched file; give a plain name as fetch.file_name"
            )
        return self

    @property
    def name(self) -> str:
        """What the fetched file is called."""
        return self.file_name or PurePosixPath(urlsplit(self.url).path).name


class Synthetic(Strict):
    """Which rows are synthetic: none (the default), or those where a boolean column says so."""

    column: str | None = None


class Periods(Strict):
    """The periods a delivery covers, and how far it may depart from what stands for them."""

    field: str  # the date or year that tells a row's period
    step: Literal["day", "week", "month", "quarter", "half_year", "year"]
    # Periods it may leave out though what stands has them or goes on without a hole.
    gaps: Annotated[int, Field(ge=0)] = 0
    closed_after_days: Annotated[int, Field(ge=0)] = 0  # a period is closed once it has been over for so long
    # Share of the rows of closed periods that may differ.
    changed: Annotated[float, Field(ge=0, le=1)] | None = None


class Tolerance(Strict):
    """How far a delivery may differ from what it replaces before it is refused. Shares are 0 to 1. To let a rightly
    different delivery through, widen what refuses it and say why in `reason`."""

    rows: Annotated[float, Field(ge=0)] | None = None  # relative change of the row count within the scope
    size: Annotated[float, Field(ge=0)] | None = None  # relative change of the file size
    quarantined: Annotated[float, Field(ge=0, le=1)] = 0.1  # share of a file's rows that may be quarantined
    vanished: list[str] = []  # optional columns that a file may lack though what it replaces filled them
    periods: Periods | None = None
    reason: Annotated[str, Field(min_length=1)]


class DropRule(Strict):
    """Rows left out by name: `exact_duplicates`, or those whose `field` matches `pattern`."""

    rule: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    reason: str
    field: str | None = None
    pattern: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> DropRule:
        if self.rule == EXACT_DUPLICATES:
            if self.field or self.pattern:
                raise ValueError("the drop rule exact_duplicates takes neither field nor pattern")
        elif not (self.field and self.pattern):
            raise ValueError(f"the drop rule {self.rule} needs field and pattern")
        check_expression(self.pattern or "")
        return self
