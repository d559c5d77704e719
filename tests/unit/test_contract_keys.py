"""Every key of a contract is executed: each has a case here that shows what changes with it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import duckdb
import making
import pytest
import yaml
from format_keys import FORMAT_KEYS, seen
from making import History
from pydantic import BaseModel
from tls_server import Answer, Authority, answer, serving, stalled

from orchestration import meta
from orchestration.baseline import DDL as BASELINE_DDL
from orchestration.contract import Contract
from orchestration.errors import DeliveryRefused
from orchestration.exports.licences import Rule
from orchestration.fetch import fetch
from orchestration.gates import RESULTS_DDL
from orchestration.generate import dbt_sources
from orchestration.inspection import list_sources
from orchestration.intake import take_in
from orchestration.personal import HASHED
from orchestration.status import read_status

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
Case = Callable[[Path], None]
CASES: dict[str, Case] = {}  # dotted key → what shows that it is executed
NEW = "something else"
PAIR = [making.field("id"), making.field("note")]
LINE = "a,2024-01-05,1"


def keys_of(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Dotted names of every leaf key of a model, as they are written in YAML."""
    for name, info in model.model_fields.items():
        path = f"{prefix}{info.alias or name}"
        parts = list(models_in(info.annotation))
        for part in parts:
            yield from keys_of(part, f"{path}.")
        if not parts:
            yield path


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)


def case(*keys: str) -> Callable[[Case], Case]:
    def register(function: Case) -> Case:
        CASES.update(dict.fromkeys(keys, function))
        return function

    return register


def test_every_key_of_the_contract_has_a_case() -> None:
    assert set(CASES) == set(keys_of(Contract))


# Observers: what somebody outside sees of a contract.


def outcome(folder: Path, content: str | bytes, contract: Contract) -> Any:
    """The accepted rows, why others were not, what was dropped; or the refusal."""
    try:
        parsed = making.read(folder, content, contract)
    except DeliveryRefused as error:
        return str(error)
    return (
        making.rows(parsed),
        parsed.rejects["reason"].to_list(),
        parsed.drops,
        set(parsed.frame["_is_synthetic"]),
    )


def published(folder: Path, contract: Contract) -> dict[str, Any]:
    """The `meta` tables of a build of one source with one delivery."""
    path, folder = folder / "build.duckdb", folder / "history"
    history = History(folder, contract)
    path.parent.mkdir(parents=True, exist_ok=True)
    history.con = duckdb.connect(str(path))
    history.told("2024-01-01", making.HEADER + LINE + "\n" + LINE + "\n")
    history.con.execute(RESULTS_DDL + BASELINE_DDL)
    history.con.close()
    with duckdb.connect() as con:
        con.execute(f"attach ':memory:' as candidate; attach '{path}' as build (read_only)")
        facts = meta.Facts("1", making.NOON, None, "code")
        meta.write(con, facts, {contract.name: contract}, [], None)
        tables = ("sources", "drops", "columns", "control_totals", "snapshots")
        return {t: con.execute(f"select * from candidate.meta.{t} order by all").fetchall() for t in tables}


def listed(folder: Path, **keys: Any) -> dict[str, Any]:
    """The line of `beslag sources` and the freshness in `beslag status`."""
    settings = making.home(folder)
    other = folder / f"contracts{len(list(folder.iterdir()))}"
    making.written(other / "feed.yml", yaml.safe_dump(making.changed(**keys)))
    settings = type(settings)(home=folder, contracts_dir=other, now=making.NOON)
    return list_sources(settings)[0] | {"is_stale": read_status(settings).freshness[0].is_stale}


def dbt(**keys: Any) -> str:
    return dbt_sources({"feed": making.feed(**keys)})


# Cases, in the order of the model.


@case("name")
def _(folder: Path) -> None:
    history = History(folder, making.feed(name="another"))
    history.fold()
    assert history.sql("select table_name from duckdb_tables() where schema_name = 'raw'") == [("another",)]


@case("title", "description", "grain")
def _(folder: Path) -> None:
    for key in ("title", "description", "grain"):
        assert NEW in dbt(**{key: NEW}) and NEW not in dbt()


@case("row_unit", "cadence", "disclosure")
def _(folder: Path) -> None:
    before = published(folder / "a", making.feed())
    for key, value in {"row_unit": "exhibit", "cadence": "daily", "disclosure": "restricted"}.items():
        after = published(folder / key, making.feed(**{key: value}))
        assert value in after["sources"][0] and value not in before["sources"][0]
    assert before["control_totals"] and not after["control_totals"]  # sums of restricted sources stay inside


@case("sources.title", "licenses.title")
def _(folder: Path) -> None:
    for key, column in {"sources": "producer", "licenses": "licence"}.items():
        assert listed(folder, **{key: [{"title": NEW}]})[column] == NEW != listed(folder)[column]


@case("sources.path", "licenses.path")
def _(folder: Path) -> None:
    for key in ("sources", "licenses"):
        assert "<https://example.org>" in dbt(**{key: [{"title": "x", "path": "https://example.org"}]})


@case("licenses.redistribution")
def _(folder: Path) -> None:
    def leaves(**licence: Any) -> bool:
        contract = making.feed(licenses=[{"title": "x", "path": "https://example.org", **licence}])
        return Rule({"feed": contract}, [("feed", False)]).refuses(("feed", False)) is None

    assert leaves(redistribution="allowed") and not leaves()


def delivered(folder: Path, days_ago: int, **keys: Any) -> bool:
    """Whether a source is stale whose one delivery arrived so many days ago."""
    from datetime import timedelta

    settings = making.home(folder, making.NOON - timedelta(days=days_ago))
    making.written(settings.inbox / "feed" / "a.csv", making.HEADER + LINE)
    take_in(making.feed(), settings)
    return bool(listed(folder, **keys)["is_stale"])


@case("freshness_days")
def _(folder: Path) -> None:
    assert [delivered(folder, 30, freshness_days=days) for days in (29, 30)] == [True, False]


@case("optional")
def _(folder: Path) -> None:
    assert listed(folder)["is_stale"] and not listed(folder, optional=True)["is_stale"]


@case("curated", "path")
def _(folder: Path) -> None:
    settings = making.home(folder)
    making.written(settings.inbox / "feed" / "a.txt", making.HEADER)
    assert take_in(making.feed(path="*.txt"), settings).new
    assert take_in(making.feed(), settings).refused
    assert not take_in(making.feed(curated=True), settings).present


@case("fetch.url", "fetch.file_name", "fetch.member", "fetch.max_bytes", "fetch.timeout_seconds")
def _(folder: Path) -> None:
    authority, file, memory = Authority(folder), making.HEADER + LINE + "\n", io.BytesIO()
    whole = answer(file.encode())
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("feed.csv", file)

    def fetched(said: Answer = whole, path: str = "/a.csv", **keys: Any) -> tuple[Any, ...]:
        settings = making.home(folder / f"home{len(list(folder.iterdir()))}")
        with serving(authority.certificate(), said) as server, pytest.MonkeyPatch.context() as patch:
            patch.setenv("SSL_CERT_FILE", str(authority.file))
            outcome = fetch(making.feed(fetch={"url": server.url(path), **keys}), settings)
        names = sorted(p.name for p in settings.fetched_of("feed").iterdir() if p.suffix == ".csv")
        return names, outcome.passing, server.asked[0].split()[1]

    assert fetched() == (["a.csv"], False, "/a.csv")
    assert fetched(path="/b.csv") == (["b.csv"], False, "/b.csv")
    assert fetched(file_name="c.csv") == (["c.csv"], False, "/a.csv")
    assert fetched(max_bytes=9) == ([], False, "/a.csv")
    assert fetched(stalled(b""), timeout_seconds=0.2) == ([], True, "/a.csv")
    assert fetched(answer(memory.getvalue())) == ([], False, "/a.csv")
    assert fetched(answer(memory.getvalue()), member="feed.csv") == (["a.csv"], False, "/a.csv")


@case("format")
def _(folder: Path) -> None:
    book = making.workbook([["id", "note"], ["a", "b"]])
    assert outcome(folder, book, making.feed(fields=PAIR, format="xlsx"))[0] == [("a", "b")]
    assert "not csv" in outcome(folder, book, making.feed(fields=PAIR))


def differs(folder: Path, content: str | bytes, before: Contract, after: Contract, rows: list[Any]) -> None:
    """Reading the same bytes gives these rows with the key, and something else without it."""
    assert outcome(folder, content, after)[0] == rows
    assert outcome(folder, content, before)[0] != rows


READING: dict[str, tuple[str | bytes, dict[str, Any], list[Any]]] = {
    "encoding": ("id,note\nå,b\n".encode("latin-1"), {"encoding": "latin-1"}, [("å", "b")]),
    "otherEncodings": ("id,note\nå,b\n".encode("latin-1"), {"otherEncodings": ["latin-1"]}, [("å", "b")]),
    "dialect.delimiter": ("id;note\na;b\n", {"dialect": {"delimiter": ";"}}, [("a", "b")]),
    "dialect.lineTerminator": ("id,note\ra,b\r", {"dialect": {"lineTerminator": "\r"}}, [("a", "b")]),
    "dialect.quoteChar": ("id,note\n'a,',b\n", {"dialect": {"quoteChar": "'"}}, [("a,", "b")]),
    "dialect.trailingDelimiter": ("id,note,\na,b,\n", {"dialect": {"trailingDelimiter": True}}, [("a", "b")]),
    "dialect.headerSearchRows": ("T,\nid,note\na,b\n", {"dialect": {"headerSearchRows": 2}}, [("a", "b")]),
    "missingValues": ("id,note\na,-\n", {"missingValues": ["-"]}, [("a", None)]),
}


@case(*READING)
def _(folder: Path) -> None:
    for content, keys, rows in READING.values():
        differs(folder, content, making.feed(fields=PAIR), making.feed(fields=PAIR, **keys), rows)


@case("dialect.sheet")
def _(folder: Path) -> None:
    book = making.workbook([["id", "note"], ["a", "b"]], sheet="Data")
    for sheet, rows in {"Data": [("a", "b")], "Tall": None}.items():
        found = outcome(folder, book, making.feed(fields=PAIR, format="xlsx", dialect={"sheet": sheet}))
        assert (found[0] == rows) if rows else "no sheet 'Tall'" in found


@case("decimalChar", "groupChar")
def _(folder: Path) -> None:
    fields = [making.field("x", type="number"), making.field("id")]
    content = "x;id\n1.000,5;a\n"
    keys: dict[str, Any] = {"fields": fields, "dialect": {"delimiter": ";"}}
    whole = making.feed(decimalChar=",", groupChar=".", **keys)
    assert making.read(folder, content, whole).rows_loaded == 1
    assert making.read(folder, content, making.feed(decimalChar=",", **keys)).rows_loaded == 0
    assert making.read(folder, content, making.feed(groupChar=",", **keys)).rows_loaded == 0


@case("known_at.order")
def _(folder: Path) -> None:
    def told(name: str, **rule: str) -> list[str]:
        settings = making.home(folder / name)
        for file in ("old.csv", "new.csv"):
            day = "2022-03-01" if file == "old.csv" else "2024-03-01"
            making.written(settings.inbox / "feed" / file, f"{making.HEADER}a,{day},{len(name)}\n")
        contract = making.feed(known_at={"from": "arrival", **rule})
        return [d.file_name for d in sorted(take_in(contract, settings).new, key=lambda d: d.known_at)]

    # Without it files of one run are known at once, whatever their names (and follow each other by their hash).
    assert told("without") == ["new.csv", "old.csv"]
    assert told("with it", order="day") == ["old.csv", "new.csv"]


@case("known_at.from", "known_at.column", "known_at.pattern", "known_at.constant")
def _(folder: Path) -> None:
    rules: list[dict[str, str]] = [
        {"from": "arrival"},
        {"from": "column", "column": "day"},
        {"from": "column", "column": "other"},
        {"from": "file_name", "pattern": r"^(\d{4}-\d{2}-\d{2})"},
        {"from": "file_name", "pattern": r"(\d{4}-\d{2}-\d{2})\."},
        {"from": "constant", "constant": "2020-01-01"},
        {"from": "constant", "constant": "2020-01-02"},
    ]
    dates = [making.field("day", type="date"), making.field("other", type="date")]
    known = []
    for number, rule in enumerate(rules):
        settings = making.home(folder / str(number))
        making.written(
            settings.inbox / "feed" / "2021-01-01_2021-01-02.csv", "day,other\n2022-01-01,2022-01-02\n"
        )
        known += [d.known_at for d in take_in(making.feed(known_at=rule, fields=dates), settings).new]
    assert len(set(known)) == len(rules)


@case("revision.mode", "revision.scope.field", "revision.scope.by")
def _(folder: Path) -> None:
    revisions: dict[str, tuple[dict[str, Any], int]] = {
        "replace": ({"mode": "replace"}, 2),
        "append": ({"mode": "append"}, 0),
        "id": ({"scope": [{"field": "id"}]}, 1),
        "day": ({"scope": [{"field": "day"}]}, 0),
        "year": ({"scope": [{"field": "day", "by": "year"}]}, 1),
    }
    for name, (revision, ended) in revisions.items():
        history = History(folder / name, making.feed(revision=revision))
        history.told("2024-01-01", making.HEADER + "a,2023-01-05,1\nb,2024-01-05,1\n")
        assert history.told("2024-02-01", making.HEADER + "a,2024-01-06,1\n").ended == ended, name


@case("synthetic.column")
def _(folder: Path) -> None:
    fields = [making.field("id"), making.field("made", type="boolean")]
    for keys, marks in (({}, {False}), ({"synthetic": {"column": "made"}}, {True})):
        assert outcome(folder, "id,made\na,true\n", making.feed(fields=fields, **keys))[3] == marks


@case("tolerance.rows", "tolerance.size", "tolerance.quarantined", "tolerance.reason")
def _(folder: Path) -> None:
    for key, second in (("rows", LINE), ("size", LINE + " " * 200), ("quarantined", "b,x,1")):
        for limit, refused in ((0.1, 1), (1.0 if key == "quarantined" else 9.0, 0)):
            allowed = {"quarantined": 1.0, "reason": NEW} | {key: limit}
            history = History(folder / f"{key}{limit}", making.feed(tolerance=allowed))
            history.told("2024-01-01", making.HEADER + LINE + "\n" + LINE + "\n")
            report = history.told("2024-02-01", making.HEADER + second + "\n")
            assert len(report.refused) == refused, (key, limit)
            if refused and key != "quarantined":
                assert NEW in report.refused[0]


@case("tolerance.vanished")
def _(folder: Path) -> None:
    fields = [making.field("id"), making.field("note", optional=True)]
    for names, refused in (([], 1), (["note"], 0)):
        history = History(
            folder / str(refused), making.feed(fields=fields, tolerance={"reason": NEW, "vanished": names})
        )
        history.told("2024-01-01", "id,note\na,b\n")
        assert len(history.told("2024-02-01", "id\na\n").refused) == refused


@case(
    "tolerance.periods.field", "tolerance.periods.step", "tolerance.periods.gaps", "tolerance.periods.closed_after_days",
    "tolerance.periods.changed",
)  # fmt: skip
def _(folder: Path) -> None:
    fields = [making.field("day", type="date"), making.field("seen", type="date")]
    first, hole = (
        "day,seen\n2024-01-05,2024-01-05\n2024-02-05,2024-01-05\n2024-03-05,2024-01-05\n",
        "2024-02-05,2024-01-05\n",
    )
    other = first.replace("01-05,2024-01-05", "01-06,2024-01-05")
    rule = {"field": "day", "step": "month", "closed_after_days": 90, "changed": 0.0}
    for second, keys, refused in (
        (first.replace(hole, ""), {}, 1),
        (first.replace(hole, ""), {"field": "seen", "changed": 1.0}, 0),
        (first.replace(hole, ""), {"step": "year", "changed": 1.0}, 0),
        (first.replace(hole, ""), {"gaps": 1, "changed": 1.0}, 0),
        (other, {}, 1),
        (other, {"closed_after_days": 900}, 0),
        (other, {"changed": 0.5}, 0),
    ):
        tolerance = {"reason": NEW, "periods": rule | keys}
        history = History(
            folder / f"{second == other}{keys}", making.feed(fields=fields, tolerance=tolerance)
        )
        history.told("2024-04-01", first)
        assert len(history.told("2025-01-01", second).refused) == refused, keys


@case("drop.rule", "drop.field", "drop.pattern", "drop.reason")
def _(folder: Path) -> None:
    def dropped(**rule: str) -> Any:
        return making.read(
            folder, "id,note\na,b\nc,d\n", making.feed(fields=PAIR, drop=[{"reason": "r"} | rule])
        ).drops

    assert dropped(rule="one", field="id", pattern="a") == {"one": 1}
    assert dropped(rule="other", field="id", pattern=".") == {"other": 2}
    assert dropped(rule="one", field="note", pattern="a") == {"one": 0}
    twice = making.feed(drop=[{"rule": "exact_duplicates", "reason": NEW}])
    assert [row[2:] for row in published(folder, twice)["drops"]] == [("exact_duplicates", NEW, 1)]


@case("schema.primaryKey")
def _(folder: Path) -> None:
    assert outcome(folder, "id,note\na,1\na,2\n", making.feed(fields=PAIR))[1] == []
    keyed = making.feed(fields=PAIR, primaryKey=["id"])
    assert outcome(folder, "id,note\na,1\na,2\n", keyed)[1] == ["duplicate_key"] * 2


@case("schema.fields.name", "schema.fields.description", "schema.fields.unit", "schema.fields.type")
def _(folder: Path) -> None:
    assert making.feed(fields=[making.field("id", type="year")]).raw_columns() == [("id", "INTEGER")]
    assert making.feed(fields=[making.field("number")]).raw_columns() == [("number", "VARCHAR")]
    for key in ("description", "unit"):
        assert NEW in dbt(fields=[making.field("id") | {key: NEW}]) and NEW not in dbt()
        fields = [f | {key: NEW} for f in making.FEED["schema"]["fields"]]
        assert NEW in str(published(folder / key, making.feed(fields=fields))["columns"])


@case("schema.fields.title", "schema.fields.aliases", "schema.fields.optional")
def _(folder: Path) -> None:
    for keys, header in (
        ({"title": "Sak"}, "Sak"),
        ({"aliases": ["Sak"]}, "Sak"),
        ({"optional": True}, None),
    ):
        content = f"id,{header}\na,b\n" if header else "id\na\n"
        rows = [("a", "b" if header else None)]
        differs(
            folder, content, making.feed(fields=PAIR), making.feed(fields=[PAIR[0], PAIR[1] | keys]), rows
        )


@case("schema.fields.format")
def _(folder: Path) -> None:
    def typed(*formats: str) -> Any:
        fields = [making.field("day", type="date", format=list(formats)), making.field("id")]
        return outcome(folder, "day,id\n05.01.2024,a\n", making.feed(fields=fields))[1]

    assert typed("%d.%m.%Y") == [] and typed() == typed("%Y-%m-%d") == ["not_a_date"]


@case("schema.fields.extract")
def _(folder: Path) -> None:
    extracting = making.feed(fields=[PAIR[0], making.field("note", extract=r"(\w+) \(2\)")])
    differs(folder, "id,note\na,Oslo (2)\n", making.feed(fields=PAIR), extracting, [("a", "Oslo")])


@case("schema.fields.personal")
def _(folder: Path) -> None:
    rows = {}
    for personal in (None, "hash", "drop"):
        fields = [making.field("id"), making.field("note", personal=personal)]
        rows[personal] = making.rows(making.read(folder, "id,note\na,b\n", making.feed(fields=fields)))[0]
    assert rows[None] == ("a", "b") and rows["drop"] == ("a",)
    assert len(rows["hash"]) == 2 and rows["hash"][1] >= HASHED


CONSTRAINTS: dict[str, tuple[str, Any, str]] = {
    "required": ("", True, "missing_required"),
    "minimum": ("4", 5, "below_minimum"),
    "maximum": ("6", 5, "above_maximum"),
    "pattern": ("4", "^5$", "pattern_mismatch"),
    "enum": ("4", ["5"], "not_in_list"),
}


@case(*(f"schema.fields.constraints.{name}" for name in CONSTRAINTS))
def _(folder: Path) -> None:
    for name, (cell, limit, reason) in CONSTRAINTS.items():
        for constraints, reasons in (({}, []), ({name: limit}, [reason])):
            fields = [making.field("x", type="integer", constraints=constraints), making.field("id")]
            assert outcome(folder, f"x,id\n{cell},a\n", making.feed(fields=fields))[1] == reasons


@case(*FORMAT_KEYS)
def _(folder: Path) -> None:
    for key, shown in FORMAT_KEYS.items():
        assert seen(folder, shown, shown.without) != (found := seen(folder, shown, shown.with_it)), key
        assert not isinstance(found, str), (key, found)


BY_CASE = {function: [k for k, f in CASES.items() if f is function] for function in CASES.values()}


@pytest.mark.parametrize("function", BY_CASE, ids=["+".join(keys) for keys in BY_CASE.values()])
def test_changing_the_key_changes_what_happens(function: Case, tmp_path: Path) -> None:
    function(tmp_path)
