"""Two editions of one series: what the second revised, and what is left when one of them is forgotten."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import polars as pl
import pytest
from making import real, workbook
from running import Home
from scenes import PRELIMINARY

pytestmark = pytest.mark.slow  # five builds of real files; unit/test_vintages.py holds the rules
DAY = "2023-12-31"
NORWEGIAN_COCAINE = (
    "select first_value, latest_value, revision_pct, revision_reason, n_vintages from marts.revisions "
    "where source = 'unodc_seizures' and country_code = 'NO' and substance_group = 'cocaine' and period_start = '2023-01-01'"
)


@pytest.fixture(scope="session")
def revised(made_once: Callable[[str, Callable[[Home], None]], Home], small: Home) -> Home:
    """The small home with UNODC's table, and the night after with a second edition of it. Noted: `check`."""
    table = real("unodc/7.1*.xlsx")

    def make(home: Home) -> None:
        home.root.rmdir()
        small.copy(home.root)
        cells = [list(row) for row in pl.read_excel(table, has_header=False, infer_schema_length=0).rows()]
        header = next(i for i, row in enumerate(cells) if "msCode" in row)
        at = {
            name: cells[header].index(name) for name in ("msCode", "DrugName", "Reference year", "Kilograms")
        }
        home.deliver("unodc_seizures", "first.xlsx", table.read_bytes())
        home.noted("first", "refresh")
        for row in cells[header + 1 :]:
            if (row[at["msCode"]], row[at["Reference year"]], row[at["Kilograms"]]) == (
                "NOR",
                "2023",
                "2292",
            ):
                row[at["Kilograms"]] = "2062.8"
        second = home.deliver("unodc_seizures", "second.xlsx", workbook(cells))
        home.noted("check", "check", str(second))
        home.noted("second", "refresh")

    return made_once("revised", make)


def test_the_second_edition_revised_norwegian_cocaine_by_ten_per_cent(revised: Home) -> None:
    assert [revised.told(name).code for name in ("first", "check", "second")] == [0, 0, 0], revised.told(
        "second"
    ).text
    assert "It would begin 1 row versions and end 1." in revised.told("check").out
    ((first, latest, revision, reason, vintages),) = revised.sql(NORWEGIAN_COCAINE)
    assert (float(first), float(latest), reason, vintages) == (2292.0, 2062.8, None, 2)
    assert revision == pytest.approx(-10)
    others = "select count(*) from marts.revisions where source = 'unodc_seizures' and revision_pct <> 0"
    assert revised.value(others) == 1


def test_a_forgotten_edition_is_gone_from_the_next_build_and_marked_in_those_before(
    revised: Home, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(revised)
    sha = hashlib.sha256((home.inbox / "seizures" / PRELIMINARY).read_bytes()).hexdigest()
    assert home.beslag("refresh", "--as-of", DAY).code == 0
    beside = home.home / f"warehouse_as_of_{DAY}.duckdb"
    assert home.value("select is_reproducible from meta.build", beside) is True
    said = home.beslag("forget", sha[:12], "--reason", "withdrawn by the agency")
    assert said.code == 0 and "Marked as not reproducible" in said.out
    assert home.beslag("history").out.count(f"forgotten: {sha[:12]}") == 4
    again = home.beslag("refresh", "--as-of", DAY)
    assert again.code == 0 and "Not what was published then" in again.text
    assert home.value("select is_reproducible from meta.build", beside) is False
    (home.inbox / "seizures" / PRELIMINARY).unlink()
    tonight = home.beslag("refresh")
    assert tonight.code == 0, tonight.text
    assert home.value(f"select count(*) from meta.snapshots where sha256 = '{sha}'") == 0
    assert home.value("select is_reproducible from meta.build") is True
    assert (
        home.value(
            "select max(n_vintages) from marts.revisions where source = 'seizures' and country_code = 'NO'"
        )
        == 1
    )
