"""Every number can be traced: mart row → source → delivery → file hash and line, by one command."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from running import ENCODING, SHIPPED_MARTS, Home

from orchestration.settings import PROJECT, Settings
from orchestration.trace import trace_row

DATA = PROJECT / "sources" / "data"
Row = dict[str, str]
LSD = ["country_code=NO", "substance_group=lsd", "period_grain=month"]

NOTHING = ("", "-", ":", "..")
PURE = ["country_code=NO", "substance_code=cocaine.unspecified", "purity_basis=salt"]


def in_month(month: str) -> Callable[[Row], bool]:
    """Lines of Norwegian LSD seized in a month."""
    return lambda row: "lsd" in row["substance_raw"].lower() and row["seized_on"].startswith(month)


# mart → (keys of a row with few lines behind it, the column that counts them, what every line must say)
KNOWN: dict[str, tuple[list[str], str | None, Callable[[Row], bool]]] = {
    "seizures": (["mass_g=803000.000000"], None, lambda row: row["quantity"] in ("803.000", "803000", "803")),
    "seizure_rate": ([*LSD, "period_start=2023-03-01"], "n_seizures", in_month("2023-03")),
    "substance_share": ([*LSD, "period_start=2022-12-01"], "n_seizures", in_month("2022-12")),
    "purity": (
        [*PURE, "period_grain=month", "period_start=2021-01-01"],
        "n",
        lambda row: row["purity_basis"] == "salt" and row["seized_on"].startswith("2021-01"),
    ),
    "purity_by_size": (
        ["country_code=NO", "substance_code=cocaine.unspecified", "purity_basis=unknown",
         "size_class=1 000-10 000 g", "period_start=2022-01-01"],
        "n",
        lambda row: row["purity_basis"] in ("unknown", *NOTHING) and row["purity"] not in NOTHING,
    ),
    "price_level": (
        ["country_code=NO", "substance_group=cocaine", "market_level=retail", "period_grain=month",
         "period_start=2023-03-01"],
        "n_quotes",
        lambda row: (row["country_code"], row["market_level"]) == ("NO", "retail"),
    ),
    "postal_interceptions": (
        ["country_code=NO", "selection=random", "period_grain=half_year", "period_start=2023-01-01"],
        None,
        lambda row: (row["selection"], row["period_start"]) == ("random", "2023-01-01"),
    ),
    "darknet_turnover": (
        ["country_code=SE", "platform_scope=darknet_market", "period_grain=year", "period_start=2018-01-01"],
        None,
        lambda row: row["platform_scope"] == "darknet_market" and row["period_start"] == "2018-01-01",
    ),
    "seizure_concentration": (
        ["source=published_figures", "country_code=NO", "substance_group=cocaine", "period_grain=half_year",
         "period_start=2023-01-01"],
        None,
        lambda row: row["figure_id"] in ("PF0052", "PF0053", "PF0054", "PF0055", "PF0056"),
    ),
    "early_warning": (
        ["source=seizures", "country_code=NO", "substance_code=synthetic_opioid.nitazenes", "period_grain=half_year",
         "period_start=2023-01-01"],
        "n_seizures",
        lambda row: "nitazen" in row["substance_raw"].lower(),
    ),
    "enforcement_effort": (
        ["source=published_figures", "country_code=NO", "substance_group=cocaine", "period_grain=half_year",
         "period_start=2022-01-01"],
        None,
        lambda row: (row["substance"], row["period_end"]) == ("cocaine", "2022-06-30"),
    ),
    "route_port": (
        ["category=Husnes harbour, Vest politidistrikt"],
        None,
        lambda row: (row["substance"], row["country"], row["period_start"][:4]) == ("cocaine", "NO", "2023"),
    ),
    "indicators": (
        ["locator={locator}", "indicator_key={key}"],
        None,
        lambda row: row["figure_id"] == "PF0036",
    ),
}  # fmt: skip


def lines_of(path: Path) -> dict[int, Row]:
    """The rows of a shipped file by line number; none of its cells holds a line break."""
    curated = path.parent.name in ("published_figures", "claims")
    with path.open(encoding="utf-8" if curated else ENCODING, newline="") as file:
        rows = csv.reader(file, delimiter="," if curated else ";")
        header = next(rows)
        return {number: dict(zip(header, row, strict=False)) for number, row in enumerate(rows, start=2)}


@pytest.mark.parametrize("mart", SHIPPED_MARTS)
def test_a_known_row_of_every_mart_leads_to_its_lines(shipped: Home, mart: str) -> None:
    keys, count, belongs = KNOWN[mart]
    if mart == "indicators":
        ((key, locator),) = shipped.sql(
            "select indicator_key, locator from marts.indicators where indicator_key like '%PF0036%'"
        )
        keys = [text.format(key=key, locator=locator) for text in keys]
    files = trace_row(Settings(home=shipped.home), mart, keys)
    assert files, "no line was found"
    found = 0
    for file in files:
        path = DATA / file["source"] / file["file"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == file["sha256"]
        assert "more" not in file["lines"], "choose a row with fewer lines"
        rows = lines_of(path)
        numbers = [int(number) for number in file["lines"].split(", ")]
        assert [n for n in numbers if not belongs(rows[n])] == []
        found += len(numbers)
    where = " and ".join(
        f"cast({k} as varchar) = $${v}$$" for k, _, v in (key.partition("=") for key in keys)
    )
    if count:
        assert found == shipped.value(f"select sum({count}) from marts.{mart} where {where}")
    elif mart in ("seizures", "indicators"):
        assert found == 1


def test_the_command_prints_hash_and_line(shipped: Home) -> None:
    ((key,),) = shipped.sql("select seizure_key from marts.seizures where mass_g = 803000")
    said = shipped.beslag("trace", "seizures", f"seizure_key={key}")
    assert said.code == 0, said.text
    ((sha,),) = shipped.sql(
        "select sha256 from meta.snapshots where source = 'seizures' and file_name = 'NO_2023_known_2024-02-13.csv'"
    )
    line = next(n for n, row in lines_of(DATA / "seizures" / "NO_2023_known_2024-02-13.csv").items()
                if KNOWN["seizures"][2](row))  # fmt: skip
    assert sha in said.out
    assert f" {line} " in said.out


def test_a_row_that_is_not_there_is_a_sentence(shipped: Home) -> None:
    said = shipped.beslag("trace", "seizures", "seizure_key=none")
    assert said.code == 2
    assert "No row of seizures has seizure_key=none" in said.err
