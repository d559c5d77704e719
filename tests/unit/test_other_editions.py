"""Other files of the same producers: other years, layouts, encodings and programs load with the totals they hold."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import making
import polars as pl
import pytest
from making import History

from orchestration.errors import DeliveryRefused
from orchestration.intake import take_in
from orchestration.parse import Parsed, parse

ENCODINGS = ["utf-8-sig", "utf-16", "windows-1252"]


def fixture(source: str, name: str = "good.csv") -> str:
    return (making.FIXTURES / source / name).read_text("utf-8")


def read(folder: Path, source: str, content: str | bytes, name: str | None = None) -> Parsed:
    contract = making.shipped(source)
    return parse(making.written(folder / (name or f"file.{contract.format}"), content), contract)


def total(found: Parsed, field: str) -> Any:
    return found.frame[field].sum()


def whole(found: Parsed) -> int:
    """The rows of a file of which nothing was left out."""
    assert found.rows_loaded == found.rows_in_file and found.rejects.is_empty()
    return found.rows_loaded


# --- Encodings and programs


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "source", ["countries", "cpi", "euda_wastewater", "euda_wastewater_sites", "places", "unodc_price_purity"]
)
def test_a_text_file_may_have_been_saved_anew(tmp_path: Path, source: str, encoding: str, end: str) -> None:
    text = fixture(source)
    if encoding == "windows-1252":  # letters it does not have
        text = text.encode(encoding, "ignore").decode(encoding)
    same = read(tmp_path / "utf-8", source, text)
    found = read(tmp_path / encoding, source, text.replace("\n", end).encode(encoding))
    assert found.frame.equals(same.frame) and whole(found) > 0


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_exhibits_of_stride_may_have_any_line_ends(tmp_path: Path, end: bytes) -> None:
    exhibits = making.real("dea_stride/*.csv").read_bytes().replace(b"\r", end)
    found = read(tmp_path, "dea_stride", exhibits)
    assert found.rows_in_file == 16_149 and found.rows_dropped == 1_567
    assert found.frame["potency"].median() is not None


def test_the_page_of_the_bulletin_may_be_saved_as_utf8(tmp_path: Path) -> None:
    page = making.real("emcdda/*.html").read_bytes().decode("windows-1252")
    for number, encoding in enumerate(("utf-8", "utf-8-sig")):
        found = read(tmp_path / str(number), "emcdda_seizure_counts", page.encode(encoding))
        assert (whole(found), total(found, "y2021")) == (30, 72_124)


# --- Colombia: another year, other headers, dates of other types

POLICE = {
    "FECHA": "01/05/2019 12:00:00 AM", "DEPARTAMENTO": "ANTIOQUIA", "MUNICIPIO": "MEDELLÍN (CT)",
    "CLASE DE ESTUPEFACIENTE": "COCAINA", "CLASE DE SITIO": "VIAS PUBLICAS", "ZONA": "URBANA",
    "UNIDAD DE MEDIDA": "GRAMO", "CANTIDAD": 473.5,
}  # fmt: skip


def police(changed: dict[str, Any], titles: int = 0, below: str | None = None) -> bytes:
    """A workbook of 200 days in the police's layout; a header set to None is left out, others are renamed."""
    renamed = {old: new for old, new in changed.items() if new is None or isinstance(new, str)}
    header = [renamed.get(name, name) for name in POLICE if renamed.get(name, name) is not None]
    cells = [value for name, value in POLICE.items() if renamed.get(name, name) is not None]
    rows: list[list[Any]] = [["MINISTERIO DE DEFENSA NACIONAL"]] * titles + [header] + [cells] * 200
    return making.workbook([*rows, [below]] if below else rows)


@pytest.mark.parametrize(
    ("content", "loaded"),
    [
        (police({}), 200),
        (police({}, titles=12), 200),
        (police({"FECHA": "FECHA  HECHO", "CLASE DE ESTUPEFACIENTE": "Clase de\nbien"}), 200),
        (police({"CLASE DE SITIO": None, "ZONA": None}), 200),
        (police({}, below="Fuente: Policía Nacional, SIEDCO"), 200),  # quarantined below the table
    ],
)
def test_another_year_of_the_colombian_police_loads(tmp_path: Path, content: bytes, loaded: int) -> None:
    found = read(tmp_path, "colombia_ponal", content)
    assert (found.rows_loaded, total(found, "quantity")) == (loaded, loaded * Decimal("473.5"))
    assert set(found.frame["seized_on"].dt.to_string()) == {"2019-01-05"}


@pytest.mark.parametrize("day", ["2019-01-05", "2019-01-05 00:00:00", "05/01/2019", 43470, "43470"])
def test_days_of_the_colombian_police_may_be_text_or_serial(tmp_path: Path, day: str | int) -> None:
    row = list((POLICE | {"FECHA": day}).values())
    found = read(tmp_path, "colombia_ponal", making.workbook([list(POLICE), *[row] * 20]))
    assert whole(found) == 20 and set(found.frame["seized_on"].dt.to_string()) == {"2019-01-05"}


def test_a_year_of_the_colombian_police_without_units_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match="lacks the column 'UNIDAD DE MEDIDA'"):
        read(tmp_path, "colombia_ponal", police({"UNIDAD DE MEDIDA": None}))


# --- CBP and UNODC: editions that overlap


def fiscal(first: int, last: int, note: str = "") -> str:
    text = making.real("cbp/nationwide*.csv").read_text("utf-8").splitlines()
    body = [line.split(",", 1)[1] for line in text[1:] if line.startswith("2019,")]
    years = (f"{year}{note if year == last else ''}" for year in range(first, last + 1))
    lines = (f"{year},{line}" for year in years for line in body)
    return "\n".join([text[0], *lines]) + "\n"


def test_fiscal_years_roll_on_and_the_running_year_is_replaced(tmp_path: Path) -> None:
    history = History(tmp_path, making.shipped("cbp_seizures"))
    for known, text in (
        ("2023-01-10", fiscal(2019, 2022)),
        ("2024-03-01", fiscal(2020, 2023, note=" (FYTD)")),
        ("2025-03-01", fiscal(2022, 2025, note=" (FYTD)")),
    ):
        assert history.told(known, text).refused == []
    stands = history.sql(
        "select fiscal_year, count(*) from raw.cbp_seizures where _valid_to is null group by all order by all"
    )
    assert [year for year, _ in stands] == list(range(2019, 2026)) and len({rows for _, rows in stands}) == 1


def test_editions_put_in_together_follow_each_other_by_the_years_they_reach(tmp_path: Path) -> None:
    settings, contract = making.home(tmp_path), making.shipped("cbp_seizures")
    for name, text in (("b", fiscal(2019, 2022)), ("a", fiscal(2020, 2023)), ("c", fiscal(2022, 2025))):
        making.written(settings.inbox / "cbp_seizures" / f"{name}.csv", text)
    known = {d.file_name: d.known_at for d in take_in(contract, settings).new}
    assert known["b.csv"] < known["a.csv"] < known["c.csv"]
    assert take_in(contract, settings).new == []


def test_border_seizures_may_group_their_digits(tmp_path: Path) -> None:
    text = fixture("cbp_seizures", "good_nationwide.csv").splitlines()
    cells = text[1].split(",")
    text[1] = ",".join([*cells[:-1], '"1,394.5"'])
    found = read(tmp_path, "cbp_seizures", "\n".join(text) + "\n")
    assert whole(found) == len(text) - 1 and found.frame["quantity_lb"][0] == Decimal("1394.5")


def test_ten_years_of_unodc_seizures_follow_five(tmp_path: Path) -> None:
    cells = [row.split("|") for row in (
        "Region|Sub-region|Country|DrugGroup|DrugSubGroup|DrugName|Reference year|Kilograms|Iso3_code",
        "Europe|Western Europe|Norway|Cocaine-type|Cocaine salts|Cocaine hydrochloride|%d|100|NOR",
    )]  # fmt: skip
    line = cells[1]

    def edition(header: list[str], years: range) -> bytes:
        rows = [[*line[:6], year, 100, line[8]] for year in years for _ in range(40)]
        return making.workbook([["Drug seizures"], header, *rows])

    before = [*cells[0][:1], "SubRegion", *cells[0][2:8], "msCode"]
    history = History(tmp_path, making.shipped("unodc_seizures"))
    history.deliver("2025-06-26", edition(before, range(2019, 2024)))  # type: ignore[arg-type]
    history.deliver("2026-06-26", edition(cells[0], range(2015, 2025)))  # type: ignore[arg-type]
    assert history.fold().refused == []
    assert history.sql(
        "select min(reference_year), max(reference_year), sum(kilograms) from raw.unodc_seizures "
        "where _valid_to is null"
    ) == [(2015, 2024, Decimal(40_000))]


# --- Rates, prices, scores, wastewater


def rates(edit: Callable[[list[str]], list[str]]) -> str:
    return "\n".join(edit(making.real("ecb_fx/*.csv").read_text("utf-8").splitlines())) + "\n"


@pytest.mark.parametrize(
    "edit",
    [
        lambda lines: lines[:63],  # ninety days
        lambda lines: [line.rstrip(",") for line in lines[:63]],  # saved anew by another program
        lambda lines: [lines[0].replace(",", ", "), *(line.replace(",", ", ") for line in lines[1:63])],
    ],
)
def test_rates_of_ninety_days_load(tmp_path: Path, edit: Callable[[list[str]], list[str]]) -> None:
    found = read(tmp_path, "ecb_fx", rates(edit))
    same = read(tmp_path, "ecb_fx", rates(lambda lines: lines[:63]))
    assert whole(found) == 62 and total(found, "nok") == total(same, "nok")


def test_the_rates_of_one_day_load(tmp_path: Path) -> None:
    found = read(tmp_path, "ecb_fx", "Date, USD, NOK, \n20 January 2025, 1.0316, 11.7445, \n")
    assert found.frame.select("quoted_on", "nok").rows()[0][0].isoformat() == "2025-01-20"


def test_ninety_days_do_not_take_the_place_of_all_years(tmp_path: Path) -> None:
    history = History(tmp_path, making.shipped("ecb_fx"))
    assert history.told("2025-01-20", rates(lambda lines: lines)).refused == []
    said = history.told("2025-01-21", rates(lambda lines: lines[:63])).refused
    assert len(said) == 1 and "holds 62 rows where the delivery it replaces held 6671" in said[0]


def test_a_later_edition_of_the_index_has_a_sheet_more(tmp_path: Path) -> None:
    table = list(csv.reader(io.StringIO(fixture("oc_index"))))
    marks = [number for number, row in enumerate(table) if len(row) == 1]
    last = table[marks[-1] + 1 :]
    found = read(tmp_path, "oc_index", making.book({"2025_dataset": last, "2023_dataset": last}))
    assert whole(found) == 2 * (len(last) - 1) and set(found.frame["edition_year"]) == {2025, 2023}


def test_a_price_may_be_null_only_where_one_is_not_promised(tmp_path: Path) -> None:
    data = json.loads(fixture("unodc_prices", "good.json"))
    records = data["records"]
    records[0]["region"] = None
    assert whole(read(tmp_path / "region", "unodc_prices", json.dumps(data))) == len(records)
    records[0]["priceUsdPerGram"] = None
    found = read(tmp_path / "price", "unodc_prices", json.dumps(data))
    assert found.rejects.select("field", "reason").rows() == [("price_usd_per_g", "missing_required")]


def test_wastewater_of_another_edition_writes_its_headers_otherwise(tmp_path: Path) -> None:
    text = making.real("euda_wastewater/*all-data*.csv").read_text("utf-8")
    same = read(tmp_path / "a", "euda_wastewater", text)
    header, _, body = text.partition("\n")
    other = header.lower().replace("site id", "SiteID").replace(" mean", ".mean")
    found = read(tmp_path / "b", "euda_wastewater", (other + "\n" + body).encode("windows-1252", "replace"))
    assert whole(found) == 4_376 and total(found, "daily_mean") == total(same, "daily_mean")
    oslo = pl.col("city").str.starts_with("Oslo"), pl.col("year") == 2024, pl.col("metabolite") == "cocaine"
    assert found.frame.filter(*oslo)["daily_mean"].to_list() == [Decimal("672.16")]
