"""The dbt project: its unit tests pass, and its SQL is also Spark's."""

from __future__ import annotations

import json
from collections.abc import Callable

import duckdb
import sqlglot
from running import Home, ended

from orchestration.settings import PROJECT

UNIT_TESTS = """
import json, sys
from orchestration import transform
from orchestration.settings import Settings
settings = Settings.from_env()
import os
os.environ.update(transform.environment(settings))
from dbt.cli.main import dbtRunner
folder = str(settings.dbt_dir)
result = dbtRunner().invoke(["--log-level", "none", "test", "--project-dir", folder,
                             "--profiles-dir", folder])
print(json.dumps({r.node.name: [str(r.status), r.message] for r in result.result.results}))
sys.exit(not result.success)
"""


SEED = """
import os
from orchestration import transform
from orchestration.settings import Settings
settings = Settings.from_env()
os.environ.update(transform.environment(settings))
from dbt.cli.main import dbtRunner
folder = str(settings.dbt_dir)
done = dbtRunner().invoke(["--log-level", "none", "seed", "--select", "series_topics", "--project-dir", folder,
                           "--profiles-dir", folder])
raise SystemExit(not done.success)
"""


def test_every_compiled_model_parses_as_spark_sql(from_nothing: Home) -> None:
    folder = from_nothing.var / "dbt" / "target" / "compiled" / "beslag" / "models"
    written = {path.stem for path in (PROJECT / "dbt_project" / "models").rglob("*.sql")}
    compiled = {
        path.stem: path for path in folder.rglob("*.sql") if path.parent.suffix != ".yml"
    }  # those are tests
    assert written == set(compiled)
    broken = {}
    for name, path in compiled.items():
        try:
            sqlglot.parse_one(path.read_text("utf-8"), read="spark")
        except sqlglot.errors.SqlglotError as error:
            broken[name] = str(error).splitlines()[0]
    assert broken == {}


def test_all_tests_of_the_models_pass_those_of_seeds_and_units_included(
    small: Home, copy_of: Callable[[Home], Home]
) -> None:
    said = ended(copy_of(small).python(UNIT_TESTS))
    results = json.loads(said.out.splitlines()[-1])
    assert len(results) > 300
    assert {name: found for name, found in results.items() if found[0] not in ("pass", "warn")} == {}
    assert said.code == 0, said.text


def test_a_reference_table_that_lost_a_column_is_made_anew(
    small: Home, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(small)
    with duckdb.connect(str(home.build)) as con:
        con.execute("alter table reference.series_topics add column was_here boolean")
    said = ended(home.python(SEED))
    assert said.code == 0, said.text
    columns = (
        "select column_name from duckdb_columns() where table_name = 'series_topics' order by column_index"
    )
    assert home.sql(columns, home.build) == [("series_like",), ("topic",)]
