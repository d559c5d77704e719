"""A contract is read whole or refused with a sentence that names file and key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import making
import pytest
import yaml

from orchestration.contract import DUCKDB_TYPES, load_contract, load_contracts
from orchestration.errors import ContractError
from orchestration.generate import dbt_sources
from orchestration.settings import PROJECT


def refusal(folder: Path, data: dict[str, Any] | str, name: str = "feed") -> str:
    text = data if isinstance(data, str) else yaml.safe_dump(data, sort_keys=False)
    with pytest.raises(ContractError) as error:
        load_contract(making.written(folder / f"{name}.yml", text))
    assert f"{name}.yml" in str(error.value)
    return str(error.value)


def without(key: str) -> dict[str, Any]:
    return {k: v for k, v in making.FEED.items() if k != key}


def with_field(**keys: Any) -> dict[str, Any]:
    return making.changed(fields=[making.field("id", **keys)])


def test_the_small_contract_of_these_tests_is_accepted(tmp_path: Path) -> None:
    path = making.written(tmp_path / "feed.yml", yaml.safe_dump(making.FEED))
    assert load_contract(path) == making.feed()


@pytest.mark.parametrize("key", [k for k in making.FEED])
def test_a_missing_key_is_named(tmp_path: Path, key: str) -> None:
    assert f"the key '{key}' is missing" in refusal(tmp_path, without(key))


UNKNOWN = {
    "licence": making.changed(licence="CC0"),
    "schema_": without("schema") | {"schema_": making.FEED["schema"]},
    "schema.fields.0.nullable": with_field(nullable=True),
    "schema.fields.0.constraints.unique": with_field(constraints={"unique": True}),
    "schema.foreignKeys": making.changed(schema={**making.FEED["schema"], "foreignKeys": []}),
    "dialect.nullSequence": making.changed(dialect={"nullSequence": "-"}),
    "known_at.from_": making.changed(known_at={"from_": "arrival"}),
    "revision.window": making.changed(revision={"mode": "replace", "window": 1}),
    "tolerance.row": making.changed(tolerance={"row": 1.0, "reason": "none"}),
    "sources.0.email": making.changed(sources=[{"title": "x", "email": "y"}]),
}


@pytest.mark.parametrize("key", UNKNOWN)
def test_an_unknown_key_is_named(tmp_path: Path, key: str) -> None:
    assert f"the key '{key}' is unknown" in refusal(tmp_path, UNKNOWN[key])


WRONG = {
    "title": making.changed(title=7),
    "freshness_days": making.changed(freshness_days="400"),
    "row_unit": making.changed(row_unit="case"),
    "optional": making.changed(optional="yes"),
    "missingValues.0": making.changed(missingValues=[0]),
    "sources": making.changed(sources=[]),
    "schema.fields": making.changed(fields=[]),
    "schema.fields.0.name": making.changed(fields=[making.field("Mass (g)")]),
    "schema.fields.0.type": with_field(type="text"),
    "schema.fields.0.constraints.enum.0": with_field(constraints={"enum": [False]}),  # what YAML makes of NO
    "known_at.constant": making.changed(known_at={"from": "constant", "constant": 2024}),
    "dialect.delimiter": making.changed(dialect={"delimiter": ";;"}),
    "dialect.quoteChar": making.changed(dialect={"quoteChar": "''"}),
    "tolerance.quarantined": making.changed(tolerance={"quarantined": 2.0, "reason": "none"}),
}


@pytest.mark.parametrize("key", WRONG)
def test_a_value_of_the_wrong_type_names_its_key(tmp_path: Path, key: str) -> None:
    assert f"the key '{key}' is wrong" in refusal(tmp_path, WRONG[key])


def test_a_key_named_twice_is_named_with_its_line(tmp_path: Path) -> None:
    text = yaml.safe_dump(making.FEED, sort_keys=False)
    assert "line 2: the key 'name' is named twice" in refusal(tmp_path, "name: feed\n" + text)
    nested = text.replace("tolerance:\n", "tolerance:\n  reason: another\n")
    assert "the key 'reason' is named twice" in refusal(tmp_path, nested)


def test_the_name_is_the_name_of_the_file(tmp_path: Path) -> None:
    assert "the key 'name' is 'feed'; it must be 'feeds'" in refusal(tmp_path, making.FEED, "feeds")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("name: [", "not valid YAML"),
        ("", "the contract"),
        ("- a list", "the contract"),
        (b"name: f\xf8", "not UTF-8"),
    ],
)
def test_what_is_no_contract_at_all_is_said_so(tmp_path: Path, content: str | bytes, says: str) -> None:
    path = making.written(tmp_path / "feed.yml", content)
    with pytest.raises(ContractError, match=says) as error:
        load_contract(path)
    assert "feed.yml" in str(error.value)


def test_an_empty_folder_of_contracts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="No contract found"):
        load_contracts(tmp_path)


SENSELESS = {
    "names mass, which schema.fields does not declare": making.changed(primaryKey=["mass"]),
    "revision.scope names year": making.changed(revision={"scope": [{"field": "year"}]}),
    "synthetic.column id must be a boolean": making.changed(synthetic={"column": "id"}),
    "known_at.column id must be a date": making.changed(known_at={"from": "column", "column": "id"}),
    "revision.scope takes the year of mass_g": making.changed(revision={"scope": [{"field": "mass_g", "by": "year"}]}),
    "primaryKey names id, which is dropped on load": making.changed(
        fields=[making.field("id", personal="drop")], primaryKey=["id"]
    ),
    "schema.fields names id twice": making.changed(fields=[making.field("id"), making.field("id")]),
    "the header id stands for two": making.changed(fields=[making.field("id"), making.field("key", title="ID")]),
    "the name 'line' is taken": making.changed(fields=[making.field("line")]),
    "drop names the rule totals twice": making.changed(
        drop=[{"rule": "totals", "reason": "r", "field": "id", "pattern": p} for p in "ab"]
    ),
    "needs field and pattern": making.changed(drop=[{"rule": "totals", "reason": "r"}]),
    "takes neither field nor pattern": making.changed(drop=[{"rule": "exact_duplicates", "reason": "r", "field": "id"}]),
    "known_at from file_name needs the key 'pattern'": making.changed(known_at={"from": "file_name"}),
    "known_at from arrival does not take the key 'column'": making.changed(known_at={"from": "arrival", "column": "id"}),
    "constant '1 May' is not a date": making.changed(known_at={"from": "constant", "constant": "1 May"}),
    "must hold one group": making.changed(known_at={"from": "file_name", "pattern": "x"}),
    "must hold one group, the value of id": with_field(extract="x"),
    "encoding 'latin-77' is unknown": making.changed(encoding="latin-77"),
    "known_at.order id must be a date or year field": making.changed(known_at={"from": "arrival", "order": "id"}),
    "known_at from constant does not take the key 'order'": making.changed(
        known_at={"from": "constant", "constant": "2024-01-01", "order": "day"}
    ),
    "encoding 'latin-78' is unknown": making.changed(otherEncodings=["latin-78"]),
    "otherEncodings means nothing for the format xlsx": making.changed(format="xlsx", otherEncodings=["utf-16"]),
    "decimalChar and groupChar are both ','": making.changed(decimalChar=",", groupChar=","),
    "'[a' is not a regular expression": with_field(constraints={"pattern": "[a"}),
    "'(' is not a regular expression": making.changed(drop=[{"rule": "r", "reason": "r", "field": "id", "pattern": "("}]),
    "minimum and maximum need a number": with_field(constraints={"minimum": 1}),
    "format needs a date": with_field(format=["%Y"]),
    "personal: hash needs text": with_field(type="integer", personal="hash"),
}  # fmt: skip


@pytest.mark.parametrize("says", SENSELESS)
def test_what_could_not_be_executed_is_refused(tmp_path: Path, says: str) -> None:
    assert says in refusal(tmp_path, SENSELESS[says])


def test_the_raw_columns_follow_from_the_contract() -> None:
    kinds = [making.field(f"a_{kind}", type=kind) for kind in DUCKDB_TYPES]
    contract = making.feed(fields=[*kinds, making.field("remarks", personal="drop")])
    assert contract.raw_columns() == [(f"a_{kind}", duckdb) for kind, duckdb in DUCKDB_TYPES.items()]


def test_every_shipped_contract_is_accepted() -> None:
    contracts = load_contracts(PROJECT / "sources")
    assert set(contracts) == {path.stem for path in (PROJECT / "sources").glob("*.yml")}


def test_the_dbt_sources_are_as_the_contracts_say() -> None:
    path = PROJECT / "dbt_project" / "models" / "staging" / "sources.yml"
    assert path.read_text("utf-8") == dbt_sources(load_contracts(PROJECT / "sources")), "run `make generate`"
