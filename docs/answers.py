"""Answers the questions of analysts.md from a published file: the table after each SQL block is written by this.

`python -m docs.answers` writes them, `--check` compares and names the first that differs. Not here: the questions.
"""

from __future__ import annotations

import argparse
import re
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from orchestration.settings import Settings

GUIDE = Path(__file__).parent / "analysts.md"
QUESTION = re.compile(r"```sql\n(?P<sql>.*?)\n```\n\n<!-- answer -->\n(?P<answer>.*?)<!-- end -->", re.S)
MOST_ROWS = 14  # an answer is read, not scrolled


def questions(text: str) -> list[str]:
    """The SQL of every question, in order."""
    return [found["sql"] for found in QUESTION.finditer(text)]


def answered(text: str, con: duckdb.DuckDBPyConnection) -> str:
    """The guide with every answer as the file at hand gives it.

    Raises:
        ValueError: when an answer is empty or too long to read.
    """

    def answer(found: re.Match[str]) -> str:
        cursor = con.execute(found["sql"])
        names = [column[0] for column in cursor.description or ()]
        rows = cursor.fetchall()
        if not 0 < len(rows) <= MOST_ROWS:
            raise ValueError(f"This question has {len(rows)} rows for an answer:\n{found['sql']}")
        lines = [names, ["---"] * len(names), *([_cell(value) for value in row] for row in rows)]
        table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
        return f"```sql\n{found['sql']}\n```\n\n<!-- answer -->\n{table}<!-- end -->"

    return QUESTION.sub(answer, text)


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float() | Decimal():
            return f"{value:.6f}".rstrip("0").rstrip(".")
        case datetime() | date():
            return value.isoformat()
    return str(value).replace("|", "\\|").replace("\n", " ")


def main() -> int:
    """Entry point; exit code 1 when `--check` finds a difference."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true", help="compare instead of writing")
    arguments.add_argument("--warehouse", type=Path, help="published file; that of BESLAG_HOME when left out")
    asked = arguments.parse_args()
    text = GUIDE.read_text("utf-8")
    warehouse = asked.warehouse or Settings.from_env().published
    with duckdb.connect(str(warehouse), read_only=True) as con:
        now = answered(text, con)
    if not asked.check:
        GUIDE.write_text(now, "utf-8")
        print(f"{len(questions(text))} questions answered in {GUIDE.name}")
        return 0
    if now != text:
        stated, given = next(
            (a, b) for a, b in zip(text.splitlines(), now.splitlines(), strict=False) if a != b
        )
        print(
            f"{GUIDE.name} says\n  {stated}\nand the file gives\n  {given}\n`make docs` writes the answers anew."
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
