"""The real files of ../shared/data, read by the shipped contracts, give the answers that are known of them."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import making
import polars as pl
import pytest

from orchestration.parse import Parsed, parse

FILES = {
    "colombia_2014": ("colombia_ponal", "colombia_ponal/estupefacientes_2014.xlsx"),
    "colombia_2017": ("colombia_ponal", "colombia_ponal/estupefacientes_2017.xlsx"),
    "stride": ("dea_stride", "dea_stride/stride_cocaine.csv"),
    "unodc": ("unodc_seizures", "unodc/7.1_*.xlsx"),
    "ecb": ("ecb_fx", "ecb_fx/eurofxref-hist.csv"),
    "cbp_nationwide": ("cbp_seizures", "cbp/nationwide-*.csv"),
    "cbp_amo": ("cbp_seizures", "cbp/amo-*.csv"),
    "wastewater": ("euda_wastewater", "euda_wastewater/*all-data.csv"),
    "wastewater_sites": ("euda_wastewater_sites", "euda_wastewater/*site-info*.csv"),
    "emcdda": ("emcdda_seizure_counts", "emcdda/*.html"),
    "figures": ("published_figures", "published/published_figures.csv"),
    "claims": ("claims", "published/claims.csv"),
}


@cache
def read(name: str) -> Parsed:
    source, pattern = FILES[name]
    return parse(making.real(pattern), making.shipped(source))


@pytest.mark.parametrize(
    ("name", "in_file", "loaded", "quarantined", "dropped"),
    [
        ("colombia_2014", 112_627, 112_627, 0, 0),  # the sheet's declared dimension is wrong in both years
        ("colombia_2017", 94_307, 94_307, 0, 0),
        ("stride", 16_149, 14_573, 9, 1_567),
        ("unodc", 11_274, 11_274, 0, 0),
        ("ecb", 6_671, 6_671, 0, 0),
        ("cbp_nationwide", 10_092, 10_092, 0, 0),
        ("cbp_amo", 1_772, 1_772, 0, 0),
        ("wastewater", 4_376, 4_376, 0, 0),
        ("wastewater_sites", 217, 217, 0, 0),
        ("emcdda", 30, 30, 0, 0),
        ("figures", 677, 677, 0, 0),
        ("claims", 161, 161, 0, 0),
    ],
)
def test_every_row_of_a_real_file_is_accounted_for(
    name: str, in_file: int, loaded: int, quarantined: int, dropped: int
) -> None:
    found = read(name)
    assert (found.rows_in_file, found.rows_loaded) == (in_file, loaded)
    assert (found.rows_quarantined, found.rows_dropped) == (quarantined, dropped)
    for total, *parts in found.totals.values():
        assert total == sum(parts)


def test_colombian_dates_are_of_the_year_in_the_file_name() -> None:
    for year in (2014, 2017):
        assert read(f"colombia_{year}").frame["seized_on"].dt.year().unique().to_list() == [year]


def test_stride_weighs_what_is_known_before_its_duplicates_are_dropped() -> None:
    assert read("stride").totals["net_weight_g"][0] == Decimal("103534468")


def test_the_median_potency_of_valid_exhibits_is_known() -> None:
    contract = making.shipped("dea_stride").model_copy(update={"drop": []})
    found = parse(making.real(FILES["stride"][1]), contract)
    assert found.frame["potency"].median() == 72.0
    assert found.rows_quarantined == 9 and set(found.rejects["reason"]) == {"above_maximum"}


def test_norwegian_cocaine_as_reported_to_unodc() -> None:
    norway = read("unodc").frame.filter(
        pl.col("country") == "Norway", pl.col("drug_name") == "Cocaine hydrochloride"
    )
    by_year = dict(norway.group_by("reference_year").agg(pl.col("kilograms").sum()).rows())
    assert by_year == {
        2019: 136,
        2020: Decimal("48.7"),
        2021: Decimal("160.3"),
        2022: Decimal("116.6"),
        2023: 2292,
    }


def test_the_mean_krone_rate_of_2023_is_known() -> None:
    rates = read("ecb").frame.filter(pl.col("quoted_on").dt.year() == 2023)["nok"]
    assert round(sum(rates) / len(rates), 6) == Decimal("11.424838")


def test_no_component_of_cbp_stands_in_both_files() -> None:
    nationwide, amo = read("cbp_nationwide").frame, read("cbp_amo").frame
    assert set(nationwide["component"]) == {"Office of Field Operations", "U.S. Border Patrol"}
    assert set(amo["component"]) == {"Air and Marine Operations"}
    assert (nationwide["events"].sum(), amo["events"].sum()) == (282_492, 4_141)
    assert round(nationwide["quantity_lb"].sum(), 1) == Decimal("3529670.3")
    assert amo["quantity_lb"].sum() == Decimal("1719446.91")


def test_the_load_of_oslo_and_a_population_in_powers_of_ten_are_known() -> None:
    oslo = read("wastewater").frame.filter(site_id="NO007", metabolite="cocaine", year=2024)
    assert oslo["daily_mean"].to_list() == [Decimal("672.16")] and oslo["city"].to_list() == ["Oslo (2)"]
    sites = read("wastewater_sites").frame
    assert sites.filter(site_id="BE004")["population"].to_list() == [300_000]
    assert not set(sites.columns) & {"latitude", "longitude", "location"}


def test_the_number_of_cocaine_seizures_in_2021_is_known() -> None:
    counts = read("emcdda").frame
    assert counts["y2021"].sum() == 72_124
    assert counts.filter(country="Norway")["y2021"].to_list() == [1_291]
    assert counts.filter(country="Türkiye")["y2002"].to_list() == [48]
    assert (
        counts.filter(country="Netherlands").select(f"y{y}" for y in range(2002, 2022)).row(0) == (None,) * 20
    )


def test_the_shipped_curated_files_are_the_published_ones() -> None:
    for name in ("figures", "claims"):
        source, pattern = FILES[name]
        original = making.real(pattern)
        assert (
            making.PROJECT / "sources" / "data" / source / original.name
        ).read_bytes() == original.read_bytes()
