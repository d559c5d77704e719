"""A real Superset on the published file, while builds are swapped under it."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import making
import pytest
from dashboard import SHARE, make
from driving import BUNDLE, PASSWORD, ROOM, USER, Superset, superset
from playwright.sync_api import Page, sync_playwright

from orchestration import builds
from orchestration.settings import PROJECT, Settings

pytestmark = pytest.mark.bi
PUBLISHED = Path(os.environ.get("BESLAG_BI_FILE") or PROJECT / "warehouse.duckdb")
FIGURES = (
    "select source, epoch_ms(period_start), share_count_pct, share_count_pct_lo, share_count_pct_hi, share_mass_pct, "
    "is_synthetic from marts.substance_share where country_code = 'NO' and substance_group = 'cocaine' "
    "and period_grain = 'year' order by period_start, source"
)
CHANGED = 12.345  # a share that no build has


@pytest.fixture(scope="module")
def bi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Superset]:
    if not (ROOM / "ready").exists():
        pytest.skip("Superset's environment is not set up; run `make test-bi`")
    with superset(tmp_path_factory.mktemp("superset")) as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two kept builds, the second with one changed figure; readers see the first."""
    settings = making.home(tmp_path)
    for build in ("1", "2"):
        path = settings.builds / build / builds.WAREHOUSE
        path.parent.mkdir(parents=True)
        shutil.copyfile(PUBLISHED, path)
        path.chmod(0o644)
        with duckdb.connect(str(path)) as con:
            con.execute("update meta.build set build_id = ?", [f"build-{build}"])
            if build == "2":
                con.execute(
                    f"update marts.substance_share set share_count_pct = {CHANGED} where rowid = "
                    "(select rowid from marts.substance_share where country_code = 'NO' and substance_group = 'cocaine' "
                    "and period_grain = 'year' and share_count_pct is not null order by period_start desc limit 1)"
                )
    builds.swap_in(settings, "1")
    return settings


def in_file(settings: Settings) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.published), read_only=True) as con:
        return con.execute(FIGURES).fetchall()


def equal(seen: list[dict[str, Any]], rows: list[tuple[Any, ...]]) -> bool:
    """To the last bit; null is None in both."""
    told = sorted((tuple(row.values()) for row in seen), key=repr)
    return told == sorted((tuple(row) for row in rows), key=repr) and not any(
        isinstance(cell, float) and math.isnan(cell) for row in told for cell in row
    )


def chart_named(bi: Superset, name: str) -> int:
    found = {c["slice_name"]: c["id"] for c in bi.call("GET", "chart/?q=(page_size:100)")["result"]}
    return int(found[name])


def clear(bi: Superset) -> None:
    """Charts, datasets and databases of another test."""
    for kind in ("dashboard", "chart", "dataset", "database"):
        for each in bi.call("GET", f"{kind}/?q=(page_size:100)")["result"]:
            bi.call("DELETE", f"{kind}/{each['id']}")


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1600})
        page.set_default_timeout(120_000)
        yield page
        browser.close()


def open_dashboard(bi: Superset, page: Page) -> None:
    page.goto(f"{bi.url}/login/")
    page.fill("input#username", USER)
    page.fill("input[type=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/welcome/**")
    page.goto(f"{bi.url}/superset/dashboard/beslag/?standalone=1")


def test_charts_made_by_rest_show_the_mart_before_and_after_a_publish(
    bi: Superset, settings: Settings
) -> None:
    clear(bi)
    make(bi, settings.published)
    chart = chart_named(bi, SHARE)
    before = in_file(settings)
    assert before and equal(bi.rows(chart), before)
    builds.swap_in(settings, "2")
    after = in_file(settings)
    assert after != before and CHANGED in {row[2] for row in after}
    assert equal(bi.rows(chart), after)
    builds.swap_in(settings, "1")
    assert equal(bi.rows(chart), before)


def test_the_bundle_that_ships_renders_and_follows_a_publish(
    bi: Superset, settings: Settings, page: Page
) -> None:
    clear(bi)
    bi.take_bundle(BUNDLE, settings.published)
    failures: list[str] = []
    page.on("response", lambda answer: failures.append(answer.url) if answer.status >= 500 else None)
    open_dashboard(bi, page)
    page.wait_for_selector("td:has-text('build-1')")
    page.wait_for_function("document.querySelectorAll('canvas').length >= 2")
    assert page.locator(f"td:text-is('{CHANGED}')").count() == 0
    builds.swap_in(settings, "2")
    page.reload()
    page.wait_for_selector("td:has-text('build-2')")
    page.wait_for_selector(f"td:text-is('{CHANGED}')")
    words = page.inner_text("body")
    assert not failures and "error" not in words.lower(), (failures, words)
    assert equal(bi.rows(chart_named(bi, SHARE)), in_file(settings))


def test_a_publish_between_queries_never_fails_one(bi: Superset, settings: Settings) -> None:
    clear(bi)
    make(bi, settings.published)
    chart, wanted = chart_named(bi, SHARE), {}
    for build in ("1", "2"):
        builds.swap_in(settings, build)
        wanted[build] = in_file(settings)
    for number in range(10):
        build = "12"[number % 2]
        builds.swap_in(settings, build)
        assert equal(bi.rows(chart), wanted[build])
