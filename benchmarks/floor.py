"""The floor: bare DuckDB, from the same CSV files to the same five marts. No history, no checks, no orchestration.

Here: reading the files and running models/*.sql in order; a limit to hold Beslag against. Not here: measuring
(measure.py), comparing (same.py). Left out, because only scipy has them or the generated feed cannot need them:
exact intervals, disclosure control (the rows are synthetic), constraints that no generated line breaks.

Run with `.venv/bin/python benchmarks/floor.py INBOX OUT.duckdb`.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
SEEDS = HERE.parent / "dbt_project" / "seeds"
MODELS = HERE / "models"
REFERENCE = (
    "substance_names", "substances", "substance_groups", "units", "districts", "countries", "size_classes", "breaks",
    "break_topics",
)  # fmt: skip
READ_SEED = "header=true, auto_type_candidates=['BIGINT', 'DOUBLE', 'DATE', 'VARCHAR']"  # NO is a country
STEPS = ("lines", "coverage", "periods", "breaks_crossed")
MARTS = ("seizures", "seizure_rate", "substance_share", "purity", "purity_by_size")
FIELDS = (
    "case_id line_no joint_case_id country_code agency district municipality seized_on known_on place_class "
    "transport_mode concealment origin_country transit_country substance_raw quantity unit_raw purity purity_measure "
    "purity_basis status remarks is_synthetic"
).split()


def sql_of(model: str) -> str:
    """A model's SQL with plain table names; the same files are models of the dbt peer."""
    text = (MODELS / f"{model}.sql").read_text("utf-8")
    return re.sub(r"\{\{ (?:ref|source)\((?:'\w+', )?'(\w+)'\) \}\}", r"\1", text)


def build(inbox: Path, out: Path, threads: int = 2) -> None:
    """Write the five marts of `inbox`/seizures into a new DuckDB file that DuckDB 1.2 can read.

    Args:
        inbox: folder with a folder `seizures` of CSV files as Beslag takes them.
        out: file to make anew.
        threads: threads of DuckDB.
    """
    out.unlink(missing_ok=True)
    columns = {name: "VARCHAR" for name in FIELDS}
    with (
        tempfile.TemporaryDirectory(dir=out.parent) as spill,
        duckdb.connect(config={"threads": threads, "temp_directory": spill}) as con,
    ):
        con.execute(f"attach '{out}' as out (storage_version 'v1.2.0')")
        con.execute((HERE / "rules.sql").read_text("utf-8"))
        for seed in REFERENCE:
            con.execute(f"create temp table {seed} as from read_csv('{SEEDS / seed}.csv', {READ_SEED})")
        # Records with too many or too few cells are footnotes or damaged, and left out.
        con.execute(
            f"create temp view deliveries as from read_csv('{inbox}/seizures/*.csv', delim=';', quote='', "
            f"header=true, columns={columns}, encoding='latin-1', ignore_errors=true, filename=true)"
        )
        for model in STEPS:
            con.execute(f"create temp table {model} as {sql_of(model)}")
        for model in MARTS:
            con.execute(f"create table out.{model} as {sql_of(model)}")


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]))
