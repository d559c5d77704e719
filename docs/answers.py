"""Answers the questions of analysts.md and README.md from a published file: the table after each SQL block is written by this.

`python -m docs.answers` writes them, `--check` compares and names the first that differs; `--real` answers those that are
asked of the real public files. Not here: the questions; what is measured (docs/measured.py).
"""

from __future__ import annotations

import argparse
import re
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from orchestration.settings import PROJECT, Settings

GUIDE, README = Path(__file__).parent / "analysts.md", PROJECT / "README.md"
SHIPPED, REAL = "<!-- answer -->", "<!-- answer from the real files -->"
QUESTION = re.compile(
    rf"```sql\n(?P<sql>.*?)\n```\n\n(?P<mark>{SHIPPED}|{REAL})\n(?P<answer>.*?)<!-- end -->", re.S
)
MOST_ROWS = 14  # an answer is read, not scrolled


def questions(text: str) -> list[str]:
    """The SQL of every question, in order."""
    return [found["sql"] for found in QUESTION.finditer(text)]


def answered(text: str, con: duckdb.DuckDBPyConnection, mark: str = SHIPPED) -> str:
    """The text with every answer that bears the mark as the file at hand gives it.

    Raises:
        ValueError: when an answer is empty or too long to read.
    """

    def answer(found: re.Match[str]) -> str:
        if found["mark"] != mark:
            return found[0]
        cursor = con.execute(found["sql"])
        names = [column[0] for column in cursor.description or ()]
        rows = cursor.fetchall()
        if not 0 < len(rows) <= MOST_ROWS:
            raise ValueError(f"This question has {len(rows)} rows for an answer:\n{found['sql']}")
        lines = [names, ["---"] * len(names), *([_cell(value) for value in row] for row in rows)]
        table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
        return f"```sql\n{found['sql']}\n```\n\n{mark}\n{table}<!-- end -->"

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


def differs(document: Path, con: duckdb.DuckDBPyConnection, mark: str) -> str | None:
    """The first line of a document that the file at hand does not give, and what it gives; None when all agree."""
    text = document.read_text("utf-8")
    for stated, given in zip(text.splitlines(), answered(text, con, mark).splitlines(), strict=False):
        if stated != given:
            return f"{document.name} says\n  {stated}\nand the file gives\n  {given}\n`make docs` writes the answers anew."
    return None


def main() -> int:
    """Entry point; exit code 1 when `--check` finds a difference."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true", help="compare instead of writing")
    arguments.add_argument("--real", action="store_true", help="the questions asked of the real public files")
    arguments.add_argument("--warehouse", type=Path, help="published file; that of BESLAG_HOME when left out")
    asked = arguments.parse_args()
    mark = REAL if asked.real else SHIPPED
    with duckdb.connect(str(asked.warehouse or Settings.from_env().published), read_only=True) as con:
        for document in (GUIDE, README):
            if not asked.check:
                document.write_text(answered(document.read_text("utf-8"), con, mark), "utf-8")
            elif difference := differs(document, con, mark):
                print(difference)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
