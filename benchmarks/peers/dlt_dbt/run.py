"""A peer: dlt loads the files into DuckDB, a small dbt-duckdb project makes the five marts and tests them.

The models are those of the floor (benchmarks/models), so that the difference to it is dlt, dbt and the tests.
Run with the python of its own environment: `run.py INBOX OUT.duckdb`.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
BENCHMARKS = HERE.parents[1]
SEEDS = BENCHMARKS.parent / "dbt_project" / "seeds"
sys.path[:0] = [str(HERE.parent), str(BENCHMARKS)]
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["DO_NOT_TRACK"] = "1"

import dlt
import duckdb
import pyarrow as pa
import pyarrow.csv
from checks import PROMISES
from dbt.cli.main import dbtRunner
from floor import FIELDS, REFERENCE


def deliveries(inbox: Path) -> Iterator[pa.Table]:
    """The records of each file as text, those with too many or too few cells left out."""
    for path in sorted((inbox / "seizures").glob("*.csv")):
        with pa.csv.open_csv(
            path,
            pa.csv.ReadOptions(encoding="windows-1252", block_size=1 << 24),
            pa.csv.ParseOptions(delimiter=";", quote_char=False, invalid_row_handler=lambda row: "skip"),
            pa.csv.ConvertOptions(column_types=dict.fromkeys(FIELDS, pa.string()), strings_can_be_null=False),
        ) as batches:
            for batch in batches:
                table = pa.Table.from_batches([batch])
                yield table.append_column("filename", pa.array([path.name] * table.num_rows))


def load(inbox: Path, out: Path, room: Path) -> None:
    """Into raw.deliveries of the file."""
    pipeline = dlt.pipeline(
        "peer",
        destination=dlt.destinations.duckdb(str(out)),
        dataset_name="raw",
        pipelines_dir=str(room / "dlt"),
    )
    pipeline.run(dlt.resource(deliveries(inbox), name="deliveries", write_disposition="replace"))


def lay_out(room: Path) -> None:
    """The dbt project: models, reference tables, and the promises as tests."""
    shutil.copytree(HERE / "project", room, dirs_exist_ok=True)
    shutil.copytree(BENCHMARKS / "models", room / "models")
    (room / "seeds").mkdir()
    for name in REFERENCE:
        shutil.copy(SEEDS / f"{name}.csv", room / "seeds")
    models = []
    for mart, promise in PROMISES.items():
        tests: dict[str, list[object]] = {}
        for name in promise.not_null:
            tests.setdefault(name, []).append("not_null")
        for name, words in promise.in_set.items():
            tests.setdefault(name, []).append({"accepted_values": {"arguments": {"values": list(words)}}})
        for name, (low, high) in promise.between.items():
            tests.setdefault(name, []).append({"between": {"arguments": {"low": low, "high": high}}})
        columns = [{"name": name, "data_tests": of} for name, of in tests.items()]
        unique = {"unique_grain": {"arguments": {"columns": list(promise.unique)}}}
        models.append({"name": mart, "columns": columns, "data_tests": [unique]})
    sources = [{"name": "bench", "schema": "raw", "tables": [{"name": "deliveries"}]}]
    schema = {"version": 2, "models": models, "sources": sources}
    (room / "models" / "schema.yml").write_text(json.dumps(schema), "utf-8")  # JSON is YAML


def main() -> None:
    """Run."""
    inbox, out = Path(sys.argv[1]), Path(sys.argv[2]).resolve()
    out.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        room = Path(folder)
        load(inbox, out, room)
        with duckdb.connect(str(out)) as con:
            con.execute((BENCHMARKS / "rules.sql").read_text("utf-8"))
        lay_out(room)
        os.environ["PEER_FILE"] = str(out)
        done = dbtRunner().invoke(["--quiet", "build", "--project-dir", folder, "--profiles-dir", folder])
        if not done.success:
            sys.exit("dbt refused; what failed stands above")


if __name__ == "__main__":
    main()
