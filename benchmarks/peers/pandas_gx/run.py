"""A peer: pandas, with Great Expectations on the frames. Reads the feed, makes the five marts, checks, writes a DuckDB file.

Run with the python of its own environment: `run.py INBOX OUT.duckdb`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import duckdb
import great_expectations as gx
import marts as made
import pandas as pd
from cleaning import mapped_lines

sys.path.insert(0, str(Path(__file__).parents[1]))
from checks import PROMISES, Promise


def suite(promise: Promise) -> list[gx.expectations.Expectation]:
    """The promises of a mart as expectations."""
    e = gx.expectations
    unique = (
        e.ExpectCompoundColumnsToBeUnique(column_list=list(promise.unique))
        if len(promise.unique) > 1
        else e.ExpectColumnValuesToBeUnique(column=promise.unique[0])
    )
    return [
        unique,
        *(e.ExpectColumnValuesToNotBeNull(column=name) for name in promise.not_null),
        *(
            e.ExpectColumnValuesToBeInSet(column=name, value_set=list(words))
            for name, words in promise.in_set.items()
        ),
        *(
            e.ExpectColumnValuesToBeBetween(column=name, min_value=low, max_value=high)
            for name, (low, high) in promise.between.items()
        ),
    ]


def broken(frames: dict[str, pd.DataFrame]) -> list[str]:
    """The promises that do not hold."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source, found = context.data_sources.add_pandas("frames"), []
    for mart, promise in PROMISES.items():
        batch = source.add_dataframe_asset(mart).add_batch_definition_whole_dataframe("all")
        expectations = context.suites.add(gx.ExpectationSuite(name=mart, expectations=suite(promise)))
        checked = context.validation_definitions.add(
            gx.ValidationDefinition(name=mart, data=batch, suite=expectations)
        )
        result = checked.run(batch_parameters={"dataframe": frames[mart]}, result_format="SUMMARY")
        found += [f"{mart}: {one.expectation_config.type}" for one in result.results if not one.success]
    return found


def main() -> None:
    """Run."""
    inbox, out = Path(sys.argv[1]), Path(sys.argv[2])
    lines = mapped_lines(inbox)
    coverage, cells = made.periods(lines)
    by_period, by_size = made.purity(lines, coverage)
    frames = {
        "seizures": made.seizures(lines), "seizure_rate": made.seizure_rate(cells),
        "substance_share": made.substance_share(cells), "purity": by_period, "purity_by_size": by_size,
    }  # fmt: skip
    if found := broken(frames):
        sys.exit("; ".join(found))
    out.unlink(missing_ok=True)
    with duckdb.connect(str(out)) as con:
        for mart, frame in frames.items():
            con.register("frame", frame)
            con.execute(f"create table {mart} as from frame")


if __name__ == "__main__":
    main()
