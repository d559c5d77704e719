"""Nobody finds out what disclosure control withholds, and who withholds less is found out.

The small feeds are treated as real, so that the rule works on them; the attack knows every published count, total,
share, ratio and mass, what revisions and purity say of the same lines, and how many rows `meta.snapshots` states.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from typing import Any

import pytest
from attack import System, within
from attack_facts import (
    PERIOD,
    SNAPSHOTS,
    Withheld,
    Years,
    attack_on_counts,
    attack_on_masses,
    cells,
    found_out,
    known,
)
from running import Home

from orchestration.sample import write_sample

LINES = 20_000  # enough that years and half-years are shown, and months not
LENGTH = {"year": 12, "half_year": 6, "month": 1}


@pytest.fixture(scope="module")
def home(made_once: Callable[[str, Callable[[Home], None]], Home]) -> Home:
    """Refreshed on feeds whose synthetic rows count as real."""

    def make(home: Home) -> None:
        write_sample(home.inbox, LINES, 1)
        (latest,) = (home.inbox / "darknet_turnover").glob("SE_2021*")
        written = latest.read_text("utf-8")
        assert written.count(";86;") == 1  # sellers on the open web
        latest.write_text(written.replace(";86;", ";4;"), "utf-8")
        home.noted("refresh", "refresh", TREAT_SYNTHETIC_AS_REAL="1", INTERNAL="1")

    return made_once("as_real", make)


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
    assert {cell[2].split()[0] for cell in withheld} >= {"n", "e", "w", "p", "size", "r"}
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


def test_withholding_small_routes_alone_is_found_out(home: Home) -> None:
    """The naive rule for kinds of place, beside the group's year."""
    systems: Years = {}
    small: dict[Any, int] = {}
    for country, start, group, category, n in home.sql(
        "select country_code, year_start, substance_group, category, n_seizures from intermediate.int_routes__counts "
        "where source = 'seizures' and breakdown = 'place_class'",
        home.build,
    ):
        system = systems.setdefault((country, start.year), System())
        key = ("r", group, category)
        if n in range(1, 5):
            small[country, start.year, "r", key] = n
            system.tell([key], 0, math.inf)
        else:
            system.tell([key], n)
    for country, start, group, n in home.sql(
        "select country_code, period_start, substance_group, n_seizures from intermediate.int_seizures__periods "
        "where source = 'seizures' and period_grain = 'year' and n_seizures > 0",
        home.build,
    ):
        system = systems[country, start.year]
        system.tell([key for key in system.unknowns if key[1] == group], n)
    found = found_out(systems, [(*cell, [cell[-1]]) for cell in small])
    assert len(found) > 5
    assert all(small[tuple(cell)] == n for *cell, n in found)


def test_no_withheld_mass_is_found_out(home: Home) -> None:
    systems, withheld = attack_on_masses(home)
    assert {cell[2].split()[0] for cell in withheld} == {"kg", "rk"}
    for (country, year), system in systems.items():
        here = [w for w in withheld if w[:2] == (country, year)]
        for cell, (low, high) in zip(here, system.ranges([w[-1] for w in here], enough=0.001), strict=True):
            assert high - low >= 0.001 or high <= 1e-4, cell  # a year without mass has none in its parts


def test_no_withheld_number_of_quotes_is_found_out(home: Home) -> None:
    cell = "substance_code, market_level, lot_band, currency"
    quotes = f"select {PERIOD}, n_quotes, {cell} from marts.price_level where source like '%price_quotes%'"
    fx = f"select {PERIOD}, n_quotes, {cell} from marts.price_fx where source like '%price_quotes%' and n_quotes is not null"
    fx_prev = f"""select country_code, period_grain, previous_period_start, n_quotes_prev, {cell} from marts.price_fx
        where source like '%price_quotes%' and n_quotes_prev is not null"""
    index = f"""select {PERIOD}, n_quotes, {cell} from marts.price_index
        where source like '%price_quotes%' and index_scope = 'cell' and n_quotes is not null"""
    base = f"""select country_code, period_grain, base_period_start, n_quotes_base, {cell} from marts.price_index
        where source like '%price_quotes%' and index_scope = 'cell' and n_quotes_base is not null"""
    told = {"n": quotes, "n in fx": fx, "n before in fx": fx_prev, "n in index": index, "n in base": base}
    systems, withheld = known(home, told, per_line=False)
    tell_baskets(home, systems)
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


def tell_baskets(home: Home, systems: Years) -> None:
    """A basket's quotes are those of its cells; which of them are in it shows in their rows."""
    for column, start in (("n_quotes", "period_start"), ("n_quotes_base", "base_period_start")):
        for country, when, n, codes, *market in home.sql(
            f"""select b.country_code, b.{start}, b.{column}, list(c.substance_code), b.market_level, b.lot_band, b.currency
            from marts.price_index as b inner join marts.price_index as c
            using (country_code, market_level, lot_band, currency, period_start)
            where b.index_scope = 'basket' and c.index_scope = 'cell' and b.source like '%price_quotes%'
            and coalesce(c.index_reason, 'fewer_than_5_quotes') = 'fewer_than_5_quotes' group by all"""
        ):
            parts = [key for code in codes for key in within(("n", code, *market), "year", when)]
            systems[country, when.year].tell(parts, n)


def test_no_withheld_number_of_sellers_or_buyers_is_found_out(home: Home) -> None:
    """A year has at least the sellers of each half and no more than both; turnover over turnover per seller is their number."""
    systems: Years = {}
    withheld: Withheld = []
    seen: dict[Any, set[tuple[str, dt.date]]] = {}
    for what, each in (("vendors", "turnover_per_vendor"), ("buyers", "turnover_per_buyer")):
        mart = f"select {PERIOD}, {{}}, '{what}', platform_scope from marts.darknet_turnover where source like '%darknet_turnover%'"
        revised = f"""select {PERIOD}, cast(latest_value as double), series, split_part(category, ', ', 2) from marts.revisions
            where source = 'darknet_turnover' and series = '{what}'"""
        by_turnover = f"coalesce({what}, round(turnover / nullif({each}, 0)))"
        for query in (mart.format(by_turnover), revised):
            for country, year, cell, grain, start, value in cells(home, query):
                system = systems.setdefault((country, year), System())
                key = (cell, grain, start)
                if value is None:
                    system.tell([key], 0, math.inf)
                    withheld.append((country, year, "sellers", cell, grain, start, [key]))
                else:
                    system.tell([key], value)
                seen.setdefault((country, year, cell), set()).add((grain, start))
    for (country, year, cell), periods in seen.items():
        halves = [(cell, grain, start) for grain, start in periods if grain == "half_year"]
        whole = [(cell, grain, start) for grain, start in periods if grain == "year"]
        for key in whole:
            for half in halves:
                systems[country, year].tell({half: 1.0, key: -1.0}, -math.inf, 0)
            if len(halves) == 2:
                systems[country, year].tell({key: 1.0} | dict.fromkeys(halves, -1.0), -math.inf, 0)
    assert withheld
    assert found_out(systems, withheld) == []


def test_what_a_warning_adds_up_is_shown(home: Home) -> None:
    """n_last_4 and history_mean are sums over shown numbers, so that they tell of no withheld one."""
    hidden = home.value(
        "select count(*) from marts.early_warning where source = 'seizures' and n_seizures is null"
    )
    wrong = home.sql("""
        with w as (select * from marts.early_warning where source = 'seizures'),
        sums as (
            select a.country_code, a.substance_code, a.period_grain, a.period_start,
                coalesce(sum(b.n_seizures) filter (where datediff('month', b.period_start, a.period_start)
                    <= 3 * case a.period_grain when 'year' then 12 else 6 end), 0) as last_3,
                sum(b.n_seizures) as total, count(b.n_seizures) as n
            from w as a left join w as b on a.country_code = b.country_code and a.substance_code = b.substance_code
                and a.period_grain = b.period_grain and b.period_start < a.period_start and b.is_complete
                and datediff('month', b.period_start, a.period_start) <= 60
            group by all
        )
        select * from w inner join sums using (country_code, substance_code, period_grain, period_start)
        where n_last_4 <> n_seizures + last_3 or n_history_periods <> n or abs(history_mean * n - total) > 1e-6""")
    assert hidden > 0
    assert wrong == []


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
        "seizure_concentration": ("n", "n_geomean", "n - n_geomean"), "early_warning": ("n_seizures",),
        "enforcement_effort": ("n_seizures",), "route_port": ("n_seizures", "n_seizures_all"),
        "price_fx": ("n_quotes", "n_quotes_prev"), "price_index": ("n_quotes", "n_quotes_base"),
        "postal_interceptions": ("items_examined", "items_with_drugs"), "darknet_turnover": ("vendors", "buyers"),
    }  # fmt: skip
    restricted = home.sql("select source from meta.sources where disclosure = 'restricted'")
    listed = [source for (source,) in restricted]
    for mart, columns in counts.items():
        for column in columns:
            small = f"select count(*) from marts.{mart} where list_has_any(string_split(source, '+'), {listed}) and {column} between 1 and 4"
            assert home.value(small) == 0, (mart, column)
    assert home.value(f"select count(*) from meta.control_totals where source in {tuple(listed)}") == 0
