"""The open data beside a build, as a refresh leaves it: row for row what is published, or listed as left out."""

from __future__ import annotations

import json

import pytest
from running import Home

from orchestration.contract import load_contracts
from orchestration.settings import PROJECT


@pytest.fixture(params=["shipped", "real"])
def home(request: pytest.FixtureRequest) -> Home:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Home)
    return found


def test_every_published_row_is_exported_as_it_is_or_listed_with_a_reason(home: Home) -> None:
    exports = home.var / "exports"
    package = json.loads((exports / "datapackage.json").read_text("utf-8"))
    assert package["build"] == home.value("select build_id from meta.build") == exports.resolve().parent.name
    left_out: dict[str, int] = {}
    for omitted in package["omitted"]:
        assert omitted["reason"]
        left_out[omitted["table"]] = left_out.get(omitted["table"], 0) + omitted["rows"]
    published = home.sql(
        "select schema_name || '.' || table_name from duckdb_tables() where schema_name in ('marts', 'reference')"
    )
    for (table,) in published:
        file = exports / "parquet" / f"{table}.parquet"
        rows = home.value(f"select count(*) from {table}")
        if not file.exists():
            assert rows == left_out[table] > 0
            continue
        assert home.value(f"select count(*) from '{file}'") == rows - left_out.get(table, 0)
        assert home.value(f"select count(*) from (from '{file}' except all from {table})") == 0, table
        csv = f"read_csv('{exports}/csv/{table}.csv', all_varchar = true, header = true, delim = ',', quote = '\"')"
        assert home.value(f"select count(*) from {csv}") == rows - left_out.get(table, 0)


def test_no_row_leaves_whose_licence_does_not_let_it(home: Home) -> None:
    contracts = load_contracts(PROJECT / "sources")
    for file in sorted((home.var / "exports" / "parquet").glob("marts.*.parquet")):
        for source, synthetic in home.sql(f"select distinct source, is_synthetic from '{file}'"):
            for name in source.split("+"):
                allowed = contracts[name].redistribution
                assert allowed == "allowed" or (allowed == "synthetic_rows" and synthetic), (
                    file.name,
                    source,
                )
