"""As-of builds: what was known by a day, beside the published file."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from running import Home
from scenes import LATEST, PRELIMINARY

DAY = "2023-12-31"
H1 = (
    "select count(*), count(*) filter (status = 'preliminary') from marts.seizures "
    "where country_code = 'NO' and seized_on between '2023-01-01' and '2023-06-30'"
)


@pytest.fixture(scope="session")
def at_new_year(made_once: Callable[[str, Callable[[Home], None]], Home], small: Home) -> Home:
    """The small home after an as-of refresh. Noted: `as of`."""

    def make(home: Home) -> None:
        home.root.rmdir()
        small.copy(home.root)
        home.noted("as of", "refresh", "--as-of", DAY)

    return made_once("at_new_year", make)


def test_an_as_of_build_stands_beside_and_leaves_the_published_file_alone(
    small: Home, at_new_year: Home
) -> None:
    said = at_new_year.told("as of")
    assert said.code == 0, said.text
    beside = at_new_year.home / f"warehouse_as_of_{DAY}.duckdb"
    assert beside.stat().st_mode & 0o777 == 0o444
    assert at_new_year.hash() == small.hash()
    assert str(at_new_year.value("select as_of from meta.build", beside)) == DAY
    late = "select file_name from meta.snapshots where source = 'seizures' and known_at >= '2024-01-01'"
    assert at_new_year.sql(late, beside) == []
    assert at_new_year.value("select count(*) from meta.snapshots where source = 'seizures'", beside) > 0


def test_the_first_half_of_2023_is_the_preliminary_edition(at_new_year: Home) -> None:
    beside = at_new_year.home / f"warehouse_as_of_{DAY}.duckdb"
    ((then, preliminary),) = at_new_year.sql(H1, beside)
    ((_, preliminary_now),) = at_new_year.sql(H1)
    assert then == preliminary > 0
    assert preliminary_now < preliminary
    files = {row[0] for row in at_new_year.sql("select file_name from meta.snapshots", beside)}
    assert PRELIMINARY in files
    assert LATEST not in files


def test_asked_again_it_is_nothing_new_and_the_next_night_is_undisturbed(
    small: Home, at_new_year: Home, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(at_new_year)
    again = home.beslag("refresh", "--as-of", DAY)
    assert again.code == 0, again.text
    assert "Nothing new" in again.text
    tonight = home.beslag("refresh")
    assert (tonight.code, home.hash()) == (0, small.hash()), tonight.text
    assert "Nothing new" in tonight.text
