"""Promises of disclosure control, judged on what readers would see; the rule itself is dbt_project/macros/publication.sql.

Here: promises that several marts share. Not here: which of a mart's columns they are about (the marts' own modules).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from great_expectations.expectations.expectation import Expectation

from expectations.mart import Mart
from expectations.suite import literals
from orchestration.settings import AS_REAL


def controlled(restricted: Sequence[str]) -> str:
    """SQL condition: the row holds real rows of a restricted source, or synthetic ones where those count as real."""
    exempt = "" if os.environ.get(AS_REAL) == "1" else "not is_synthetic and "
    return f"{exempt}list_has_any(string_split(source, '+'), [{literals(restricted)}])"


def small_cells_withheld(mart: Mart, restricted: Sequence[str], count: str, name: str = "") -> Expectation:
    """Counts of one to four stay inside; a count that is a difference of two columns has a name."""
    return mart.never(
        f"small_{name or count}_withheld",
        f"{controlled(restricted)} and {count} between 1 and 4",
        count.rsplit(maxsplit=1)[-1],
    )


def no_extreme_at_an_end(
    mart: Mart, restricted: Sequence[str], columns: Sequence[str], n: str, least: int
) -> Expectation:
    """An interval from ordered values does not end at the smallest or largest of them, which it does below `least`."""
    given = " or ".join(f"{column} is not null" for column in columns)
    return mart.never(
        f"{columns[0]}_of_{least}",
        f"{controlled(restricted)} and ({given}) and not coalesce({n} >= {least}, false)",
        columns[0],
    )


def breakdowns_withheld_whole(
    mart: Mart, restricted: Sequence[str], hidden: str, family: Sequence[str], cell: Sequence[str]
) -> Iterator[Expectation]:
    """A breakdown is shown whole or withheld whole, and nothing is shown below a cell that is withheld.

    Args:
        mart: the mart.
        restricted: names of the restricted sources.
        hidden: SQL condition that a row's figures are withheld.
        family: the columns that name the cells a year is split into together.
        cell: the columns that name one of them.
    """
    rows = f"from {mart.table} where {controlled(restricted)}"
    half = "make_date(year(period_start), case when month(period_start) <= 6 then 1 else 7 end, 1)"
    parent = f"{', '.join(cell)}, period_grain, case period_grain when 'month' then {half} else make_date(year(period_start), 1, 1) end"
    siblings = (
        f"bool_or({hidden}) over w and not bool_and({hidden}) over w",
        f"(partition by {', '.join(family)}, year(period_start))",
        f"(partition by {parent})",
    )
    mixed, of_a_year, below = siblings
    yield mart.nothing_from(
        "breakdowns_withheld_whole",
        f"select * {rows} and period_grain = 'year' window w as {of_a_year} qualify {mixed} union all "
        f"select * {rows} and period_grain <> 'year' window w as {below} qualify {mixed}",
    )
    same = " and ".join(f"f.{column} = p.{column}" for column in cell)
    yield mart.nothing_from(
        "nothing_below_a_withheld_cell",
        f"select f.* from (select * {rows} and not ({hidden})) as f inner join (select * {rows} and {hidden}) as p on {same} "
        "and p.period_start <= f.period_start and f.period_end <= p.period_end and p.period_grain <> f.period_grain",
    )


def extremes_of_twenty(mart: Mart, restricted: Sequence[str], column: str, n: str = "n") -> Expectation:
    """A largest or smallest figure stands for a year or half-year of at least twenty."""
    return mart.never(
        f"{column}_of_twenty",
        f"{controlled(restricted)} and {column} is not null and not coalesce(period_grain <> 'month' and {n} >= 20, false)",
        column,
    )
