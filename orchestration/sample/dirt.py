"""The dirt planted in the synthetic seizure files: what it is, where it stands, and how it must come out.

Here: the table DIRT and the hands that plant it. Not here: clean lines (lines.py). A line is either rewritten
in place in another notation of the same value, or added beside the calibrated ones; either way the calibrated totals
hold among lines that are loaded, not annulled, and not the customs copy of a joint case.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from orchestration.sample.lines import FIELDS, KILO

Line = dict[str, Any]  # a line by column
SMALLEST = 300  # lines; a shorter file stays clean, or dirt would be too large a share of it


@dataclass(frozen=True)
class Dirt:
    """One kind of planted dirt.

    Attributes:
        kind: names it.
        file: country and year of the file it stands in.
        rows: how many lines.
        added: beside the calibrated lines (True) or one of them rewritten (False).
        fate: loaded, quarantined or dropped.
        rule: the reason of the quarantine, the drop rule, or what happens to the loaded line.
    """

    kind: str
    file: str
    rows: int
    added: bool
    fate: str
    rule: str


DIRT = (
    Dirt("grouped_thousands", "NO_2021", 4, False, "loaded", "1.234,5 is 1234.5"),
    Dirt("milligrams", "NO_2021", 6, False, "loaded", "mg beside g and kg"),
    Dirt("fraction_of_kilo", "NO_2021", 4, False, "loaded", "0,25 kg beside g"),
    Dirt("month_name", "NO_2021", 4, False, "loaded", "3. mars 2021"),
    Dirt("month_name", "SE_2022", 4, False, "loaded", "3 mars 2022"),
    Dirt("month_name", "DK_2023", 3, False, "loaded", "3. marts 2023"),
    Dirt("excel_date", "NO_2021", 4, False, "loaded", "days since 1899-12-30"),
    Dirt("old_district", "NO_2022", 6, False, "loaded", "a district merged in 2016"),
    Dirt("unmapped_name", "NO_2022", 2, False, "loaded", "maps to unknown, with a warning"),
    Dirt("joint_case", "NO_2023", 5, True, "loaded", "customs copy of a police line, not counted again"),
    Dirt("annulled", "NO_2023", 5, True, "loaded", "not counted"),
    Dirt("exact_duplicate", "NO_2022", 4, True, "dropped", "exact_duplicates"),
    Dirt("total_row", "NO_2021", 1, True, "dropped", "total_rows"),
    Dirt("total_row", "SE_2022", 1, True, "dropped", "total_rows"),
    Dirt("total_row", "DK_2023", 1, True, "dropped", "total_rows"),
    Dirt("footnote", "NO_2021", 2, True, "dropped", "footnotes"),
    Dirt("footnote", "SE_2022", 1, True, "dropped", "footnotes"),
    Dirt("purity_fraction", "NO_2022", 4, True, "quarantined", "below_minimum"),
    Dirt("negative_quantity", "NO_2021", 3, True, "quarantined", "below_minimum"),
    Dirt("filler_quantity", "NO_2023", 3, True, "quarantined", "above_maximum"),
    Dirt("impossible_date", "NO_2023", 2, True, "quarantined", "not_a_date"),
    Dirt("short_row", "NO_2022", 2, True, "quarantined", "wrong_number_of_cells"),
)
MONTHS = {
    "NO": "januar februar mars april mai juni juli august september oktober november desember",
    "SE": "januari februari mars april maj juni juli augusti september oktober november december",
    "DK": "januar februar marts april maj juni juli august september oktober november december",
}
OLD_DISTRICTS = {"Øst": "Follo", "Vest": "Hordaland", "Sør-Vest": "Rogaland", "Sør-Øst": "Telemark"}
TOTAL_WORDS = {"NO": "Totalt", "SE": "Sum", "DK": "I alt"}
FOOTNOTES = ("* Syntetiske tall, se README", "Kilde: oppdiktet register")
EARLIER = "2023-08-20"
LABORATORY = {  # forms that only a laboratory can name, and what a line is called until it answers
    "cocaine.hcl": "pulver", "amphetamine.sulphate": "pulver", "heroin.brown": "pulver", "ketamine": "pulver",
    "mdma.powder": "pulver", "mdma.tablet": "tabletter", "benzodiazepine": "tabletter",
}  # fmt: skip
RECODED = 12  # lines of each of these forms
STRENGTH = ("purity", "purity_measure", "purity_basis")


def plant(lines: pl.DataFrame, country: str, year: int) -> tuple[pl.DataFrame, list[str], list[str]]:
    """Rewrite some lines in place and make the added ones.

    Args:
        lines: one file's lines, FIELDS as text, `q` and `form`, from `number_cases`.
        country: its country code.
        year: its year.

    Returns:
        The lines; records to add amid them; records to add below them.
    """
    wanted = [d for d in DIRT if d.file == f"{country}_{year}"] if lines.height >= SMALLEST else []
    lines = lines.with_row_index("at")
    rewritten: list[Line] = []
    for dirt in (d for d in wanted if not d.added):
        which, rewrite = REWRITES[dirt.kind]
        free = lines.filter(which & ~pl.col("at").is_in([row["at"] for row in rewritten]))
        rewritten += [row | rewrite(row) for row in _spread(free, dirt.rows)]
    if rewritten:
        rest = lines.filter(~pl.col("at").is_in([row["at"] for row in rewritten]))
        lines = pl.concat([rest, pl.DataFrame(rewritten, schema=lines.schema)]).sort("at")
    lines = lines.drop("at")
    amid = [text for dirt in wanted if dirt.added for text in _added(dirt, lines)]
    return lines, amid, list(FOOTNOTES[: sum(d.rows for d in wanted if d.kind == "footnote")])


def earlier_edition(lines: pl.DataFrame) -> pl.DataFrame:
    """Norway 2023 as it stood on EARLIER: the lines of the first half-year registered by then, all preliminary.

    Some are still "pulver" or "tabletter", without a strength, and recoded later; those annulled later still stand.

    Args:
        lines: the year's clean lines from `number_cases`.
    """
    known = lines.filter((pl.col("seized_on") < "2023-07-01") & (pl.col("known_on") <= EARLIER))
    nth = pl.int_range(pl.len()).over("form")
    vague = pl.col("form").is_in(LABORATORY) & (nth % 7 == 3) & (nth < 7 * RECODED)
    vague_name = pl.col("form").replace_strict(LABORATORY, default=None)
    coded = known.with_columns(
        pl.when(vague).then(vague_name).otherwise(pl.col("substance_raw")).alias("substance_raw"),
        *(pl.when(vague).then(pl.lit("")).otherwise(pl.col(name)).alias(name) for name in STRENGTH),
    )
    revoked = pl.DataFrame(_annulled(lines), schema=lines.schema)
    return (
        pl.concat([coded, revoked])
        .with_columns(pl.lit("preliminary").alias("status"))
        .sort("known_on", "case_id", "line_no")
    )


def _spread(lines: pl.DataFrame, rows: int) -> list[Line]:
    """`rows` lines, evenly over the frame."""
    return lines.gather_every(max(1, lines.height // rows)).head(rows).to_dicts()


def _added(dirt: Dirt, lines: pl.DataFrame) -> list[str]:
    if dirt.kind == "footnote":
        return []  # below the table, not amid it
    if dirt.kind == "annulled":
        return [_record(row) for row in _annulled(lines)]
    which, change = ADDITIONS[dirt.kind]
    return [_record(row | change(row, i)) for i, row in enumerate(_spread(lines.filter(which), dirt.rows))]


def _annulled(lines: pl.DataFrame) -> list[Line]:
    rows = next(d.rows for d in DIRT if d.kind == "annulled")
    source = _spread(
        lines.filter(COCAINE & (pl.col("seized_on") < "2023-06-01") & (pl.col("q") < KILO)), rows
    )
    return [
        row | {"case_id": _new_id(row, "A", i), "line_no": "1", "status": "annulled"}
        for i, row in enumerate(source)
    ]


def _record(row: Line) -> str:
    return ";".join(row[name] for name in FIELDS if row[name] is not None)


def _new_id(row: Line, letter: str, i: int) -> str:
    return f"{row['case_id'].rsplit('-', 1)[0]}-{letter}{i + 1:03d}"


def _case(letter: str, **cells: str | None) -> Callable[[Line, int], Line]:
    return lambda row, i: {"case_id": _new_id(row, letter, i), "line_no": "1", **cells}


def _joint(row: Line, i: int) -> Line:
    return {
        "case_id": _new_id(row, "T", i),
        "line_no": "1",
        "agency": "customs",
        "joint_case_id": row["case_id"],
    }


def _total(row: Line, _: int) -> Line:
    blank: Line = dict.fromkeys(FIELDS, "")
    country = row["country_code"]
    return blank | {
        "case_id": TOTAL_WORDS[country],
        "country_code": country,
        "quantity": "48.213,5",
        "is_synthetic": "true",
    }


def _grouped(row: Line) -> Line:
    whole, part = divmod(row["q"], 100)
    return {"quantity": f"{whole:,}".replace(",", ".") + (f",{part:02d}" if part else "")}


def _month_name(row: Line) -> Line:
    day, country = dt.date.fromisoformat(row["seized_on"]), row["country_code"]
    return {
        "seized_on": f"{day.day}{'' if country == 'SE' else '.'} {MONTHS[country].split()[day.month - 1]} {day.year}"
    }


def _excel_date(row: Line) -> Line:
    return {"seized_on": str((dt.date.fromisoformat(row["seized_on"]) - dt.date(1899, 12, 30)).days)}


def _in_kilos(row: Line) -> Line:
    return {"quantity": f"0,{row['q']:05d}".rstrip("0"), "unit_raw": "kg"}


ANY = pl.lit(True)
COCAINE = pl.col("form") == "cocaine.hcl"
IN_GRAMS = pl.col("unit_raw").is_in(["g", "gram"])
REWRITES: dict[str, tuple[pl.Expr, Callable[[Line], Line]]] = {
    "grouped_thousands": (IN_GRAMS & (pl.col("q") >= KILO), _grouped),
    "milligrams": (
        IN_GRAMS & (pl.col("q") < 50),
        lambda row: {"quantity": str(row["q"] * 10), "unit_raw": "mg"},
    ),
    "fraction_of_kilo": (IN_GRAMS & pl.col("q").is_between(KILO // 5, KILO - 1), _in_kilos),
    "month_name": (ANY, _month_name),
    "excel_date": (ANY, _excel_date),
    "old_district": (
        pl.col("district").is_in(list(OLD_DISTRICTS)),
        lambda row: {"district": OLD_DISTRICTS[row["district"]]},
    ),
    "unmapped_name": (
        pl.col("form") == "unknown.powder",
        lambda row: {"substance_raw": "uidentifisert hvitt stoff"},
    ),
}
ADDITIONS: dict[str, tuple[pl.Expr, Callable[[Line, int], Line]]] = {
    "joint_case": (COCAINE & (pl.col("agency") == "police") & (pl.col("place_class") == "vehicle"), _joint),
    "exact_duplicate": (COCAINE, lambda row, i: {}),
    "total_row": (ANY, _total),
    "purity_fraction": (COCAINE & (pl.col("purity") != ""), _case("P", purity="0,78")),
    "negative_quantity": (COCAINE, _case("N", quantity="-3", unit_raw="kg")),
    "filler_quantity": (COCAINE, lambda row, i: _case("F", quantity=("9999999", "9.999.999")[i % 2], unit_raw="g")(row, i)),
    "impossible_date": (COCAINE, lambda row, i: _case("U", seized_on=("30.02.2023", "ukjent dato")[i % 2])(row, i)),
    "short_row": (COCAINE, _case("K", purity_measure=None, purity_basis=None)),  # two cells were lost on the way
}  # fmt: skip
