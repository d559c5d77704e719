"""What `beslag refresh` promises on the inputs that ship."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from running import SHIPPED_MARTS, Home

from expectations.baseline import COMPARED
from orchestration.contract import load_contracts
from orchestration.settings import PROJECT

META = {
    "build": ["build_id", "built_at", "as_of", "code_version", "schema_version"],
    "changes": ["mart", "row_key", "column_name", "value_before", "value_now", "deliveries"],
    "snapshots": ["source", "sha256", "file_name", "size_bytes", "known_at", "loaded_at", "rows_in_file",
                  "rows_loaded", "rows_quarantined", "rows_dropped", "licence"],
    "check_results": ["suite", "check_name", "table_name", "column_name", "severity", "success", "observed",
                      "failing_rows"],
    "columns": ["table_schema", "table_name", "column_name", "data_type", "description"],
    "rejects": ["source", "reason", "rows"],
}  # fmt: skip
PLANNED = {
    "seizures": "source, seizure_key, row_unit, seized_on, country_code, area, agency, place_class, transport_mode, "
    "substance_code, substance_group, quantity, unit, mass_g, purity, purity_measure, purity_basis",
    "seizure_rate": "n_seizures, n_seizures_prev, rate_ratio, rate_ratio_lo, rate_ratio_hi, dispersion",
    "substance_share": "n_seizures, n_seizures_all, share_count_pct, share_count_pct_lo, share_count_pct_hi, mass_kg, "
    "mass_kg_all, share_mass_pct, share_mass_pct_lo, share_mass_pct_hi, share_mass_pct_ex_top3",
    "purity": "purity_measure, purity_basis, n, mean, median, p25, p75, min, max, median_lo, median_hi",
    "purity_by_size": "size_class, n, median, gap_to_small_pp, gap_to_small_lo, gap_to_small_hi",
    "price_level": "market_level, lot_band, currency, n_quotes, price_per_g_low, price_per_g_median, "
    "price_per_g_high, price_per_g_eur, price_per_g_eur_real, price_per_pure_g_eur",
    "postal_interceptions": "selection, items_examined, items_with_drugs, share_pct, share_pct_lo, share_pct_hi, "
    "estimated_total_low, estimated_total_high",
    "darknet_turnover": "platform_scope, turnover, currency, turnover_eur, vendors, buyers, turnover_per_vendor, "
    "dln_turnover, dln_vendors, dln_price, dln_volume_per_vendor",
    "seizure_concentration": "mass_kg, mass_kg_ex_top1, mass_kg_ex_top3, top1_share_pct, top3_share_pct, median_g, "
    "geomean_g, gini, rank, baseline_id, baseline_kg, ratio_to_baseline",
    "indicators": "series, substance_group, country_code, period_start, period_end, value_low, value, value_high, "
    "unit, kind, publisher, agency_scope, locator",
}
ALLOWED = re.compile(r"BOOLEAN|INTEGER|BIGINT|DOUBLE|DECIMAL\(\d+,\d+\)|VARCHAR|DATE|TIMESTAMP")
STORAGE_VERSION_OF_1_2 = 65  # bytes 12 to 19 of the file; 64 is what DuckDB 0.9 to 1.1 write
COCAINE = (
    "marts.substance_share where source = 'seizures' and country_code = 'NO' and substance_group = 'cocaine'"
)


def test_the_command_publishes_and_ends_well(shipped: Home) -> None:
    said = shipped.told("refresh")
    assert said.code == 0
    assert f"Published {shipped.published}" in said.text
    assert re.search("no folder for .*dea_stride.*; what they delivered before stays", said.text)


def test_the_command_is_installed_beside_the_interpreter() -> None:
    command = Path(sys.executable).with_name("beslag")
    helped = subprocess.run([command, "--help"], capture_output=True, text=True, check=True, cwd=PROJECT)
    for word in (
        "refresh",
        "status",
        "check",
        "rejects",
        "trace",
        "sources",
        "history",
        "rollback",
        "sample",
    ):
        assert word in helped.stdout


def test_every_planned_table_and_column_is_there(shipped: Home) -> None:
    columns: dict[str, list[str]] = {}
    for schema, table, column in shipped.sql(
        "select schema_name, table_name, column_name from duckdb_columns() where not internal order by 1, 2, column_index"
    ):
        columns.setdefault(f"{schema}.{table}", []).append(column)
    assert {name.split(".")[0] for name in columns} == {"marts", "reference", "meta"}
    missing = {
        f"{mart}.{column}"
        for mart, wanted in PLANNED.items()
        for column in wanted.split(", ")
        if column not in columns.get(f"marts.{mart}", [])
    } | {
        f"{table}.{column}"
        for table, wanted in META.items()
        for column in wanted
        if column not in columns.get(f"meta.{table}", [])
    }
    assert missing == set()
    for table in ("substances", "substance_names", "units", "countries", "districts"):
        assert shipped.value(f"select count(*) > 0 from reference.{table}"), table


@pytest.mark.parametrize("mart", sorted(set(SHIPPED_MARTS) - {"seizures", "indicators"}))
def test_periodic_marts_say_which_period(shipped: Home, mart: str) -> None:
    assert shipped.value(
        f"select bool_and(period_grain in ('year', 'half_year', 'month') and period_start <= period_end "
        f"and is_complete is not null) from marts.{mart}"
    )


def test_every_table_and_column_carries_a_comment(shipped: Home) -> None:
    silent = shipped.sql(
        "select schema_name, table_name, null from duckdb_tables() "
        "where not internal and coalesce(trim(comment), '') = '' union all "
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where not internal and coalesce(trim(comment), '') = ''"
    )
    assert silent == []


def test_lines_lie_in_the_order_in_which_readers_filter_them(shipped: Home) -> None:
    assert shipped.value("select count(distinct seized_on) > 1 from marts.seizures")
    out_of_order = """
        select count(*) from (
            select (source, seized_on) < lag((source, seized_on)) over (order by rowid) as is_earlier from marts.seizures)
        where is_earlier"""
    assert shipped.value(out_of_order) == 0


def test_types_and_names_are_those_bi_drivers_like(shipped: Home) -> None:
    columns = shipped.sql(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() where not internal"
    )
    assert [row for row in columns if not ALLOWED.fullmatch(row[3])] == []
    names = {name for row in columns for name in row[:3]}
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name)] == []


@pytest.mark.parametrize("mart", SHIPPED_MARTS)
def test_every_mart_row_says_its_source_and_whether_it_is_synthetic(shipped: Home, mart: str) -> None:
    known = set(load_contracts(PROJECT / "sources"))
    sources = {row[0] for row in shipped.sql(f"select distinct source from marts.{mart}")}
    assert sources
    for text in sources:
        parts = text.split("+")
        assert parts == sorted(parts)
        assert set(parts) <= known
    assert shipped.value(f"select count(*) from marts.{mart} where is_synthetic is null") == 0
    real = {"published_figures", "claims"}
    assert shipped.value(f"select bool_and(is_synthetic) from marts.{mart}") is (not sources & real)


@pytest.mark.parametrize("mart", SHIPPED_MARTS)
def test_codes_stand_beside_their_labels(shipped: Home, mart: str) -> None:
    columns = [row[0] for row in shipped.sql(f"describe marts.{mart}")]
    pairs = [("country_code", "country_label"), ("substance_group", "substance_group_label")]
    for code, label in pairs:
        if code in columns:
            assert (
                shipped.value(
                    f"select count(*) from marts.{mart} where ({code} is null) <> ({label} is null)"
                )
                == 0
            )


def test_no_row_of_a_delivery_vanishes(shipped: Home) -> None:
    snapshots = shipped.sql(
        "select source, file_name, rows_in_file, rows_loaded, rows_quarantined, rows_dropped from meta.snapshots"
    )
    shipped_files = {(p.parent.name, p.name) for p in (PROJECT / "sources" / "data").glob("*/*.csv")}
    assert {row[:2] for row in snapshots} == shipped_files
    assert [row for row in snapshots if row[2] != sum(row[3:])] == []
    assert sum(row[2] for row in snapshots) > 60_000
    quarantined = {(source, rows) for source, _, _, _, rows, _ in snapshots if rows}
    assert sum(rows for _, rows in quarantined) == shipped.value("select sum(rows) from meta.rejects")
    assert shipped.value("select sum(rows) from meta.drops") == sum(row[5] for row in snapshots)


def test_every_check_that_let_the_build_through_is_shown(shipped: Home) -> None:
    suites = dict(shipped.sql("select suite, count(*) from meta.check_results group by suite"))
    marts = shipped.sql("select table_name from duckdb_tables() where schema_name = 'marts'")
    wanted = {f"raw.{name}" for name in load_contracts(PROJECT / "sources")} | {
        f"marts.{m}" for (m,) in marts
    }
    compared = {f"baseline.{c.mart}" for c in COMPARED}
    assert wanted | compared | {"dbt"} == set(suites)
    assert min(n for suite, n in suites.items() if suite not in compared) >= 5
    assert shipped.sql("select * from meta.check_results where not success and severity = 'error'") == []


def test_the_data_dictionary_names_every_published_column_and_every_field(shipped: Home) -> None:
    undescribed = shipped.sql(
        "select schema_name, table_name, column_name from duckdb_columns() where not internal except "
        "select table_schema, table_name, column_name from meta.columns where trim(description) <> ''"
    )
    assert undescribed == []
    fields = {(c.name, f.name) for c in load_contracts(PROJECT / "sources").values() for f in c.kept_fields}
    assert fields == set(
        shipped.sql("select table_name, column_name from meta.columns where table_schema = 'raw'")
    )


def test_the_build_says_what_it_is(shipped: Home) -> None:
    ((build_id, as_of, code, schema),) = shipped.sql(
        "select build_id, as_of, code_version, schema_version from meta.build"
    )
    assert build_id in shipped.told("refresh").text
    assert as_of is None
    assert re.fullmatch(r"[0-9a-f]{12}", code)
    assert re.fullmatch(r"\d+\.\d+", schema)
    assert shipped.sql("select * from meta.changes") == []  # there was no build before


@pytest.mark.parametrize(
    ("period", "n_seizures", "mass_kg"),
    [
        ("period_grain = 'half_year' and period_start = '2021-01-01'", 682, 24),
        ("period_grain = 'year' and period_start = '2021-01-01'", 1291, 160),
        ("period_grain = 'year' and period_start = '2022-01-01'", 1498, 116.6),
        ("period_grain = 'half_year' and period_start = '2023-01-01'", 995, 1753),
        ("period_grain = 'year' and period_start = '2023-01-01'", 1932, 2292),
    ],
)
def test_the_calibrated_answers_are_visible(
    shipped: Home, period: str, n_seizures: int, mass_kg: float
) -> None:
    ((found_n, found_kg),) = shipped.sql(f"select n_seizures, mass_kg from {COCAINE} and {period}")
    assert found_n == n_seizures
    assert found_kg == pytest.approx(mass_kg, abs=1e-6)


def test_three_seizures_make_the_mass_of_the_first_half_of_2023(shipped: Home) -> None:
    largest = shipped.sql(
        "select mass_g / 1000 from marts.seizures where source = 'seizures' and country_code = 'NO' and substance_group = "
        "'cocaine' and seized_on between '2023-01-01' and '2023-06-30' order by mass_g desc limit 3"
    )
    assert [float(kg) for (kg,) in largest] == [803, 712, 150]
    ((share, without),) = shipped.sql(
        f"select share_mass_pct, share_mass_pct_ex_top3 from {COCAINE} and period_grain = 'half_year' "
        "and period_start = '2023-01-01'"
    )
    assert share > 40
    assert without < 5


def test_a_fresh_reader_opens_the_file_read_only_and_cannot_write(shipped: Home) -> None:
    assert shipped.published.stat().st_mode & 0o777 == 0o444
    with duckdb.connect(str(shipped.published), read_only=True) as con:
        assert con.execute("select count(*) from marts.seizures").fetchone() != (0,)
        with pytest.raises(duckdb.InvalidInputException):
            con.execute("create table marts.more (i integer)")
    assert not list(shipped.home.glob("*.wal"))


def test_the_file_is_in_a_format_that_duckdb_1_2_reads(shipped: Home) -> None:
    head = shipped.published.read_bytes()[:20]
    assert head[8:12] == b"DUCK"
    assert int.from_bytes(head[12:20], "little") == STORAGE_VERSION_OF_1_2


def test_status_and_sources_say_what_is_there(shipped: Home) -> None:
    status = shipped.beslag("status", "--json")
    state = status.json()
    assert status.code == 0
    assert state["is_good"] is True
    assert state["build_id"] == shipped.value("select build_id from meta.build")
    assert set(state["synthetic_sources"]) == {
        "seizures", "postal_interceptions", "price_quotes", "darknet_turnover",
    }  # fmt: skip
    sources = shipped.beslag("sources")
    assert sources.code == 0
    for name in load_contracts(PROJECT / "sources"):
        assert name in sources.out


def test_quarantined_rows_are_shown_with_file_line_column_and_reason(shipped: Home) -> None:
    rows = shipped.beslag("rejects", "--json").json()
    assert len(rows) == 14
    assert all(row["file"] and row["line"] > 1 and row["reason"] for row in rows)
    assert {row["reason"].split(":")[0] for row in rows} >= {"below_minimum", "above_maximum", "not_a_date"}
    assert "14 cells in quarantine" in shipped.beslag("rejects", "--source", "seizures").out
    assert shipped.beslag("rejects", "--source", "price_quotes", "--json").json() == []


def test_the_page_of_the_build_is_written_with_it(shipped: Home) -> None:
    page = shipped.var / "site" / "index.html"
    text = page.read_text("utf-8")
    assert page.stat().st_size < 3_000_000
    with duckdb.connect(str(shipped.published), read_only=True) as con:
        (build_id,) = con.execute("select build_id from meta.build").fetchone() or ()
        marts = {
            row[0]
            for row in con.execute(
                "select table_name from duckdb_tables() where schema_name = 'marts'"
            ).fetchall()
        }
    assert f"Build {build_id}," in text and "Some figures here are made up" in text
    assert set(re.findall(r"This build has no marts\.(\w+)", text)) & marts == set()


def test_seizures_lie_in_the_order_of_their_days(shipped: Home) -> None:
    """Whoever asks for a year then reads a part of the file."""
    earlier = "lag(seized_on) over (partition by source order by rowid)"
    rows = f"select seized_on, {earlier} as before from marts.seizures"
    assert shipped.value(f"select count(*) filter (before > seized_on) from ({rows})") == 0
    assert shipped.value(f"select count(*) filter (before < seized_on) from ({rows})") > 100
