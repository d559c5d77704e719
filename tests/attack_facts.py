"""What is told to the attack of attack.py about restricted seizures. Nothing here asserts anything.

Unknowns are numbers and masses by month: `n` seizures of a group, `e` of a substance in it, `w` those weighed, `z` those of
0 g, `p` purity figures, `s` those by size class; by year `r` seizures and `rk` masses by route. Facts are what the marts
publish, and which of these are parts of which.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import Any

from attack import System, is_found_out, within
from running import Home

Years = dict[tuple[str, int], System]
Withheld = list[tuple[Any, ...]]


def cells(home: Home, query: str) -> Iterator[tuple[str, dt.date, Any, str, dt.date, float | None]]:
    """(country, year, cell, grain, start, value) of a query's rows: country, grain, start, value, then what names the cell."""
    for country, grain, start, value, *cell in home.sql(query):
        yield country, start.year, tuple(cell), grain, start, value


def known(home: Home, queries: dict[str, str], per_line: bool = True) -> tuple[Years, Withheld]:
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
    "n by effort": f"""select {PERIOD}, round(rate * effort / rate_per), substance_group from marts.enforcement_effort
        where list_contains(string_split(source, '+'), 'seizures') and rate is not null""",
    "n beside effort": f"""select {PERIOD}, n_seizures, substance_group from marts.enforcement_effort
        where list_contains(string_split(source, '+'), 'seizures') and n_seizures is not null""",
    "e": f"select {PERIOD}, n_seizures, substance_group, substance_code from marts.early_warning where source = 'seizures'",
    "w": f"select {PERIOD}, n, substance_group from marts.seizure_concentration where source = 'seizures'",
    "z": f"select {PERIOD}, n - n_geomean, substance_group from marts.seizure_concentration where source = 'seizures'",
    "n as revised": f"""select {PERIOD}, cast(latest_value as double), substance_group from marts.revisions
        where source = 'seizures' and series = 'seizures' and latest_value is not null""",
    "p": f"select {PERIOD}, n, {PURITY} from marts.purity where source = 'seizures'",
}  # fmt: skip


def attack_on_counts(home: Home) -> tuple[Years, Withheld]:
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
    withheld += tell_routes(home, systems, "n")
    tell_parts(systems)
    return systems, [cell for cell in withheld if not _is_told_elsewhere(systems, cell)]


def _is_told_elsewhere(systems: Years, cell: tuple[Any, ...]) -> bool:
    """Whether another mart tells the same: a group of one substance is its substance, what has no seizures or no masses has
    none of a kind, and what was not found at a port is what was found elsewhere."""
    country, year, name, key, grain, start, _ = cell
    system, kind = systems[country, year], name.split()[0]
    if kind in ("r", "rk"):
        return key[1:] == ("port_class", "not_at_a_port") and bool(
            system.is_told([(kind, key[0], "place_class", "port")])
        )
    if kind == "e" and len({k[:3] for k in system.unknowns if k[:2] == ("e", key[0])}) == 1:
        return system.is_told(within(("n", key[0]), grain, start))
    wholes = {"e": "n", "w": "nw", "z": "nwz"}.get(kind, "")
    return any(
        system.is_told(within((whole, key[0]), g, s), 0)
        for whole in wholes
        for g, s in {(grain, start), ("year", dt.date(year, 1, 1))}
    )


def tell_sizes(home: Home, systems: Years) -> Withheld:
    """Figures by size class; what is withheld of them comes back."""
    withheld = []
    by_size = f"select {PERIOD}, n, {PURITY}, size_class from marts.purity_by_size where source = 'seizures'"
    for country, year, cell, grain, start, n in cells(home, by_size):
        systems[country, year].tell([("s", *cell)], n or 0, math.inf if n is None else n)
        if n is None:
            withheld.append((country, year, "size", cell, grain, start, [("s", *cell)]))
    return withheld


def tell_routes(home: Home, systems: Years, what: str) -> Withheld:
    """Numbers ("n") or masses ("kg") by route. Whoever attacks knows the categories of the country, not which are empty."""
    kind, measure = {"n": ("r", "n_seizures"), "kg": ("rk", "mass_kg")}[what]
    shown: dict[Any, dict[str, float | None]] = {}
    for country, start, group, breakdown, category, value in home.sql(
        f"select country_code, period_start, substance_group, breakdown, category, case when '{what}' = 'kg' and mass_reason "
        f"= 'no_mass_reported' then 0 else {measure} end from marts.route_port where source = 'seizures'"
    ):
        shown.setdefault((country, start, group), {}).setdefault(breakdown, {})[category] = value
    filled = set(
        home.sql(
            "select country_code, year_start, substance_group, breakdown, category from intermediate.int_routes__counts "
            f"where source = 'seizures' and {'n_mass_lines' if what == 'kg' else 'n_lines'} > 0",
            home.build,
        )
    )
    withheld: Withheld = []
    for (country, start, group), breakdowns in shown.items():
        system = systems.setdefault((country, start.year), System())
        year, at_ports = within((what, group), "year", start), [(kind, group, "place_class", "port")]
        for breakdown, values in breakdowns.items():
            categories = {c for place, *_, b, c in filled if (place, b) == (country, breakdown)}
            parts = [(kind, group, breakdown, c) for c in sorted(categories)]
            whole = at_ports if breakdown in ("port", "port_size_class") else year
            system.tell(dict.fromkeys(whole, -1.0) | dict.fromkeys(parts, 1.0), 0)
            for part in parts:
                value = None if None in values.values() else values.get(part[-1], 0)
                if value is not None:
                    system.tell([part], value * (1 - 1e-9), value * (1 + 1e-9))
                elif (country, start, *part[1:]) in filled:
                    withheld.append((country, start.year, kind, part[1:], "year", start, [part]))
        named = [k for k in system.unknowns if k[:3] == (kind, group, "port") and k[-1] != "port_not_known"]
        if named:
            system.tell(dict.fromkeys(named, 1.0) | {(kind, group, "port_class", "port"): -1.0}, 0)
    return withheld


def tell_parts(systems: Years) -> None:
    """Purity figures and weighed seizures are of seizures of their group in their month, size classes of their cell's year.

    Seizures of 0 g are some of those weighed, and the substances of a group are all of it.
    """
    for system in systems.values():
        parts: dict[Any, list[Any]] = {}
        substances: dict[Any, list[Any]] = {}
        for key in system.unknowns:
            if key[0] == "e":
                substances.setdefault(("n", key[1], key[-1]), []).append(key)
            if key[0] in ("p", "w"):
                parts.setdefault(frozenset({("n", key[1], key[-1])}), []).append((key[0], key))
            if key[0] == "z":
                parts.setdefault(frozenset({("w", key[1], key[-1])}), []).append((key[0], key))
            if key[0] == "s":
                year = within(("p", *key[1:-1]), "year", dt.date(2020, 1, 1))
                parts.setdefault(frozenset(year), []).append((key[0], key))
        for whole, found in parts.items():
            for kind in {kind for kind, _ in found}:
                some = [key for k, key in found if k == kind]
                system.tell(dict.fromkeys(whole, -1.0) | dict.fromkeys(some, 1.0), -math.inf, 0)
        for group, found in substances.items():
            system.tell({group: -1.0} | dict.fromkeys(found, 1.0), 0)


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


MASSES = {
    "kg": f"""select {PERIOD}, mass_kg, substance_group from marts.substance_share
        where source = 'seizures' and mass_reason is distinct from 'no_mass_reported'""",
    "kg in concentration": f"""select {PERIOD}, mass_kg, substance_group from marts.seizure_concentration
        where source = 'seizures' and mass_reason is distinct from 'no_mass_reported'""",
    "kg as revised": f"""select {PERIOD}, cast(latest_value as double), substance_group from marts.revisions
        where source = 'seizures' and series = 'seized_kg' and latest_value is not null""",
}  # fmt: skip


def attack_on_masses(home: Home) -> tuple[Years, Withheld]:
    """Masses of groups, of the year's concentration and of routes."""
    systems, withheld = known(home, MASSES, per_line=False)
    for country, grain, start, groups, kg in home.sql(
        f"select {PERIOD}, list(substance_group), max(mass_kg_all) from marts.substance_share "
        "where source = 'seizures' and mass_kg_all is not null group by all"
    ):
        parts = [k for g in groups for k in within(("kg", g), grain, start)]
        systems[country, start.year].tell(parts, kg - 1e-9 * kg, kg + 1e-9 * kg)
    withheld += tell_routes(home, systems, "kg")
    return systems, [cell for cell in withheld if not _is_told_elsewhere(systems, cell)]
