"""The real files of prices, prevalence, scores, listings and places, read by the shipped contracts: known answers."""

from __future__ import annotations

import csv
from decimal import Decimal
from functools import cache
from math import prod

import making
import polars as pl
import pytest

from orchestration.parse import Parsed, parse
from orchestration.settings import PROJECT

FILES = {
    "cpi": "worldbank_cpi/cpi.csv",
    "countries": "iso3166/all_2024.csv",
    "darknet_listings": "darknet_dream/*.csv",
    "unodc_prices": "unodc/priceSeries_*.json",
    "unodc_price_purity": "unodc/retail_price_purity_*.csv",
    "unodc_prevalence": "unodc/1.2_*.xlsx",
    "unodc_prevalence_nps": "unodc/1.2_*.xlsx",
    "oc_index": "oc_index/*.xlsx",
}
PLACES = {  # rows in file, rows with cells shifted by a comma in the name
    "BE": (1842, 0), "BR": (5634, 0), "CO": (394, 0), "DE": (9996, 30), "DK": (753, 4), "EC": (156, 2),
    "FI": (780, 0), "NL": (1878, 1), "NO": (1143, 0), "SE": (1198, 5),
}  # fmt: skip


@cache
def read(source: str) -> Parsed:
    return parse(making.real(FILES[source]), making.shipped(source))


@pytest.mark.parametrize(
    ("source", "in_file", "dropped"),
    [
        ("cpi", 11_182, 0),
        ("countries", 249, 0),
        ("darknet_listings", 1_504, 0),
        ("unodc_prices", 1_217, 0),
        ("unodc_price_purity", 208, 0),
        ("unodc_prevalence", 2_293, 10),  # nine sheets, ten notes below their tables
        ("unodc_prevalence_nps", 313, 4),  # two titles and two rows of header
        ("oc_index", 386, 0),
    ],
)
def test_every_row_of_a_real_file_is_accounted_for(source: str, in_file: int, dropped: int) -> None:
    found = read(source)
    assert (found.rows_in_file, found.rows_dropped, found.rows_quarantined) == (in_file, dropped, 0)
    assert found.rows_loaded == in_file - dropped


@pytest.mark.parametrize("country", PLACES)
def test_places_are_read_but_for_rows_whose_cells_have_shifted(country: str) -> None:
    found = parse(making.real(f"un_locode/{country}.csv"), making.shipped("places"))
    assert (found.rows_in_file, found.rows_quarantined) == PLACES[country]
    assert set(found.frame["country_code"]) == {country}
    assert not found.frame["place_name"].str.contains("\ufffd").any()


def test_norwegian_prices_rose_by_a_factor_known_from_2015_to_2023() -> None:
    rates = read("cpi").frame.filter(pl.col("country_iso3") == "NOR", pl.col("year").is_between(2016, 2023))
    assert round(prod(1 + rate / 100 for rate in rates["inflation_pct"]), 6) == Decimal("1.295583")


def test_namibia_has_a_code() -> None:
    countries = read("countries").frame
    assert countries.filter(pl.col("country") == "Namibia")["country_code"].to_list() == ["NA"]
    assert countries["country_code"].null_count() == 0


def test_listings_of_known_vendors_and_claimed_purity() -> None:
    listings = read("darknet_listings").frame
    assert listings["vendor"].n_unique() == 180
    assert listings["claimed_purity_pct"].median() == 90


def test_nordic_cocaine_prices_of_2023_are_known() -> None:
    prices = read("unodc_prices").frame.filter(pl.col("drug") == "cocaine", pl.col("year") == 2023)
    by_country = dict(prices.select("country", "price_usd_per_g").rows())
    assert {c: by_country[c] for c in ("Norway", "Sweden", "Denmark", "Finland")} == {
        "Norway": 114,
        "Sweden": Decimal("84.77"),
        "Denmark": 102,
        "Finland": 162,
    }


def test_each_sheet_of_prevalence_is_its_own() -> None:
    estimates = read("unodc_prevalence").frame
    assert dict(estimates.group_by("drug").len().rows()) == {
        "Amphetamines": 340, "Cannabis": 439, "Cocaine": 354, "Ecstasy": 350, "Opiates": 300, "Opioids": 169,
        "Prescription Stimulants": 51, "Prescription opioids": 99, "Tranquillizers and sedatives": 181,
    }  # fmt: skip
    norway = estimates.filter(
        pl.col("country") == "Norway", pl.col("drug") == "Cocaine", pl.col("year_raw") == "2023"
    )
    assert norway.select("region", "sub_region", "best_pct").rows() == [
        ("Europe", "Western and Central Europe", Decimal("2.2"))
    ]


def test_scores_of_both_editions_are_known() -> None:
    scores = read("oc_index").frame.filter(pl.col("country").is_in(["Norway", "Sweden"]))
    assert {(c, y): s for c, y, s in scores.select("country", "edition_year", "criminality").rows()} == {
        ("Norway", 2021): Decimal("3.81"),
        ("Norway", 2023): Decimal("3.75"),
        ("Sweden", 2021): Decimal("4.56"),
        ("Sweden", 2023): Decimal("4.70"),
    }


def test_origin_regions_are_those_of_the_real_country_list() -> None:
    """M49's intermediate region where it has one (South America), else its sub-region."""
    with making.real(FILES["countries"]).open(encoding="utf-8", newline="") as file:
        regions = {
            row["alpha-2"]: row["intermediate-region"] or row["sub-region"] for row in csv.DictReader(file)
        }
    with (PROJECT / "dbt_project" / "seeds" / "origin_regions.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        ours = list(csv.DictReader(file))
    assert {row["country_code"]: row["region_label"] for row in ours} == {
        row["country_code"]: regions[row["country_code"]] for row in ours
    }
    assert all(row["region"] == row["region_label"].lower().replace(" ", "_") for row in ours)
