"""Promises of the synthetic feeds: calibrated, marked, repeatable, and dirty where they say so."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orchestration.contract import load_contract
from orchestration.errors import UsageError
from orchestration.parse import parse
from orchestration.sample import write_sample
from orchestration.sample.dirt import DIRT
from orchestration.sample.lines import FIELDS, TOTALS

SOURCES = Path(__file__).parents[2] / "sources"
SHIPPED = SOURCES / "data"
FEEDS = ("seizures", "postal_interceptions", "price_quotes", "darknet_turnover")
GROUPS = {
    "cocaine": {"kokain"},
    "cannabis": {"hasj", "hasjisj", "marihuana", "marijuana", "cannabisplante"},
    "amphetamines": {"amfetamin", "metamfetamin"},
    "mdma": {"ecstasy", "mdma"},
    "benzodiazepines": {"alprazolam", "diazepam", "klonazepam"},
    "nitazenes": {"nitazener"},
    "doping": {"anabole steroider"},
}
MONTHS = ("jan", "feb", "mar", "apr", "ma", "jun", "jul", "aug", "sep", "okt", "nov", "des")  # "ma": mai, maj
GRAMS = {"mg": Decimal("0.001"), "g": Decimal(1), "gram": Decimal(1), "kg": Decimal(1000)}
HALVES = [
    ("NO", f"{year}-{first}", f"{year}-{last}")
    for year in (2021, 2022, 2023) for first, last in (("01-01", "06-30"), ("07-01", "12-31"))
]  # fmt: skip
H1_2021, H1_2022, H1_2023 = HALVES[::2]
YEAR_2021, YEAR_2023 = (("NO", f"{year}-01-01", f"{year}-12-31") for year in (2021, 2023))
Row = dict[str, Any]


def figure(figure_id: str) -> Decimal:
    """The value published under an id, from the curated table that ships."""
    with (SHIPPED / "published_figures" / "published_figures.csv").open(encoding="utf-8", newline="") as file:
        return next(Decimal(row["value"]) for row in csv.DictReader(file) if row["figure_id"] == figure_id)


def number(text: str) -> Decimal:
    return Decimal(text.replace(".", "").replace(",", "."))


def day_of(text: str) -> str | None:
    """ISO date of any notation planted; None when it is none."""
    months = {m: i + 1 for i, m in enumerate(MONTHS)}
    if text.isdigit():
        return str(dt.date(1899, 12, 30) + dt.timedelta(int(text)))
    if (parts := text.replace(".", " ").split()) and len(parts) == 3 and parts[1].isalpha():
        month = next(n for m, n in months.items() if parts[1].replace("dec", "des").startswith(m))
        return str(dt.date(int(parts[2]), month, int(parts[0])))
    return text if len(text) == 10 and text[4] == "-" else None


def records(path: Path) -> list[list[str]]:
    with path.open(encoding="windows-1252", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def counted(folder: Path) -> list[Row]:
    """Lines that count: latest edition, whole, in range, told apart, not annulled, not a customs copy."""
    latest: dict[str, Path] = {}
    for path in sorted(folder.glob("*.csv")):
        latest[path.name.split("_known_")[0]] = path
    rows: list[Row] = []
    for path in latest.values():
        seen = set()
        for cells in records(path)[1:]:
            if len(cells) != len(FIELDS) or tuple(cells) in seen or cells[0] in ("Totalt", "Sum", "I alt"):
                continue
            seen.add(tuple(cells))
            row: Row = dict(zip(FIELDS, cells, strict=True))
            row["day"], row["amount"] = day_of(row["seized_on"]), number(row["quantity"])
            weak = row["purity"] not in ("", "-", ":", "..") and number(row["purity"]) < 1
            if row["day"] is None or weak or not 0 <= row["amount"] <= 9_999_998:
                continue
            if row["status"] != "annulled" and not row["joint_case_id"]:
                rows.append(row)
    return rows


def within(rows: list[Row], country: str, start: str, end: str, group: str | None = None) -> list[Row]:
    names = GROUPS[group] if group else None
    return [
        row for row in rows
        if row["country_code"] == country and start <= row["day"] <= end
        and (names is None or row["substance_raw"].lower() in names)
    ]  # fmt: skip


def kilograms(rows: list[Row]) -> Decimal:
    return (
        sum((r["amount"] * GRAMS[r["unit_raw"]] for r in rows if r["unit_raw"] in GRAMS), Decimal(0)) / 1000
    )


@pytest.fixture(scope="module")
def shipped() -> list[Row]:
    return counted(SHIPPED / "seizures")


@pytest.fixture(scope="module")
def bigger(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    out = tmp_path_factory.mktemp("bigger")
    return out, write_sample(out, 100_000, dirt=False)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {f"{feed}/{p.name}": p.read_bytes() for feed in FEEDS for p in sorted((folder / feed).glob("*"))}


def test_the_shipped_files_are_what_the_generator_writes(tmp_path: Path) -> None:
    write_sample(tmp_path)
    assert bytes_of(tmp_path) == bytes_of(SHIPPED)


def test_a_seed_gives_the_same_bytes_and_another_seed_gives_others(tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        write_sample(tmp_path / name, 3000, seed)
    first, again, other = (bytes_of(tmp_path / name) for name in "abc")
    assert first == again
    assert first.keys() == other.keys()
    differing = {name.split("/")[0] for name in first if first[name] != other[name]}
    assert {"seizures", "postal_interceptions", "price_quotes"} <= differing


@pytest.mark.parametrize(
    ("group", "period", "count", "mass"),
    [
        ("cocaine", ("2021-01-01", "2021-06-30"), "PF0031", "PF0030"),
        ("cocaine", ("2021-01-01", "2021-12-31"), "PF0037", "PF0036"),
        ("cocaine", ("2022-01-01", "2022-06-30"), "PF0248", "PF0247"),
        ("cocaine", ("2023-01-01", "2023-06-30"), "PF0053", "PF0052"),
        ("cocaine", ("2023-01-01", "2023-12-31"), None, "PF0065"),
        ("cannabis", ("2021-01-01", "2021-06-30"), "PF0029", "PF0028"),
        ("cannabis", ("2022-01-01", "2022-06-30"), "PF0242", "PF0241"),
        ("cannabis", ("2023-01-01", "2023-06-30"), "PF0059", "PF0058"),
        ("amphetamines", ("2021-01-01", "2021-06-30"), "PF0033", "PF0032"),
        ("amphetamines", ("2021-01-01", "2021-12-31"), "PF0040", "PF0041"),
        ("mdma", ("2021-01-01", "2021-06-30"), None, "PF0035"),
    ],
)
def test_a_published_total_is_met_to_the_gram(
    shipped: list[Row], group: str, period: tuple[str, str], count: str | None, mass: str
) -> None:
    rows = within(shipped, "NO", *period, group)
    assert kilograms(rows) == figure(mass)
    assert count is None or len(rows) == figure(count)


def test_ecstasy_tablets_are_met(shipped: list[Row]) -> None:
    tablets = [r["amount"] for r in within(shipped, *H1_2021, "mdma") if r["unit_raw"] == "tabletter"]
    assert sum(tablets) == figure("PF0034")


def test_counts_follow_the_published_changes(shipped: list[Row]) -> None:
    by_year = Counter(r["day"][:4] for r in within(shipped, "NO", "2021-01-01", "2023-12-31", "cocaine"))
    for year, change in (("2022", "PF0050"), ("2023", "PF0066")):
        before = by_year[str(int(year) - 1)]
        assert round(100 * (by_year[year] / before - 1)) == figure(change)


def test_three_seizures_are_95_per_cent_of_the_cocaine_of_early_2023(shipped: list[Row]) -> None:
    rows = within(shipped, *H1_2023, "cocaine")
    largest = sorted((r["amount"] * GRAMS[r["unit_raw"]] / 1000 for r in rows), reverse=True)[:3]
    assert largest == [figure("PF0054"), figure("PF0055"), figure("PF0056")]
    assert round(100 * sum(largest) / kilograms(rows)) == 95
    hull = [r for r in rows if r["concealment"] == "hull" and r["municipality"] == "Kvinnherad"]
    assert [(r["amount"], r["unit_raw"], r["origin_country"]) for r in hull if r["amount"] == 150] == [
        (150, "kg", "BR")
    ]


@pytest.mark.parametrize(
    ("period", "group", "share"),
    [
        (H1_2021, "cocaine", 6), (H1_2022, "cocaine", 8), (H1_2023, "cocaine", 10),
        (H1_2023, "amphetamines", 15), (H1_2023, "benzodiazepines", 15),
        (YEAR_2021, "cocaine", 7), (YEAR_2023, "cocaine", 10), (YEAR_2023, "cannabis", 40),
    ],
)  # fmt: skip
def test_shares_of_seizures_are_those_published(
    shipped: list[Row], period: tuple[str, str, str], group: str, share: int
) -> None:
    drugs = [r for r in within(shipped, *period) if r["substance_raw"] not in GROUPS["doping"]]
    assert round(100 * len(within(shipped, *period, group)) / len(drugs)) == share


def test_doping_is_six_per_cent_of_all_lines_of_early_2023(shipped: list[Row]) -> None:
    assert round(100 * len(within(shipped, *H1_2023, "doping")) / len(within(shipped, *H1_2023))) == figure(
        "PF0064"
    )


def test_every_half_year_holds_every_group(shipped: list[Row]) -> None:
    for group in set(GROUPS) - {"doping", "nitazenes"}:  # doping in 2023 alone, nitazenes from 2022 on
        counts = [len(within(shipped, *half, group)) for half in HALVES]
        assert min(counts) > 0.6 * max(counts), group
    for start, published in (("2022", "PF0348"), ("2023", "PF0067")):
        assert len(within(shipped, "NO", f"{start}-01-01", f"{start}-12-31", "nitazenes")) == figure(
            published
        )
    assert all(len(within(shipped, *half, "doping")) > 500 for half in HALVES[4:])


def test_lines_keep_in_step_with_the_published_cases(shipped: list[Row]) -> None:
    cases = {2022: figure("PF0044"), 2023: figure("PF0070")}
    cases[2021] = cases[2022] / (1 + figure("PF0045") / 100)
    for year, published in cases.items():
        rows = within(shipped, "NO", f"{year}-01-01", f"{year}-12-31")
        drugs = [r for r in rows if r["substance_raw"] not in GROUPS["doping"]]
        assert Decimal("1.12") < len(drugs) / published < Decimal("1.14")


def test_cocaine_is_as_strong_as_published_and_in_small_and_large_lines_alike(shipped: list[Row]) -> None:
    rows = [r for r in within(shipped, "NO", "2022-01-01", "2022-12-31", "cocaine") if r["purity"]]
    small = [number(r["purity"]) for r in rows if r["amount"] * GRAMS[r["unit_raw"]] < 1]
    large = [number(r["purity"]) for r in rows if r["amount"] * GRAMS[r["unit_raw"]] >= 100]
    assert abs(sum(number(r["purity"]) for r in rows) / len(rows) - figure("PF0051")) < 1
    assert abs(sum(small) / len(small) - sum(large) / len(large)) < 5


def test_every_row_says_that_it_is_synthetic() -> None:
    for feed in FEEDS:
        for path in (SHIPPED / feed).glob("*.csv"):
            header, *rows = records(path)
            notes = sum(d.rows for d in DIRT if d.kind == "footnote" and path.name.startswith(d.file))
            assert header[-1] == "is_synthetic"
            assert [row[-1] for row in rows[: len(rows) - notes]] == ["true"] * (len(rows) - notes), path.name


def test_case_ids_are_unmistakable_and_lines_unique(shipped: list[Row]) -> None:
    assert all(r["case_id"].startswith("SYN-") for r in shipped)
    assert len({(r["agency"], r["case_id"], r["line_no"]) for r in shipped}) == len(shipped)
    assert max(int(r["line_no"]) for r in shipped) > 1


def test_another_size_has_exactly_that_many_lines_and_keeps_shares_and_totals(
    shipped: list[Row], bigger: tuple[Path, dict[str, int]]
) -> None:
    out, written = bigger
    assert written["seizures"] == 100_000
    rows, factor = counted(out / "seizures"), Decimal(100_000) / len(shipped)
    assert len(rows) == 100_000
    for group in GROUPS:
        for period in HALVES:
            before, after = within(shipped, *period, group), within(rows, *period, group)
            assert abs(len(after) - len(before) * factor) <= 6
            assert abs(kilograms(after) - kilograms(before) * factor) < Decimal("0.01")
    largest = sorted(
        (r["amount"] * GRAMS[r["unit_raw"]] / 1000 for r in within(rows, *H1_2023, "cocaine")), reverse=True
    )
    assert largest[0] <= figure("PF0054")  # more records, none larger
    assert round(100 * sum(largest[:6]) / kilograms(within(rows, *H1_2023, "cocaine"))) == 95


@pytest.mark.parametrize("path", sorted((SHIPPED / "seizures").glob("*.csv")), ids=lambda p: p.stem)
def test_planted_dirt_meets_its_fate(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BESLAG_KEY", "a key for tests only")
    parsed = parse(path, load_contract(SOURCES / "seizures.yml"))
    clean_edition = path.name.startswith("NO_2023_known_2023")
    planted = [d for d in DIRT if path.name.startswith(d.file) and not clean_edition]
    quarantined: Counter[str] = Counter()
    dropped: dict[str, int] = defaultdict(int)
    for dirt in planted:
        if dirt.fate == "quarantined":
            quarantined[dirt.rule] += dirt.rows
        elif dirt.fate == "dropped":
            dropped[dirt.rule] += dirt.rows
    assert Counter(parsed.rejects["reason"].to_list()) == quarantined
    assert {rule: rows for rule, rows in parsed.drops.items() if rows} == dropped
    assert parsed.rows_in_file == parsed.rows_loaded + parsed.rows_quarantined + parsed.rows_dropped


def test_rewritten_lines_are_there_and_read_as_before() -> None:
    rows = [
        dict(zip(FIELDS, r, strict=False))
        for p in (SHIPPED / "seizures").glob("*.csv")
        for r in records(p)[1:]
    ]
    found = {
        "grouped_thousands": sum("." in r["quantity"] and r["case_id"].count("-") == 2 and r["case_id"][9].isdigit()
                                 for r in rows if "quantity" in r and r["case_id"].startswith("SYN")),
        "milligrams": sum(r.get("unit_raw") == "mg" for r in rows),
        "excel_date": sum(r.get("seized_on", "").isdigit() for r in rows),
        "month_name": sum(" " in r.get("seized_on", "") and r["seized_on"] != "ukjent dato" for r in rows),
        "old_district": sum(r.get("district") in ("Follo", "Hordaland", "Rogaland", "Telemark") for r in rows),
        "unmapped_name": sum(r.get("substance_raw") == "uidentifisert hvitt stoff" for r in rows),
        "joint_case": sum(bool(r.get("joint_case_id")) for r in rows),
        "annulled": sum(r.get("status") == "annulled" for r in rows),
    }  # fmt: skip
    planned = {kind: sum(d.rows for d in DIRT if d.kind == kind) for kind in found}
    assert found == planned


def test_the_later_edition_of_2023_recodes_and_annuls_lines_of_the_earlier() -> None:
    folder = SHIPPED / "seizures"
    early, late = (
        {
            (r[0], r[1]): dict(zip(FIELDS, r, strict=False))
            for r in records(next(folder.glob(f"NO_2023_known_{year}*")))[1:]
        }
        for year in (2023, 2024)
    )
    assert set(early) <= set(late)
    assert {r["status"] for r in early.values()} == {"preliminary"}
    assert max(r["seized_on"] for r in early.values()) <= "2023-06-30"
    assert max(r["known_on"] for r in early.values()) <= "2023-08-20"
    registered = {
        key for key, r in late.items()
        if r["seized_on"] <= "2023-06-30" and r["known_on"] <= "2023-08-20" and key[0][8].isdigit() and not r["joint_case_id"]
    }  # fmt: skip
    assert registered <= set(early)
    assert all(r["purity"] == "" for r in early.values() if r["substance_raw"] == "pulver")
    changed = [(early[key]["substance_raw"], late[key]["substance_raw"]) for key in early]
    recoded = Counter(before for before, after in changed if before != after)
    assert recoded == {"pulver": 60, "tabletter": 24}
    assert sum(late[key]["status"] == "annulled" for key in early) == 5


def test_the_calibration_table_cites_figures_that_exist() -> None:
    with TOTALS.open(encoding="utf-8", newline="") as file:
        cells = list(csv.DictReader(file))
    assert all(
        figure(i) is not None
        for cell in cells
        for i in cell["figures"].split("|")
        if i not in ("", "PF0046", "UNODC")
    )
    assert {cell["basis"] for cell in cells} == {"published", "split", "derived", "assumed"}
    assert all(cell["figures"] for cell in cells if cell["basis"] != "assumed")
    assert all(cell["basis"] == "assumed" for cell in cells if cell["country"] != "NO")


def test_the_readme_of_the_data_lists_all_planted_dirt() -> None:
    text = (SHIPPED / "README.md").read_text(encoding="utf-8")
    for d in DIRT:
        assert f"| {d.kind} | {d.file} | {d.rows} | {d.fate} | {d.rule} |" in text


def test_mail_prices_and_darknet_have_the_shapes_they_promise() -> None:
    mail = [r for p in sorted((SHIPPED / "postal_interceptions").glob("SE*")) for r in records(p)[1:]]
    dead = [int(r[7]) / int(r[6]) for r in mail if r[4:6] == ["undeliverable", "letter"]]
    assert len(dead) == 10
    assert dead[-1] > 1.5 * dead[0]
    quotes = Counter(
        (r[0], r[4], r[5], r[6], p.stem[3:7])
        for p in (SHIPPED / "price_quotes").glob("*.csv") for r in records(p)[1:]
    )  # fmt: skip
    assert [cell for cell, n in quotes.items() if n < 5] == [("DK", "heroin", "wholesale", "1", "2023")]
    years = [r for p in sorted((SHIPPED / "darknet_turnover").glob("*.csv")) for r in records(p)[1:]
             if r[2] == "darknet_market" and r[4].endswith("12-31") and r[3].endswith("01-01")]  # fmt: skip
    turnover, vendors, index = ([number(r[i]) for r in years] for i in (5, 7, 9))
    assert turnover == sorted(turnover)
    assert vendors == sorted(vendors, reverse=True)
    assert index == sorted(index, reverse=True)
    assert turnover[2] == figure("PF0012") * 1_000_000
    assert number(years[2][8]) == figure("PF0015")


def test_sizes_and_seeds_out_of_range_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--rows is 0"):
        write_sample(tmp_path, 0)
    with pytest.raises(UsageError, match="--seed is -1"):
        write_sample(tmp_path, 10, -1)


@pytest.mark.parametrize("rows", [1, 7, 500])
def test_small_sizes_work(tmp_path: Path, rows: int) -> None:
    assert write_sample(tmp_path, rows, dirt=False)["seizures"] == rows
