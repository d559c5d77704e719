"""What docs/analysts.md answers is what a build on the inputs that ship answers; what it tells people to run, runs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import duckdb
import pytest
from running import Home

from docs import answers
from orchestration import terminal
from orchestration.settings import PROJECT

NOTEBOOK = PROJECT / "examples" / "cocaine_share.py"


def test_every_question_has_the_answer_that_the_build_gives(shipped: Home) -> None:
    for document, least in ((answers.GUIDE, 20), (answers.README, 2)):
        text = document.read_text("utf-8")
        assert len(answers.questions(text)) >= least
        assert text.count("```sql") == len(answers.questions(text))
        with duckdb.connect(str(shipped.published), read_only=True) as con:
            assert answers.differs(document, con, answers.SHIPPED) is None


def test_what_is_asked_of_the_real_files_has_their_answer(real: Home) -> None:
    with duckdb.connect(str(real.published), read_only=True) as con:
        assert answers.differs(answers.README, con, answers.REAL) is None


def test_the_guide_names_marts_that_exist(shipped: Home) -> None:
    named = set(re.findall(r"\b((?:marts|reference|meta)\.\w+)", answers.GUIDE.read_text("utf-8")))
    with duckdb.connect(str(shipped.published), read_only=True) as con:
        tables = {
            row[0]
            for row in con.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
        }
    assert named <= tables


def test_the_notebook_asks_what_the_file_can_answer(shipped: Home) -> None:
    calls = [
        node.args[0]
        for node in ast.walk(ast.parse(NOTEBOOK.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "query"
    ]
    assert len(calls) == 3
    with duckdb.connect(str(shipped.published), read_only=True) as con:
        for call in calls:
            assert isinstance(call, ast.Constant)
            assert con.execute(str(call.value)).fetchall()


def test_an_answer_nobody_would_read_is_refused() -> None:
    with duckdb.connect() as con, pytest.raises(ValueError, match="100 rows"):
        text = "```sql\nselect * from range(100)\n```\n\n<!-- answer -->\n<!-- end -->"
        answers.answered(text, con)


def test_the_ways_to_open_the_file_name_it(shipped: Home) -> None:
    lines = terminal.ways(Path("somewhere") / "warehouse.duckdb")
    assert sum("somewhere/warehouse.duckdb" in line for line in lines) == 2
