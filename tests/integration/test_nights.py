"""History over three nights: corrected, corrected back, a row gone, one year beside another; and a rollback meanwhile.

Night 1 is the small inbox. Night 2 brings edition B of Norway 2023 (one row corrected, one left out) and Colombia's
2014. Before night 3 the operator rolls back to night 1; night 3 brings edition A again, and Colombia's 2017.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable

import duckdb
import pytest
from running import Home, differences
from scenes import SECOND, THIRD, editions

NORWAY_2023 = "country_code = 'NO' and year(seized_on) = 2023"
OLD_BUILDS = 9


@pytest.fixture(scope="session")
def third_night(made_once: Callable[[str, Callable[[Home], None]], Home], second_night: Home) -> Home:
    """Night 3 under a rollback. Noted: `rollback`, `refresh`, `status held`, `history held`, `release`, `hashes`."""

    def make(home: Home) -> None:
        home.root.rmdir()
        second_night.copy(home.root)
        builds = sorted((home.var / "builds").iterdir())
        for number in range(OLD_BUILDS):  # so old that none is kept beyond the seven newest
            name = f"2020010{number}T000000000-000000"
            shutil.copytree(builds[0], home.var / "builds" / name)
            record = json.loads((builds[0] / "build.json").read_text("utf-8"))
            (home.var / "builds" / name / "build.json").write_text(
                json.dumps(record | {"build_id": name}), "utf-8"
            )
        hashes = {"night 2": home.hash()}
        home.noted("rollback", "rollback", builds[0].name)
        hashes["rolled back"] = home.hash()
        for path in editions(second_night).third.deliver(home):
            home.noted(f"check {path.parent.name}", "check", str(path))
        home.noted("refresh", "refresh")
        hashes["held"] = home.hash()
        home.noted("status held", "status")
        home.noted("status json", "status", "--json")
        home.noted("history held", "history")
        home.noted("nothing new", "refresh")
        home.noted("release", "release")
        (home.root / "hashes.json").write_text(json.dumps(hashes), "utf-8")

    return made_once("third_night", make)


def versions(home: Home, delivery: str) -> tuple[int, int]:
    """Row versions of seizures that a delivery began and ended."""
    ((begun, ended),) = home.sql(
        f"select count(*) filter (b.file_name = '{delivery}'), count(*) filter (e.file_name = '{delivery}') "
        "from raw.seizures left join ops.deliveries as b on _delivery_id = b.delivery_id "
        "left join ops.deliveries as e on _ended_by = e.delivery_id",
        home.build,
    )
    return begun, ended


def test_a_correction_is_one_end_and_one_start_and_a_missing_row_one_end(second_night: Home) -> None:
    assert versions(second_night, SECOND) == (1, 2)


def test_the_marts_follow_the_correction(small: Home, second_night: Home) -> None:
    assert set(differences(small, second_night)) >= {"seizures", "substance_share"}
    rows = "select substance_code, mass_g from marts.seizures where source = 'seizures' and " + NORWAY_2023
    before, after = small.sql(f"{rows} order by all"), second_night.sql(f"{rows} order by all")
    assert len(after) == len(before) - 1
    assert sum(float(mass or 0) == 4321.5 for _, mass in after) == 1
    untouched = "select * exclude (seizure_key) from marts.seizures where not (source <> 'seizures' or %s) order by all"
    assert small.sql(untouched % NORWAY_2023) == second_night.sql(untouched % NORWAY_2023)


def test_dbt_makes_what_a_delivery_changes_and_all_of_it_where_a_home_begins_with_nothing(
    from_nothing: Home, small: Home, second_night: Home
) -> None:
    """The second night brings Norwegian and Colombian seizures alone."""

    def made(home: Home, what: str) -> list[str]:
        log = (home.var / "dbt" / "logs" / "dbt.log").read_text("utf-8")
        return re.findall(rf"OK {what} ([\w.]+)", re.sub(r"\x1b\[\d*m", "", log))

    for what in ("created sql view model", "loaded seed file"):
        assert made(from_nothing, what)
        assert (made(small, what), made(second_night, what)) == ([], [])
    tables = {home: made(home, "created sql table model") for home in (from_nothing, small, second_night)}
    first, both = tables[small], tables[second_night]
    assert set(first) < set(tables[from_nothing])  # sources that delivered nothing
    again = both[len(first) :]
    assert both[: len(first)] == first and set(again) < set(first)
    assert "marts.seizure_rate" in again and "intermediate.int_postal__mapped" in set(first) - set(again)


def test_a_view_that_somebody_changed_is_made_again(
    second_night: Home, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(second_night)
    definition = "select sql from duckdb_views() where view_name = 'int_seizures__mapped'"
    before = home.value(definition, home.build)
    with duckdb.connect(str(home.build)) as con:
        con.execute("create or replace view intermediate.int_seizures__mapped as select 1 as nothing")
    editions(second_night).third.deliver(home)
    said = home.beslag("refresh")
    assert said.code == 0, said.text
    assert home.value(definition, home.build) == before


def test_what_moved_and_through_which_delivery_is_written_down(second_night: Home) -> None:
    moved = second_night.sql(
        "select value_before, value_now, deliveries from meta.changes where mart = 'substance_share' and "
        "column_name = 'n_seizures' and row_key like '%country_code=NO%substance_group=cocaine%period_grain=year%period_start=2023-01-01%'"
    )
    ((before, now, deliveries),) = moved
    assert before - now == 1
    assert SECOND in deliveries


def test_check_says_beforehand_what_the_night_then_did(second_night: Home, third_night: Home) -> None:
    for night in (second_night, third_night):
        for source in ("seizures", "colombia_ponal"):
            promised = re.search(r"begin (\d+) row versions and end (\d+)", night.told(f"check {source}").out)
            done = next(
                line for line in night.told("refresh").text.splitlines() if f"raw        {source}:" in line
            )
            assert promised is not None
            begun, ended = (re.search(rf"(\d+) {word}", done) for word in ("row versions begun", "ended"))
            assert (promised[1], promised[2]) == (begun[1] if begun else "0", ended[1] if ended else "0")


def test_a_to_b_to_a_comes_back_to_a(small: Home, third_night: Home) -> None:
    assert versions(third_night, THIRD) == (2, 1)
    for mart in ("seizures", "seizure_rate", "substance_share", "purity", "purity_by_size"):
        rows = f"select * from marts.{mart} where source = 'seizures' order by all"
        assert small.sql(rows) == third_night.sql(rows)


def test_one_year_of_colombia_ends_nothing_of_another(third_night: Home) -> None:
    years = third_night.sql(
        "select year(seized_on), count(*) from raw.colombia_ponal where _valid_to is null group by all order by all",
        third_night.build,
    )
    assert years == [(2014, 24), (2017, 24)]
    assert third_night.sql(
        "select distinct year(seized_on) from marts.seizures where source = 'colombia_ponal' order by 1"
    ) == [(2014,), (2017,)]


def test_a_rollback_puts_the_older_build_back_byte_for_byte(small: Home, third_night: Home) -> None:
    hashes = json.loads((third_night.root / "hashes.json").read_text("utf-8"))
    assert hashes["rolled back"] == small.hash()
    assert hashes["night 2"] != small.hash()
    assert "until `beslag release`" in third_night.told("rollback").out


def test_a_rollback_holds_through_a_night_with_new_data(small: Home, third_night: Home) -> None:
    hashes = json.loads((third_night.root / "hashes.json").read_text("utf-8"))
    night = third_night.told("refresh")
    assert night.code == 0, night.text
    assert hashes["held"] == small.hash()
    assert "readers still see" in night.text
    assert "A rollback to" in third_night.told("status held").out
    state = third_night.told("status json").json()
    assert state["rollback_to"] == state["build_id"] == small.value("select build_id from meta.build")
    again = third_night.told("nothing new")
    assert again.code == 0
    assert "Nothing new" in again.text


def test_release_shows_the_newest_build(small: Home, third_night: Home) -> None:
    newest = max(p.name for p in (third_night.var / "builds").iterdir())
    assert newest in third_night.told("release").out
    assert third_night.value("select build_id from meta.build") == newest
    assert third_night.published.stat().st_mode & 0o777 == 0o444
    assert third_night.beslag("status", "--json").json()["rollback_to"] is None


def test_only_seven_builds_are_kept(third_night: Home) -> None:
    kept = sorted(p.name for p in (third_night.var / "builds").iterdir())
    assert len(kept) == 7
    assert all((third_night.var / "builds" / name / "warehouse.duckdb").exists() for name in kept)
    header, *lines = [
        [cell.strip() for cell in re.split("[│┃]", line)]
        for line in third_night.told("history held").out.splitlines()
        if re.search("[│┃]", line)
    ]
    builds = [dict(zip(header, line, strict=True)) for line in lines]
    assert [build["build"] for build in builds] == kept
    held = third_night.told("status json").json()["build_id"]
    assert [build["build"] for build in builds if build["published"] == "yes"] == [held]


def test_every_delivery_stays_accounted_for(third_night: Home) -> None:
    names = {
        row[0] for row in third_night.sql("select file_name from meta.snapshots where source = 'seizures'")
    }
    assert {SECOND, THIRD} <= names
    assert third_night.value(
        "select bool_and(rows_in_file = rows_loaded + rows_quarantined + rows_dropped) from meta.snapshots"
    )
