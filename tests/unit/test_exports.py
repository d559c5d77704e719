"""What leaves as open data: only what licences let go, whole, described, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import making
import published
import pytest
from frictionless import Package
from rdflib import RDF, Graph, Namespace, URIRef

from orchestration import builds
from orchestration.contract import load_contracts
from orchestration.exports import write_exports
from orchestration.exports.licences import Rule
from orchestration.settings import PROJECT, Settings

DCAT, DCT = Namespace("http://www.w3.org/ns/dcat#"), Namespace("http://purl.org/dc/terms/")
LEAVE = ["agency", "free", "free+rates"]  # other_agency has a real row, so even its synthetic ones stay


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published.write(tmp_path_factory.mktemp("published") / "warehouse.duckdb")


@pytest.fixture(scope="module")
def export(warehouse: Path) -> Path:
    folder = warehouse.parent / "exports"
    write_exports(warehouse, folder, published.contracts())
    return folder


@pytest.fixture(scope="module")
def package(export: Path) -> dict[str, Any]:
    return dict(json.loads((export / "datapackage.json").read_text("utf-8")))


def rows(con_or_path: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(con_or_path), read_only=True) as con:
        return con.execute(query).fetchall()


def test_only_rows_whose_every_licence_allows_it_leave(export: Path) -> None:
    left = duckdb.sql(f"select distinct source from '{export}/parquet/marts.figures.parquet' order by 1")
    assert [source for (source,) in left.fetchall()] == LEAVE


def test_what_stays_is_listed_with_its_reason(package: dict[str, Any], warehouse: Path) -> None:
    omitted = {o["source"]: o["reason"] for o in package["omitted"] if o["table"] == "marts.figures"}
    assert set(omitted) == {s for s, _ in published.ORIGINS} - set(LEAVE)
    assert omitted["silent"] == "silent: the terms do not say that the data may be handed on"
    assert omitted["closed+free"] == "closed: the terms forbid handing the data on"
    assert "real rows of the source are published" in omitted["other_agency"]
    assert omitted["unheard_of"] == "unheard_of: no contract states its licence"
    assert omitted[None] == "the rows name no source"
    (all_rows,) = rows(warehouse, "select count(*) from marts.figures")[0]
    left = next(r["rows"] for r in package["resources"] if r["title"] == "marts.figures")
    assert left + sum(o["rows"] for o in package["omitted"]) == all_rows


def test_a_table_of_which_nothing_may_leave_is_not_written(tmp_path: Path) -> None:
    path = published.write(tmp_path / "warehouse.duckdb", origins=[("silent", False)])
    write_exports(path, tmp_path / "out", published.contracts())
    names = sorted(p.name for p in (tmp_path / "out" / "csv").iterdir())
    assert names == ["marts.empty.csv", "reference.words.csv"]


def test_parquet_holds_the_rows_as_published(export: Path, warehouse: Path) -> None:
    named = ", ".join(f"'{source}'" for source in LEAVE)
    wanted = rows(warehouse, f"select * from marts.figures where source in ({named})")
    assert duckdb.sql(f"from '{export}/parquet/marts.figures.parquet'").fetchall() == wanted
    kinds = [str(t) for t in duckdb.sql(f"from '{export}/parquet/marts.figures.parquet'").types]
    assert kinds == [kind.upper() for kind, _ in published.COLUMNS.values()]


def test_csv_holds_the_same_rows_when_read_by_its_rule(export: Path) -> None:
    """Also its inverse: take one leading ' off every text cell."""
    types = {name: kind for name, (kind, _) in published.COLUMNS.items()}
    types["known_at"] = "timestamptz"
    back = duckdb.sql(
        "select * replace (case when label[1] = '''' then label[2:] else label end as label, "
        f"known_at at time zone 'UTC' as known_at) from read_csv('{export}/csv/marts.figures.csv', "
        f"columns = {types}, header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '')"
    ).fetchall()
    assert back == duckdb.sql(f"from '{export}/parquet/marts.figures.parquet'").fetchall()


def test_a_spreadsheet_computes_no_text_and_every_number(export: Path) -> None:
    with (export / "csv" / "marts.figures.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    labels = {line["label"] for line in lines}
    assert {f"'{text}" for text in published.FORMULAS} <= labels
    assert {"plain", "a,b;c", 'say "hi"', "two\nlines", " =1", ""} <= labels
    assert not any(label[:1] in tuple("=+-@\t\r＝") for label in labels if label)
    numbers = {(line["n"], line["mass_g"], line["share_pct"]) for line in lines if line["n"]}
    assert numbers == {("-3", "-1234567.891000", "-2e-05")}


def test_frictionless_finds_nothing_wrong(export: Path) -> None:
    report = Package(str(export / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "rowNumber", "type", "message"])
    assert report.stats["tasks"] == 6


def test_frictionless_would_find_a_changed_cell_and_byte(export: Path, tmp_path: Path) -> None:
    shutil.copytree(export, tmp_path / "exports")
    path = tmp_path / "exports" / "csv" / "marts.figures.csv"
    path.write_text(path.read_text("utf-8").replace(",-3,", ",three,", 1), "utf-8")
    with (tmp_path / "exports" / "parquet" / "marts.empty.parquet").open("ab") as parquet:
        parquet.write(b"x")
    report = Package(str(tmp_path / "exports" / "datapackage.json")).validate()
    found = {(task.name, error.type) for task in report.tasks for error in task.errors}
    assert {("marts.figures.csv", "type-error"), ("marts.empty.parquet", "hash-count")} <= found


def test_every_resource_says_its_licences_sources_and_columns(package: dict[str, Any], export: Path) -> None:
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert (package["build"], package["created"]) == (published.BUILD, "2024-01-01T12:00:00Z")
    for resource in package["resources"]:
        content = (export / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert resource["licenses"] and all(lic["path"] for lic in resource["licenses"])
        assert resource["sources"] and resource["description"]
    figures = package["resources"][2]
    assert figures["name"] == "marts.figures.csv" and figures["is_synthetic"]
    assert [lic["title"] for lic in figures["licenses"]] == ["Extract", "CC-BY-4.0", "Terms of rates"]
    assert [s["title"] for s in figures["sources"]] == [
        f"The maker of {n}" for n in ("agency", "free", "rates")
    ]
    assert figures["description"] == published.COMMENT
    says = {f["name"]: (f["type"], f["description"]) for f in figures["schema"]["fields"]}
    assert says["mass_g"] == ("number", "Mass in g") and says["known_at"][0] == "datetime"
    words = next(r for r in package["resources"] if r["name"] == "reference.words.csv")
    assert [lic["title"] for lic in words["licenses"]] == ["MIT"]


def test_the_catalogue_is_dcat_with_what_dcat_ap_requires(export: Path, package: dict[str, Any]) -> None:
    graph = Graph().parse(export / "catalog.jsonld", format="json-ld")
    (catalog,) = graph.subjects(RDF.type, DCAT.Catalog)
    datasets = set(graph.objects(catalog, DCAT.dataset))
    for thing in (catalog, *datasets):
        for needed in (DCT.title, DCT.description, DCT.publisher):
            assert graph.value(thing, needed), (thing, needed)
    assert {str(graph.value(d, DCT.identifier)) for d in datasets} == {
        r["title"] for r in package["resources"]
    }
    distributions = {x for d in datasets for x in graph.objects(d, DCAT.distribution)}
    assert len(distributions) == len(package["resources"])
    for each in distributions:
        address = graph.value(each, DCAT.accessURL)
        assert isinstance(address, URIRef) and Path(str(address).removeprefix("file://")).is_file()
        assert graph.value(each, DCT["format"]) and graph.value(each, DCAT.byteSize) is not None
        assert graph.value(each, DCT.license) or graph.value(each, DCT.rights)
        assert len(list(graph.objects(each, DCT.license))) <= 1


def test_the_same_file_gives_the_same_bytes(warehouse: Path, export: Path, tmp_path: Path) -> None:
    code = (
        "import sys; sys.path[:0] = sys.argv[3:]; import published; from pathlib import Path; "
        "from orchestration.exports import write_exports; "
        "write_exports(Path(sys.argv[1]), Path(sys.argv[2]), published.contracts())"
    )
    arguments = [str(warehouse), str(tmp_path / "again"), str(PROJECT), str(PROJECT / "tests")]
    subprocess.run([sys.executable, "-c", code, *arguments], check=True)
    files = sorted(p.relative_to(export) for p in export.rglob("*") if p.is_file())
    assert len(files) == 8
    for path in files:
        assert (tmp_path / "again" / path).read_bytes() == (export / path).read_bytes(), path


def test_a_licence_that_lets_rows_go_must_say_where_it_stands() -> None:
    with pytest.raises(ValueError, match="need a page with the licence's terms"):
        making.feed(licenses=[{"title": "CC0-1.0", "redistribution": "allowed"}])


def test_every_contract_that_ships_says_whether_rows_may_be_handed_on() -> None:
    contracts = load_contracts(PROJECT / "sources")
    silent = [
        n for n, c in contracts.items() for lic in c.licenses if "redistribution" not in lic.model_fields_set
    ]
    assert contracts and not silent


def test_of_the_projects_own_sources_no_real_agency_row_may_leave() -> None:
    contracts = load_contracts(PROJECT / "sources")
    restricted = [n for n, c in contracts.items() if c.disclosure == "restricted"]
    assert restricted
    for name in restricted:
        assert Rule(contracts, [(name, False)]).refuses((name, False))
        assert Rule(contracts, [(name, True)]).refuses((name, True)) is None
        assert Rule(contracts, [(name, True), (name, False)]).refuses((name, True))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Three kept builds; the first was made before there were exports."""
    settings = making.home(tmp_path)
    for number in (1, 2, 3):
        folder = settings.builds / str(number)
        published.write(folder / builds.WAREHOUSE, build_id=str(number))
        if number > 1:
            (folder / "exports").mkdir()
            (folder / "exports" / "build").write_text(str(number))
        builds.write_record(folder, builds.Build(str(number), "2024-01-01", None, "code", [], "0" * 64))
    builds.swap_in(settings, "3")
    return settings


def linked(settings: Settings) -> str:
    return (settings.var / "exports" / "build").read_text()


def test_the_link_follows_publish_rollback_and_release(settings: Settings) -> None:
    assert linked(settings) == "3" == builds.published_id(settings)
    builds.rollback(settings, "2")
    assert linked(settings) == "2" == builds.published_id(settings)
    builds.rollback(settings, "1")
    assert not (settings.var / "exports").is_symlink()
    builds.release(settings)
    assert linked(settings) == "3"
    assert not (settings.var / "exports").readlink().is_absolute()  # the home may be moved


def test_a_start_after_a_crash_points_the_link_to_the_published_build(settings: Settings) -> None:
    link = settings.var / "exports"
    link.unlink()
    link.symlink_to("builds/2/exports")
    link.with_name(".exports.part").symlink_to("nowhere")
    assert builds.repair(settings) == ["led var/exports to the published build again"]
    assert linked(settings) == "3" and builds.repair(settings) == []
    assert not link.with_name(".exports.part").is_symlink()
