"""The page says what the published file says, in one file that asks nobody for anything and runs nothing foreign."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import making
import page_build as made
import pytest

from orchestration import builds, site
from orchestration.site import words
from orchestration.site.figures import Break, Row, View, query, views
from orchestration.site.sections import SECTIONS


def page(tmp_path: Path, changes: dict[str, Any] | None = None) -> str:
    warehouse = made.published(tmp_path / "warehouse.duckdb", changes)
    return site.write(warehouse, tmp_path / "site").read_text("utf-8")


class Tags(HTMLParser):
    """Tags and attributes as a browser sees them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))


def title(text: str, section: str) -> str:
    found = re.search(rf'<h2 id="{section}-says">(.*?)</h2>', text)
    assert found, section
    return found[1].replace("\u00a0", " ")


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert page(tmp_path) == page(tmp_path / "other")


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ("share_count", "Cocaine accounted for 10 % (9–11) of the seizures in Norway in 2023, up from 8 % in 2022"),
        ("share_mass", "Cocaine accounted for 30 % of the mass seized in Norway in 2023; without its three largest seizures, 4 %"),
        ("largest", "Three seizures were 75 % of the cocaine seized in Norway in 2023: 2 000 kg with them, 500 kg without"),
        ("purity", "Made-up figures: Cocaine seized in Norway: median purity 75 % (73–77) in 2023, up from 70 % in 2022"),
        ("purity_by_size", "Made-up figures: Median purity of cocaine in Norway ran from 70 to 71 % over 2 classes of size in 2023; "
         "whether large and small differ by more than five points is undecided"),
        ("price_chain", "Against the producer’s price, a kilogram of cocaine cost 30 times as much in Antwerp and "
         "40–50 times as much in Oslo in 2023"),
        ("prices", "Cocaine cost 50 % more in Norway than in Sweden in 2023: 120 against 80 USD per gram; "
         "no price per pure gram can be given"),
        ("postal", "Made-up figures: Undeliverable mail examined in Norway held drugs in 4 % (3–5) in 2023"),
        ("darknet", "Made-up figures: Turnover of the darknet market in Sweden rose by 22.1 % in 2021: sellers −10 %, "
         "volume per seller +49 % and price −10 %"),
        ("triangulation", "Cocaine in Norway, last read together in 2023: seizures up and price down. More is trafficked"),
        ("early_warning", "Nitazenes above the bound in 2023 (Norway)"),
        ("claims", "Of 3 published claims, 2 supported and 1 mixed"),
        ("freshness", "Of 2 sources, 1 fresh and 1 stale; 1 of 1 checks passed"),
    ],
)  # fmt: skip
def test_each_title_states_what_its_figures_say(tmp_path: Path, section: str, says: str) -> None:
    assert title(page(tmp_path), section) == says


def test_titles_follow_the_figures(tmp_path: Path) -> None:
    fallen = {"marts.substance_share": [made.share(2022, 12), made.share(2023, 9)]}
    assert "9 % (8–10)" in title(page(tmp_path, fallen), "share_count")
    assert "down from 12 %" in title(page(tmp_path, fallen), "share_count")


def test_a_title_never_compares_across_a_break(tmp_path: Path) -> None:
    told = {
        "reference.breaks": [{"country_code": "NO", "breaks_on": "2023-02-01", "description": "other rules"}]
    }
    says = title(page(tmp_path, told), "share_count")
    assert says.endswith("in 2023; 8 % in 2022, before a break in comparability") and "up" not in says.split()


def test_a_title_says_that_a_break_falls_into_a_year(tmp_path: Path) -> None:
    told = {
        "reference.breaks": [{"country_code": "NO", "breaks_on": "2022-04-09", "description": "other rules"}]
    }
    says = title(page(tmp_path, told), "share_count")
    assert says.endswith("8 % in 2022, which a break in comparability runs through")


def test_titles_rest_on_real_rows_where_there_are_some() -> None:
    rows = [made.share(2023, 99, synthetic=True), made.share(2022, 8)]
    cells = [
        {**r, "value": r["share_count_pct"], "low": None, "high": None, "series": "s", "panel": "By year"}
        for r in rows
    ]
    view = views(cells)["NO", "cocaine"]
    assert "99" not in words.finding(view, words.share_of_seizures)
    assert not words.finding(view, words.share_of_seizures).startswith(words.MADE_UP)


def test_made_up_figures_are_announced_and_real_ones_are_not(tmp_path: Path) -> None:
    assert "Some figures here are made up" in page(tmp_path)
    real = {
        table: [{**row, "is_synthetic": False} for row in rows]
        for table, rows in made.ROWS.items()
        if table.startswith("marts.")
    }
    text = page(tmp_path, real)
    assert "Some figures here are made up" not in text and words.MADE_UP not in text


@pytest.mark.parametrize("table", [name for name in made.ROWS if name.startswith("marts.")])
def test_a_missing_mart_costs_its_section_alone_and_is_said(tmp_path: Path, table: str) -> None:
    text = page(tmp_path, {table: None})
    sections = {s.name for s in SECTIONS if re.search(rf"\b{re.escape(table)}\b", query(s.name))} | (
        {"claims"} if table == "marts.claim_ledger" else set()
    )
    assert sections
    for section in sections:
        assert re.match(r"This build has no marts\.\w+ to read this from\.", title(text, section))
    assert text.count(" to read this from.") == len(sections)


@pytest.mark.parametrize("table", ["marts.substance_share", "marts.wastewater", "marts.claim_ledger"])
def test_an_empty_mart_is_said_in_a_sentence(tmp_path: Path, table: str) -> None:
    assert re.search(rf"{table} holds no \w+", page(tmp_path, {table: []}))


def test_nothing_a_source_says_is_taken_for_markup(tmp_path: Path) -> None:
    text = page(tmp_path)
    assert made.HOSTILE not in text and "<img" not in text
    assert "&lt;/script&gt;" in text, "the hostile text stands in the page, made safe"
    data = re.search(r'<script type="application/json" id="figures">(.*?)</script>', text, re.S)
    assert data and made.HOSTILE in json.loads(data[1])["strings"]


def test_the_policy_allows_the_pages_own_script_and_style_and_nothing_else(tmp_path: Path) -> None:
    text = page(tmp_path)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy and "unsafe" not in policy[1] and "http" not in policy[1]
    assert policy[1].startswith("default-src 'none';")
    for kind, tag in (("script", "<script>"), ("style", "<style>")):
        inside = text.split(tag)[1].split(f"</{kind}>")[0]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy[1]


def test_the_page_names_no_address_to_fetch_from(tmp_path: Path) -> None:
    text = page(tmp_path)
    assert not re.search(r"https?://(?!www\.w3\.org/)|@import|url\(", text)  # those of W3C name namespaces
    tags = Tags()
    tags.feed(text)
    assert not {"link", "img", "iframe", "object", "embed", "base"} & {tag for tag, _ in tags.found}
    attributes = [pair for _, pairs in tags.found for pair in pairs]
    assert not [name for name, _ in attributes if name in ("src", "style", "srcset") or name.startswith("on")]
    assert all((value or "").startswith("#") for name, value in attributes if name == "href")


def test_every_section_shows_its_mart_and_the_sql_that_it_ran(tmp_path: Path) -> None:
    text = page(tmp_path)
    for section in SECTIONS:
        assert f'href="#mart-{section.mart}"' in text
        assert query(section.name).splitlines()[0].lstrip("- ").split(",")[0].replace("'", "&#x27;") in text


def test_figures_are_written_as_people_read_them() -> None:
    figures = (0, 0.0123, 4.7421, 31.88, 114.2, 1753, 2_292_000, -3.5, None)
    assert [words.number(f) for f in figures] == [
        "0", "0.0123", "4.74", "31.9", "114", "1\u00a0753", "2\u00a0292\u00a0000", "\u22123.5", "–",
    ]  # fmt: skip


def test_a_break_of_no_country_bears_on_all(tmp_path: Path) -> None:
    everywhere = Break(None, None, date(2023, 2, 1), "other rules")
    rows = [made.share(2022, 8), made.share(2023, 9)]
    (view,) = views(rows, [everywhere]).values()
    assert isinstance(view, View) and view.breaks == [everywhere] and isinstance(view.rows[0], Row)


def test_the_link_leads_to_the_page_of_the_published_build(tmp_path: Path) -> None:
    settings = making.home(tmp_path)
    for build_id in ("1", "2"):
        folder = settings.builds / build_id
        folder.mkdir(parents=True)
        made.published(
            folder / builds.WAREHOUSE, {"meta.build": [{**made.ROWS["meta.build"][0], "build_id": build_id}]}
        )
        builds.write_record(folder, builds.Build(build_id, "2024-01-01", None, "code", [], "0" * 64))
    site.write(settings.builds / "1" / builds.WAREHOUSE, settings.builds / "1" / builds.SITE)
    site.write(settings.builds / "2" / builds.WAREHOUSE, settings.builds / "2" / builds.SITE)
    link = settings.work / builds.SITE
    builds.swap_in(settings, "2")
    assert "Build 2," in (link / site.PAGE).read_text("utf-8")
    builds.rollback(settings, None)
    assert "Build 1," in (link / site.PAGE).read_text("utf-8")
    builds.release(settings)
    assert "Build 2," in (link / site.PAGE).read_text("utf-8")


def test_a_link_lost_to_a_crash_is_led_back(tmp_path: Path) -> None:
    settings = making.home(tmp_path)
    folder = settings.builds / "1"
    folder.mkdir(parents=True)
    made.published(
        folder / builds.WAREHOUSE, {"meta.build": [{**made.ROWS["meta.build"][0], "build_id": "1"}]}
    )
    builds.write_record(folder, builds.Build("1", "2024-01-01", None, "code", [], "0" * 64))
    builds.swap_in(settings, "1")
    link = settings.work / builds.SITE
    assert not link.is_symlink(), "a build without a page has no link: another build's page would be worse"
    site.write(folder / builds.WAREHOUSE, folder / builds.SITE)
    link.symlink_to("builds/0/site")
    assert builds.repair(settings) == ["led var/site to the published build again"]
    assert (link / site.PAGE).exists() and builds.repair(settings) == []
