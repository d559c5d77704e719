"""docs/methods.md against the code that it names. Whether its formulas are right: test_statistics.py, test_intervals.py."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "methods.md").read_text("utf-8")
PATHS = sorted(set(re.findall(r"`((?:macros|models|tests)/[^`\s]+)`", TEXT)))
HEADINGS = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)


def test_every_file_named_exists() -> None:
    assert len(PATHS) > 40
    bases = {"macros": "dbt_project", "models": "dbt_project", "tests": ""}
    missing = [p for p in PATHS if not (ROOT / bases[p.partition("/")[0]] / p).is_file()]
    assert missing == [], f"docs/methods.md names files that are gone: {missing}"


def test_every_mart_named_exists() -> None:
    marts = {path.stem for path in (ROOT / "dbt_project" / "models" / "marts").rglob("*.sql")}
    named = re.findall(r"\b[Mm]arts?\s+((?:`\w+`(?:,\s+|\s+and\s+)?)+)", TEXT)
    assert named
    assert {name for group in named for name in re.findall(r"`(\w+)`", group)} <= marts


def test_every_reference_table_named_exists() -> None:
    seeds = {path.stem for path in (ROOT / "dbt_project" / "seeds").glob("*.csv")}
    assert set(re.findall(r"`reference\.(\w+)`", TEXT)) <= seeds


def test_the_contents_lead_to_every_section() -> None:
    anchors = [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in HEADINGS]
    linked = re.findall(r"\]\(#([^)]+)\)", TEXT)
    assert linked == [anchor for anchor in anchors if anchor != "contents"]
