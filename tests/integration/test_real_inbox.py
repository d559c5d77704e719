"""Known answers of the real public files, seen in the published file."""

from __future__ import annotations

import pytest
from making import shipped as shipped_contract
from running import Home

from orchestration.parse import parse

REAL = ("colombia_ponal", "dea_stride", "ecb_fx", "unodc_seizures")
NORWAY = {2019: 136, 2020: 48.7, 2021: 160.3, 2022: 116.6, 2023: 2292}  # kg of cocaine hydrochloride


def test_every_real_file_is_taken_in_and_accounted_for(real: Home) -> None:
    assert real.told("refresh").code == 0
    accounts = real.sql(
        "select source, file_name, rows_in_file, rows_loaded + rows_quarantined + rows_dropped from meta.snapshots"
    )
    assert [row for row in accounts if row[2] != row[3]] == []
    rows = {(source, name): count for source, name, count, _ in accounts}
    assert rows["colombia_ponal", "estupefacientes_2017.xlsx"] == 94_307
    assert rows["colombia_ponal", "estupefacientes_2014.xlsx"] == 112_627
    assert rows["dea_stride", "stride_cocaine.csv"] == 16_149
    assert rows["ecb_fx", "eurofxref-hist.csv"] == 6_671
    assert sum(n for (source, _), n in rows.items() if source == "unodc_seizures") == 11_274


def test_exact_duplicates_of_stride_fall_under_a_named_rule_with_its_reason(real: Home) -> None:
    ((rule, rows, reason),) = real.sql(
        "select rule, rows, reason from meta.drops where source = 'dea_stride'"
    )
    assert (rule, rows) == ("exact_duplicates", 1_567)
    assert "repeat" in reason
    assert real.value("select rows_quarantined from meta.snapshots where source = 'dea_stride'") == 9


def test_the_mass_of_stride_is_whole_before_the_duplicate_rule(real: Home) -> None:
    ((in_file, parts),) = real.sql(
        "select in_file, loaded + quarantined + dropped from meta.control_totals "
        "where source = 'dea_stride' and field = 'net_weight_g'"
    )
    assert in_file == parts == 103_534_468


def test_the_median_potency_of_stride_is_72_before_the_duplicate_rule(real: Home) -> None:
    whole = shipped_contract("dea_stride").model_copy(update={"drop": []})
    frame = parse(real.inbox / "dea_stride" / "stride_cocaine.csv", whole).frame
    assert frame["potency"].median() == 72.0
    ((loaded, dropped, quarantined),) = real.sql(
        "select loaded, dropped, quarantined from meta.control_totals where source = 'dea_stride' and field = 'potency'"
    )
    assert frame["potency"].sum() == loaded + dropped
    assert quarantined > 9 * 100  # nine potencies above a hundred per cent
    kept = real.value("select sum(potency) from raw.dea_stride where _valid_to is null", real.build)
    assert kept == loaded


@pytest.mark.parametrize(("year", "kg"), NORWAY.items())
def test_norwegian_cocaine_is_what_unodc_says(real: Home, year: int, kg: float) -> None:
    period = f"period_start = '{year}-01-01' and country_code = 'NO' and source = 'unodc_seizures'"
    share = real.value(
        f"select mass_kg from marts.substance_share where {period} and substance_group = 'cocaine' and period_grain = 'year'"
    )
    figure = real.value(
        f"select value from marts.indicators where {period} and series = 'seizures_kg' and substance_group = 'cocaine'"
    )
    assert share == pytest.approx(kg, abs=1e-9)
    assert float(figure) == pytest.approx(kg, abs=1e-9)


def test_coca_leaf_and_bush_never_become_cocaine(real: Home) -> None:
    assert (
        real.value("select count(*) from marts.seizures where substance_code in ('coca.leaf', 'coca.bush')")
        > 0
    )
    groups = real.sql(
        "select distinct substance_group from reference.substances where substance_code like 'coca.%'"
    )
    assert ("cocaine",) not in groups
    unodc = "source = 'unodc_seizures' and country_code is not null"
    leaf = real.value(
        f"select sum(mass_g) / 1000 from marts.seizures where {unodc} and substance_code = 'coca.leaf'"
    )
    cocaine = real.value(
        f"select sum(mass_kg) from marts.substance_share where {unodc} and substance_group = 'cocaine' and period_grain = 'year'"
    )
    lines = real.value(
        f"select sum(mass_g) / 1000 from marts.seizures where {unodc} and substance_group = 'cocaine'"
    )
    assert leaf > 0
    assert cocaine == pytest.approx(float(lines))


def test_a_subtotal_adds_nothing_to_its_components(real: Home) -> None:
    """UNODC prints 'total of the above' beside the components for some countries."""
    components = real.value("""
        select max(abs(m.mass_kg - s.kg)) from marts.substance_share as m inner join (
            select country_code, year(seized_on) as y, sum(mass_g) / 1000 as kg from marts.seizures
            where source = 'unodc_seizures' and substance_group = 'cocaine' group by all) as s
        on m.country_code = s.country_code and year(m.period_start) = s.y
        where m.source = 'unodc_seizures' and m.substance_group = 'cocaine' and m.period_grain = 'year'""")
    assert float(components) == pytest.approx(0, abs=1e-6)
    world = real.value(
        "select sum(mass_kg) from marts.substance_share where source = 'unodc_seizures' and period_grain = 'year' "
        "and substance_group = 'cocaine' and period_start = '2022-01-01'"
    )
    assert 1_500_000 < world < 2_500_000  # the World Drug Report gives about two thousand tonnes


def test_the_mean_krone_rate_of_2023_is_the_banks(real: Home) -> None:
    rate = real.value(
        "select value from marts.indicators where source = 'ecb_fx' and unit = 'NOK/EUR' "
        "and period_start = '2023-01-01' and period_end = '2023-12-31'"
    )
    assert float(rate) == pytest.approx(11.424838, abs=5e-7)


def test_totals_and_exhibits_enter_no_count_of_seizures(real: Home) -> None:
    uncounted = "source in ('colombia_ponal', 'dea_stride', 'unodc_seizures')"
    assert real.value(f"select count(*) from marts.seizure_rate where {uncounted}") == 0
    assert real.sql(
        f"select distinct source, n_seizures, count_reason from marts.substance_share where {uncounted} order by all"
    ) == [("colombia_ponal", None, "aggregate_source"), ("unodc_seizures", None, "aggregate_source")]
    units = dict(real.sql("select distinct source, row_unit from marts.seizures"))
    assert (
        units.items()
        >= {"colombia_ponal": "aggregate", "dea_stride": "exhibit", "unodc_seizures": "aggregate"}.items()
    )


def test_bought_exhibits_never_enter_seizure_marts(real: Home) -> None:
    seized = real.value(
        "select count(*) from raw.dea_stride where _valid_to is null and acquisition_method = 'S'", real.build
    )
    listed = real.value("select count(*) from marts.seizures where source = 'dea_stride'")
    bought = real.value(
        "select count(*) from raw.dea_stride where _valid_to is null and acquisition_method = 'P'", real.build
    )
    assert bought > 0
    assert listed <= seized + real.value(
        "select count(*) from raw.dea_stride where _valid_to is null and acquisition_method not in ('S', 'P')",
        real.build,
    )


def test_real_rows_are_not_called_synthetic(real: Home) -> None:
    for mart in ("seizures", "substance_share", "purity", "indicators"):
        assert real.value(f"select count(*) from marts.{mart} where is_synthetic") == 0
    assert real.beslag("status", "--json").json()["synthetic_sources"] == []


@pytest.mark.parametrize("source", REAL)
def test_a_figure_of_every_real_source_can_be_traced_to_its_file(real: Home, source: str) -> None:
    mart, keys = {
        "colombia_ponal": ("substance_share", ["substance_group=cocaine", "period_grain=month", "period_start=2017-03-01"]),
        "dea_stride": ("purity", ["country_code=US", "period_grain=month", "period_start=2007-03-01"]),
        "ecb_fx": ("indicators", ["unit=NOK/EUR", "period_start=2023-01-01"]),
        "unodc_seizures": ("substance_share", ["country_code=NO", "substance_group=cocaine", "period_start=2023-01-01"]),
    }[source]  # fmt: skip
    said = real.beslag("trace", mart, f"source={source}", *keys)
    assert said.code == 0, said.text
    hashes = {row[0] for row in real.sql(f"select sha256 from meta.snapshots where source = '{source}'")}
    assert any(sha in said.out for sha in hashes)
