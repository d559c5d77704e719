"""Nothing about a person reaches the published file, a terminal or a log."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from running import CANARY, Home
from scenes import files_with, marks

from orchestration.settings import PROJECT


def test_the_inputs_do_hold_what_is_looked_for(shipped: Home) -> None:
    data = b"".join(path.read_bytes() for path in (PROJECT / "sources" / "data" / "seizures").iterdir())
    assert CANARY.encode() in data
    assert b"SYN-" in data
    assert all(len(mark) >= 4 for mark in marks(shipped).values())


def test_the_published_file_holds_nothing_personal(shipped: Home) -> None:
    for name, mark in marks(shipped).items():
        assert files_with(mark, [shipped.published]) == [], name
    columns = shipped.sql(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where not internal and data_type in ('VARCHAR', 'BIGINT')"
    )
    assert len(columns) > 100
    tables = {(schema, table) for schema, table, _ in columns}
    for schema, table in sorted(tables):
        whole = ", ".join(column for s, t, column in columns if (s, t) == (schema, table))
        tests = [f"contains(row, $${mark.decode()}$$)" for mark in marks(shipped).values() if mark.isascii()]
        query = f"select count(*) from (select concat_ws(' ', {whole}) as row from {schema}.{table}) where {' or '.join(tests)}"
        assert shipped.value(query) == 0, f"{schema}.{table}"


def test_no_published_column_is_a_personal_field(shipped: Home) -> None:
    names = {
        row[0] for row in shipped.sql("select distinct column_name from duckdb_columns() where not internal")
    }
    assert names & {"case_id", "joint_case_id", "remarks", "line_no"} == set()


def test_what_is_said_and_logged_holds_nothing_personal(shipped: Home) -> None:
    said = [shipped.told("refresh").text]
    for arguments in (["rejects"], ["rejects", "--json"], ["sources"], ["history"], ["status"]):
        said.append(shipped.beslag(*arguments).text)
    key = shipped.value("select min(seizure_key) from marts.seizures")
    said.append(shipped.beslag("trace", "seizures", f"seizure_key={key}").text)
    logs = list((shipped.var / "dbt").rglob("*"))
    assert any(p.name == "dbt.log" for p in logs)
    kept = [p for p in (shipped.var / "builds").rglob("*") if p.suffix != ".duckdb"]
    for name, mark in marks(shipped).items():
        assert mark not in "".join(said).encode(), name
        assert files_with(mark, logs) == [], name
        assert files_with(mark, kept) == [], name


@pytest.mark.parametrize("column", ["case_id", "joint_case_id"])
def test_a_failing_check_on_a_personal_field_tells_no_value(
    small: Home, copy_of: Callable[[Home], Home], column: str
) -> None:
    """The gate itself, on a real build database, as the job runs it and as if on a terminal."""
    code = f"""
from pathlib import Path
import sys
from expectations.suite import Note, Suite, no_rows_where
from orchestration import assets, gates
from orchestration.contract import load_contracts
from orchestration.settings import Settings
sys.stderr.isatty = lambda: True
suite = Suite("raw.seizures", "raw", "seizures",
              [no_rows_where("raw.seizures", "{column} is not null", Note("planted", "{column}"))])
settings = Settings.from_env()
contracts = load_contracts(settings.contracts_dir)
keys, checks = {{"raw.seizures": assets.raw_key("seizures")}}, [assets._gate_spec(assets.raw_key("seizures")).key]
for result in assets._judge("raw", [suite], keys, contracts, checks):
    print(result.passed, result.metadata)
"""
    home = copy_of(small)
    process = home.python("import logging\nlogging.basicConfig(level=logging.INFO)\n" + code)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert "planted" in err
    assert f"column {column}" in err
    for mark in marks(home).values():
        assert mark not in (out + err).encode()


def test_the_pipelines_folder_is_closed_to_others(shipped: Home) -> None:
    for path in (shipped.var, *(shipped.var / name for name in ("archive", "builds", "dbt"))):
        assert path.stat().st_mode & 0o077 == 0, path
    kept = [p for p in (shipped.var / "archive").rglob("*") if p.is_file() and p.name != "manifest.jsonl"]
    assert kept
    assert all(p.stat().st_mode & 0o777 == 0o400 for p in kept)
