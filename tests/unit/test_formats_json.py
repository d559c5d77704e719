"""JSON and JSON-stat are read as records, numbers as the text that stands there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import making
import pytest
from formats import contract, records, refusal
from hypothesis import given
from hypothesis import strategies as st

# --- JSON

PRICES = '{"meta": {"unit": "USD"}, "data": [{"records": [%s]}]}'


def test_json_records_stand_at_a_dotted_path_and_keys_nest(tmp_path: Path) -> None:
    fields = [
        making.field("id"),
        making.field("price", title="price.value"),
        making.field("tags", optional=True),
    ]
    by = contract("json", fields=fields, dialect={"records": "data.0.records"})
    text = (
        PRICES
        % '{"id": "å", "price": {"value": 0.10}}, {"id": true, "tags": ["x", "ø"], "price": {"value": null}}'
    )
    assert records(tmp_path, text, by) == [(1, "å", "0.10", None), (2, "true", None, '["x", "ø"]')]


@given(number=st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True))
def test_json_numbers_are_the_text_that_stands_there(
    tmp_path_factory: pytest.TempPathFactory, number: str
) -> None:
    text = f'[{{"id": {number}, "note": null}}]'
    assert records(tmp_path_factory.getbasetemp(), text, contract("json")) == [(1, number, None)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[{"id": 1, "note": 2}', "line 1, column 22 is not JSON"),
        ("{}", "no list of records at ''"),
        ("[]", "no list of records"),
        ("null", "no list of records"),
        ('[{"id": 1, "id": 2, "note": 3}]', "names the key 'id' twice"),
        ('[{"id": 1, "ID": 2, "note": 3}]', "'ID' stands in the header twice"),
        ("[" * 200_000, "nest too deeply"),
        ('[{"id": "a\\u0000b", "note": 1}]', "line 1 holds a NUL character"),
        (b'[{"id": "\xe5", "note": 1}]', "line 1 is not utf-8"),
    ],
)
def test_json_that_cannot_be_read_is_refused(tmp_path: Path, text: str | bytes, says: str) -> None:
    assert says in refusal(tmp_path, text, contract("json"))


def test_a_json_record_that_is_no_object_has_no_cells(tmp_path: Path) -> None:
    text = '[{"id": "a", "note": 1}, 7, ["b", 2], {"id": "c"}]'
    found = making.read(tmp_path, text, contract("json"))
    assert making.rows(found) == [("a", "1"), ("c", None)] and found.rows_quarantined == 2
    assert making.rejected(found)[0] == (2, "", "0 cells instead of 2", "wrong_number_of_cells")


# --- JSON-stat: the same cube in both versions, as PxWeb writes it

DRUG = {
    "label": "drug",
    "category": {"index": {"COC": 0, "HER": 1}, "label": {"COC": "Cocaine", "HER": "Heroin"}},
}
YEAR = {"label": "year", "category": {"index": ["2022", "2023"]}}
UNIT = {"label": "unit", "category": {"label": {"KG": "Kilograms"}}}
CUBE = {"value": [1.50, None, 3, 4], "status": {"1": ".."}}
V2 = {
    "version": "2.0", "class": "dataset", "label": "Seizures", "id": ["drug", "unit", "year"], "size": [2, 1, 2],
    "dimension": {"drug": DRUG, "unit": UNIT, "year": YEAR}, "role": {"time": ["year"]},
}  # fmt: skip
V1 = {"dimension": {**V2["dimension"], "id": V2["id"], "size": V2["size"], "role": V2["role"]}}  # type: ignore[dict-item]
CELLS = [
    making.field(name) for name in ("drug", "drug_label", "unit", "unit_label", "year", "value", "status")
]
EXPECTED = [
    (1, "COC", "Cocaine", "KG", "Kilograms", "2022", "1.5", None),
    (2, "COC", "Cocaine", "KG", "Kilograms", "2023", None, ".."),
    (3, "HER", "Heroin", "KG", "Kilograms", "2022", "3", None),
    (4, "HER", "Heroin", "KG", "Kilograms", "2023", "4", None),
]


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(
    "cube",
    [
        CUBE,
        {"value": {"0": 1.5, "2": 3, "3": 4}, "status": {"1": ".."}},
        {"value": [1.5, None, 3, 4], "status": [None, "..", None, None]},
    ],
    ids=["full", "sparse", "status-list"],
)
def test_json_stat_of_both_versions_gives_one_record_per_cell(
    tmp_path: Path, version: int, cube: dict[str, Any]
) -> None:
    data = {"dataset": {**V1, **cube}} if version == 1 else {**V2, **cube}
    assert records(tmp_path, json.dumps(data), contract("json_stat", fields=CELLS)) == EXPECTED


def test_one_status_for_all_cells(tmp_path: Path) -> None:
    fields = [making.field(name) for name in ("drug", "unit", "year", "value", "status")]
    found = records(tmp_path, json.dumps({**V2, **CUBE, "status": "e"}), contract("json_stat", fields=fields))
    assert [row[-1] for row in found] == ["e"] * 4


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({**V2, **CUBE, "class": "collection"}, "a JSON-stat collection, not a dataset"),
        ({"a": {**V1, **CUBE}, "b": {**V1, **CUBE}}, "holds 2 JSON-stat datasets"),
        ({"error": "too many cells"}, "holds 0 JSON-stat datasets"),
        ({**V2, **CUBE, "value": [1, 2, 3]}, "3 values for 4 cells"),
        ({**V2, **CUBE, "value": {"4": 1}}, "there is no cell 4 among 4"),
        ({**V2, **CUBE, "size": [2, 1, 3]}, "the dimension year has 2 categories and says 3"),
        ({**V2, **CUBE, "size": [2, 2]}, "the 3 dimensions have sizes"),
        ({**V2, **CUBE, "size": [100_000, 100_000, 100_000]}, "more than the 200000000 cells"),
        ({**V2, **CUBE, "id": ["drug", "drug", "year"]}, "the name drug stands for two columns"),
        ({**V2, "status": {}}, "is not JSON-stat (KeyError: 'value')"),
        ({**V2, **CUBE, "value": [[1], 2, 3, 4]}, "is not JSON-stat"),
        ([1, 2], "is not JSON-stat"),
        ("text", "is not JSON-stat"),
    ],
)
def test_json_stat_that_does_not_add_up_is_refused(tmp_path: Path, data: Any, says: str) -> None:
    assert says in refusal(tmp_path, json.dumps(data), contract("json_stat", fields=CELLS))
