"""Nobody finds out what disclosure control withholds, and who withholds less is found out.

The small feeds are treated as real, so that the rule works on them; the attack knows every published count, total,
share, ratio and mass, what revisions and purity say of the same lines, and how many rows `meta.snapshots` states.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from attack import System, is_found_out, within
from running import Home

from orchestration.sample import write_sample

LINES = 20_000  # enough that years and half-years are shown, and months not
Years = dict[tuple[str, int], System]
LENGTH = {"year": 12, "half_year": 6, "month": 1}


@pytest.fixture(scope="module")
def home(made_once: Callable[[str, Callable[[Home], None]], Home]) -> Home:
    """Refreshed on feeds whose synthetic rows count as real."""

    def make(home: Home) -> None:
        write_sample(home.inbox, LINES, 1)
        home.noted("refresh", "refresh", TREAT_SYNTHETIC_AS_REAL="1", INTERNAL="1")

    return made_once("as_real", make)


def cells(home: Home, query: str) -> Iterator[tuple[str, dt.date, Any, str, dt.date, float | None]]:
    """(country, year, cell, grain, start, value) of a query's rows: country, grain, start, value, then what names the cell."""
    for country, grain, start, value, *cell in home.sql(query):
        yield country, start.year, tuple(cell), grain, start, value


def known(home: Home, queries: dict[str, str], per_line: bool = True) -> tuple[Years, list[tuple[Any, ...]]]:
    """One system a country and year with every value that is shown, and the cells that are not."""
    systems: Years = {}
    withheld = []
    for name, query in queries.items():
        for country, year, cell, grain, start, value in cells(home, query):
            system = systems.setdefault((country, year), System())
            parts = within((name.split()[0], *cell), grain, start)
            system.tell(parts, 0, math.inf)
            if value is None:
                withheld.append((country, year, name, cell, grain, start, parts))
            else:
                system.tell(parts, value)
    if per_line:
        for country, year, rows in home.sql(SNAPSHOTS):
            if (country, year) in systems:
                system = systems[country, year]
                system.tell([k for k in system.unknowns if k[0] == "n"], 0, rows)
    return systems, withheld


# Lines loaded from the latest edition of a country's year: its seizures are some of them.
SNAPSHOTS = """select file_name[:2], cast(file_name[4:7] as int), arg_max(rows_loaded, known_at) from meta.snapshots
    where source = 'seizures' group by all"""
PERIOD = "country_code, period_grain, period_start"
PURITY = "substance_group, substance_code, purity_measure, purity_basis"
COUNTS = {
    "n": f"select {PERIOD}, n_seizures, substance_group from marts.seizure_rate where source = 'seizures'",
    "n in shares": f"select {PERIOD}, n_seizures, substance_group from marts.substance_share where source = 'seizures'",
    "n a year on": """select country_code, period_grain, cast(period_start - interval 1 year as date), n_seizures_prev,
        substance_group from marts.seizure_rate where source = 'seizures' and n_seizures_prev is not null""",
    "n by ratio": """select country_code, period_grain, cast(period_start - interval 1 year as date),
        round(n_seizures / rate_ratio), substance_group from marts.seizure_rate
        where source = 'seizures' and rate_ratio > 0 and n_seizures is not null""",
    "n as revised": f"""select {PERIOD}, cast(latest_value as double), substance_group from marts.revisions
        where source = 'seizures' and series = 'seizures' and latest_value is not null""",
    "p": f"select {PERIOD}, n, {PURITY} from marts.purity where source = 'seizures'",
}  # fmt: skip


def attack_on_counts(home: Home) -> tuple[Years, list[tuple[Any, ...]]]:
    """Counts of seizures, of purity figures and of their size classes."""
    systems, withheld = known(home, COUNTS)
    drugs = {
        g for (g,) in home.sql("select substance_group from reference.substances where is_drug group by 1")
    }
    groups: dict[str, set[str]] = {}
    for country, group in home.sql(
        "select country_code, substance_group from marts.seizure_rate where source = 'seizures'"
    ):
        groups.setdefault(country, set()).add(group)
    for country, grain, start, n_all in home.sql(
        f"select {PERIOD}, max(n_seizures_all) from marts.substance_share where source = 'seizures' group by all"
    ):
        if n_all is not None:
            of_drugs = [k for g in groups[country] & drugs for k in within(("n", g), grain, start)]
            systems[country, start.year].tell(of_drugs, n_all)
    for country, grain, start, group, share in home.sql(
        f"select {PERIOD}, substance_group, share_count_pct from marts.substance_share "
        "where source = 'seizures' and share_count_pct is not null"
    ):
        parts = {k: -share for g in groups[country] & drugs for k in within(("n", g), grain, start)}
        parts |= {k: 100 - share for k in within(("n", group), grain, start)}
        systems[country, start.year].tell(parts, -1e-6, 1e-6)
    for country, grain, start, *cell in home.sql(NO_FIGURE):
        systems[country, start.year].tell(within(("p", *cell), grain, start), 0)
    withheld += tell_sizes(home, systems)
    tell_parts(systems)
    return systems, withheld


def tell_sizes(home: Home, systems: Years) -> list[tuple[Any, ...]]:
    """Figures by size class; what is withheld of them comes back."""
    withheld = []
    by_size = f"select {PERIOD}, n, {PURITY}, size_class from marts.purity_by_size where source = 'seizures'"
    for country, year, cell, grain, start, n in cells(home, by_size):
        systems[country, year].tell([("s", *cell)], n or 0, math.inf if n is None else n)
        if n is None:
            withheld.append((country, year, "size", cell, grain, start, [("s", *cell)]))
    return withheld


def tell_parts(systems: Years) -> None:
    """A purity figure is of a seizure of its group in its month, a figure of a size class one of its cell's in the year."""
    for system in systems.values():
        parts: dict[Any, list[Any]] = {}
        for key in system.unknowns:
            if key[0] == "p":
                parts.setdefault(frozenset({("n", key[1], key[-1])}), []).append(key)
            if key[0] == "s":
                year = within(("p", *key[1:-1]), "year", dt.date(2020, 1, 1))
                parts.setdefault(frozenset(year), []).append(key)
        for whole, some in parts.items():
            system.tell(dict.fromkeys(whole, -1.0) | dict.fromkeys(some, 1.0), -math.inf, 0)


# A cell that has no row in a period in which others of the country have one holds nothing.
NO_FIGURE = f"""
    with p as (select * from marts.purity where source = 'seizures')
    select country_code, period_grain, period_start, {PURITY}
    from (select {PERIOD} from marts.seizure_rate where source = 'seizures' group by all)
    inner join (select country_code, {PURITY} from p group by all) using (country_code)
    except select {PERIOD}, {PURITY} from p"""


def found_out(systems: Years, withheld: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The withheld cells of which one whole number is left, with that number."""
    found = []
    for (country, year), system in systems.items():
        here = [w for w in withheld if w[:2] == (country, year)]
        ranges = system.ranges([w[-1] for w in here], enough=2)
        found += [
            (*w[:-1], round(low))
            for w, (low, high) in zip(here, ranges, strict=True)
            if is_found_out(low, high)
        ]
    return found


def test_the_feeds_are_published_without_a_single_line(home: Home) -> None:
    assert home.told("refresh").code == 0, home.told("refresh").text
    assert home.value("select count(*) from marts.seizures where source = 'seizures'") == 0


def test_those_with_the_right_get_the_lines_but_nothing_personal(home: Home) -> None:
    internal = home.home / "internal.duckdb"
    assert internal.stat().st_mode & 0o777 == 0o440
    assert home.value("select count(*) from lines.seizures", internal) > LINES / 2
    assert home.value("select build_id from meta.build", internal) == home.value(
        "select build_id from meta.build"
    )
    assert (
        home.value(
            "select count(*) from unsuppressed.int_seizures__periods where n_lines between 1 and 4", internal
        )
        > 0
    )
    columns = home.sql("select column_name from duckdb_columns() where not internal", internal)
    personal = {"case_id", "joint_case_id", "remarks", "delivery_id"}
    assert {name for (name,) in columns} & personal == set()


def test_unasked_nobody_gets_them(small: Home) -> None:
    assert not list(small.home.glob("internal*"))


def test_no_withheld_count_of_seizures_or_figures_is_found_out(home: Home) -> None:
    systems, withheld = attack_on_counts(home)
    shown = home.value("select count(n_seizures) from marts.seizure_rate where source = 'seizures'")
    assert len(withheld) > 500 and shown > 100  # neither everything nor nothing is withheld
    assert found_out(systems, withheld) == []


def test_withholding_small_cells_alone_is_found_out(home: Home) -> None:
    """The naive rule: the same cells and totals, but for those of one to four."""
    systems: Years = {}
    truth, drug_months = {}, {}
    rows = home.sql(
        f"select {PERIOD}, p.n_seizures, substance_group, s.is_drug from intermediate.int_seizures__periods as p "
        "inner join (select substance_group, bool_and(is_drug) as is_drug from reference.substances group by all) as s "
        "using (substance_group) where source = 'seizures'",
        home.build,
    )
    for country, grain, start, n, group, is_drug in rows:
        system = systems.setdefault((country, start.year), System())
        parts = within(("n", group), grain, start)
        if n in range(1, 5):
            truth[country, start.year, "n", (group,), grain, start] = n, parts
        else:
            system.tell(parts, n)
        if is_drug:
            of_drugs = drug_months.setdefault((country, grain, start), [[], 0])
            of_drugs[0] += parts
            of_drugs[1] += n
    for (country, _, start), (parts, n) in drug_months.items():
        systems[country, start.year].tell(parts, n)
    small = [(*key, parts) for key, (_, parts) in truth.items()]
    found = found_out(systems, small)
    assert len(found) > 10
    assert all(truth[tuple(cell)][0] == n for *cell, n in found)


def test_no_withheld_mass_is_found_out(home: Home) -> None:
    systems, withheld = known(home, MASSES, per_line=False)
    for country, grain, start, groups, kg in home.sql(
        f"select {PERIOD}, list(substance_group), max(mass_kg_all) from marts.substance_share "
        "where source = 'seizures' and mass_kg_all is not null group by all"
    ):
        parts = [k for g in groups for k in within(("kg", g), grain, start)]
        systems[country, start.year].tell(parts, kg - 1e-9 * kg, kg + 1e-9 * kg)
    assert withheld
    for (country, year), system in systems.items():
        here = [w for w in withheld if w[:2] == (country, year)]
        for cell, (low, high) in zip(here, system.ranges([w[-1] for w in here], enough=0.001), strict=True):
            assert high - low >= 0.001 or high <= 1e-4, cell  # a year without mass has none in its parts


MASSES = {
    "kg": f"""select {PERIOD}, mass_kg, substance_group from marts.substance_share
        where source = 'seizures' and mass_reason is distinct from 'no_mass_reported'""",
    "kg as revised": f"""select {PERIOD}, cast(latest_value as double), substance_group from marts.revisions
        where source = 'seizures' and series = 'seized_kg' and latest_value is not null""",
}  # fmt: skip


def test_no_withheld_number_of_quotes_is_found_out(home: Home) -> None:
    cell = "substance_code, market_level, lot_band, currency"
    quotes = f"select {PERIOD}, n_quotes, {cell} from marts.price_level where source like '%price_quotes%'"
    systems, withheld = known(home, {"n": quotes}, per_line=False)
    no_row = f"""
        with p as (select * from marts.price_level where source like '%price_quotes%')
        select country_code, period_grain, period_start, {cell}
        from (select {PERIOD} from p group by all) inner join (select country_code, {cell} from p group by all) using (country_code)
        except select {PERIOD}, {cell} from p"""
    for country, grain, start, *rest in home.sql(no_row):
        systems[country, start.year].tell(within(("n", *rest), grain, start), 0)
    delivered = SNAPSHOTS.replace("'seizures'", "'price_quotes'")
    for country, year, rows in home.sql(delivered):
        system = systems[country, year]
        system.tell(list(system.unknowns), 0, rows)
    assert withheld
    assert found_out(systems, withheld) == []


def test_no_withheld_number_of_letters_is_found_out(home: Home) -> None:
    """Letters and parcels of each agency, by half-year; revisions tell them apart, the mart does not."""
    systems, withheld = known(home, {}, per_line=False)
    for what in ("items_examined", "items_with_drugs"):
        query = f"select {PERIOD}, {what}, '{what}', selection from marts.postal_interceptions"
        series = f"""select {PERIOD}, cast(latest_value as bigint), series, split_part(category, ', ', 2), category
            from marts.revisions where series = '{what}'"""
        parts_of: dict[Any, list[Any]] = {}
        for country, year, cell, grain, start, value in cells(home, series):
            key = (cell, start)
            parts_of.setdefault((country, cell[:2], year), []).append((key, grain, start))
            system = systems.setdefault((country, year), System())
            system.tell([key], 0, math.inf)
            if value is None:
                withheld.append((country, year, "revision", cell, grain, start, [key]))
            else:
                system.tell([key], value)
        for country, year, cell, grain, start, value in cells(home, query):
            end = start.month + LENGTH[grain]
            parts = [k for k, _, s in parts_of.get((country, cell, year), []) if start.month <= s.month < end]
            system = systems.setdefault((country, year), System())
            if value is None:
                withheld.append((country, year, "mart", cell, grain, start, parts))
            else:
                system.tell(parts, value)
    # A country's year of revisions is withheld whole, also where the mart tells one of its numbers.
    assert [cell for cell in found_out(systems, withheld) if cell[2] == "mart" or cell[-1] < 5] == []
    assert any(cell[2] == "mart" for cell in withheld)


def test_no_small_number_stands_anywhere_in_a_mart_of_a_restricted_source(home: Home) -> None:
    counts = {
        "seizure_rate": ("n_seizures", "n_seizures_prev"), "substance_share": ("n_seizures", "n_seizures_all"),
        "purity": ("n",), "purity_by_size": ("n",), "price_level": ("n_quotes", "n_quotes_purity"),
        "postal_interceptions": ("items_examined", "items_with_drugs"), "darknet_turnover": ("vendors", "buyers"),
    }  # fmt: skip
    restricted = home.sql("select source from meta.sources where disclosure = 'restricted'")
    listed = [source for (source,) in restricted]
    for mart, columns in counts.items():
        for column in columns:
            small = f"select count(*) from marts.{mart} where list_has_any(string_split(source, '+'), {listed}) and {column} between 1 and 4"
            assert home.value(small) == 0, (mart, column)
    assert home.value(f"select count(*) from meta.control_totals where source in {tuple(listed)}") == 0
