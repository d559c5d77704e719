"""Every source has small good and broken files, named after what becomes of them."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import making
import pytest

from orchestration.contract import load_contracts
from orchestration.errors import DeliveryRefused
from orchestration.parse import Parsed, parse

FILES = sorted(making.FIXTURES.glob("*/*.*"))
CONTRACTS = load_contracts(making.PROJECT / "sources")


def delivered(path: Path, folder: Path) -> Path:
    """The file as delivered: of a source of workbooks the tables are kept as text, and made into a workbook here.

    A row `[name]` begins the sheet of that name. Members of a zip file are kept unpacked, and packed here.
    """
    if members := CONTRACTS[path.parent.name].members:
        packed = folder / f"{path.stem}.zip"
        with zipfile.ZipFile(packed, "w") as archive:
            archive.write(path, members.replace("*", "1"))
        return packed
    if CONTRACTS[path.parent.name].format != "xlsx":
        return path
    sheets: dict[str, list[list[str]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            if len(row) == 1 and row[0].startswith("[") and row[0].endswith("]"):
                sheets[row[0][1:-1]] = []
                continue
            if not sheets:
                sheets["Data"] = []
            sheets[list(sheets)[-1]].append(row)
    return making.written(folder / f"{path.stem}.xlsx", making.book(sheets))


def read(path: Path, folder: Path) -> Parsed:
    return parse(delivered(path, folder), CONTRACTS[path.parent.name])


def named(prefix: str) -> list[object]:
    return [pytest.param(p, id=f"{p.parent.name}/{p.stem}") for p in FILES if p.stem.startswith(prefix)]


@pytest.mark.parametrize("source", CONTRACTS)
def test_every_source_has_good_and_broken_fixtures(source: str) -> None:
    kinds = {path.stem.partition("_")[0] for path in FILES if path.parent.name == source}
    assert kinds >= {"good", "quarantined", "refused"}
    assert kinds <= {"good", "quarantined", "refused", "dropped"}
    assert ("dropped" in kinds) == bool(CONTRACTS[source].drop)


@pytest.mark.parametrize("path", named("good"))
def test_every_record_of_a_good_file_is_loaded(path: Path, tmp_path: Path) -> None:
    found = read(path, tmp_path)
    assert found.rejects.is_empty()
    assert found.rows_loaded == found.rows_in_file > 0


@pytest.mark.parametrize("path", named("quarantined"))
def test_every_record_of_a_broken_file_is_quarantined(path: Path, tmp_path: Path) -> None:
    found = read(path, tmp_path)
    quarantined = found.rejects["line"].n_unique()
    assert quarantined == found.rows_quarantined == found.rows_in_file > 0


@pytest.mark.parametrize("path", named("dropped"))
def test_every_rule_of_the_contract_drops_one_record(path: Path, tmp_path: Path) -> None:
    found = read(path, tmp_path)
    assert found.drops == {rule.rule: 1 for rule in CONTRACTS[path.parent.name].drop}
    assert found.rows_loaded == found.rows_in_file - found.rows_dropped and found.rejects.is_empty()


@pytest.mark.parametrize("path", named("refused"))
def test_a_file_that_is_not_what_was_agreed_is_refused(path: Path, tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused):
        read(path, tmp_path)
