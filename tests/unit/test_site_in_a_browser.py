"""The page in Debian's Chromium, from the file, offline: nothing on the console, no request, usable by everyone."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import page_build as made
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from orchestration import site

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDTHS = (390, 820, 1280)
pytestmark = (
    pytest.mark.enable_socket
)  # Playwright and its driver talk over a pipe; asyncio wants a pair of sockets

if CHROMIUM is None and os.environ.get("CI") != "true":
    pytest.skip("Chromium is not installed (apt install chromium)", allow_module_level=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("page")
    rows = {
        "marts.substance_share": [
            made.share(2022, 8), made.share(2023, 10, share_mass_pct=30, share_mass_pct_ex_top3=4),
            made.share(2022, 20, country_code="SE", country_label="Sweden"),
            made.share(2023, 25, country_code="SE", country_label="Sweden"),
            made.share(2023, 2, substance_group="heroin", substance_group_label="Heroin"),
        ],
    }  # fmt: skip
    return site.write(made.published(folder / "warehouse.duckdb", rows), folder / "site").as_uri()


class Watched:
    """A page whose console and requests are kept."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.said, self.asked = page, list[str](), list[str]()
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(address)

    def title(self, section: str) -> str:
        return self.page.locator(f"#{section}-says").inner_text().replace("\u00a0", " ")


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Watched]:
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    yield Watched(context.new_page(), address)
    context.close()


def test_it_asks_nobody_for_anything_and_logs_nothing(opened: Watched, address: str) -> None:
    opened.page.wait_for_timeout(200)
    assert opened.asked == [address] and opened.said == []


def test_every_section_with_figures_is_drawn_or_listed(opened: Watched) -> None:
    for section in ("share_count", "share_mass", "purity", "price_chain", "postal", "darknet", "wastewater"):
        charts = opened.page.locator(f"#{section} figure svg[role=img]")
        assert charts.count() >= 1, section
        assert len(charts.first.get_attribute("aria-label") or "") > 40
        assert opened.page.locator(f"#{section} .figures tbody tr").count() >= 1
    assert opened.page.locator("#triangulation td.up").first.inner_text() == "↑ up"


def test_the_filters_choose_what_is_shown(opened: Watched) -> None:
    page = opened.page
    assert "Norway in 2023" in opened.title("share_count")
    page.select_option("select[name=country]", "SE")
    assert "25 % (24–26) of the seizures in Sweden" in opened.title("share_count")
    assert "darknet market in Sweden" in opened.title("darknet")
    page.select_option("select[name=country]", "NO")
    page.select_option("select[name=substance]", "heroin")
    assert "Heroin accounted for 2 %" in opened.title("share_count")
    assert opened.title("purity").startswith("This build holds no figures for what is chosen.")
    page.select_option("select[name=substance]", "cocaine")
    page.select_option("select[name=from]", "2023")
    assert page.locator("#share_count .figures tbody tr").count() == 1
    assert page.locator("output").inner_text().startswith("Charts and tables show 2023 to 2024")
    assert opened.said == []


def test_no_line_is_drawn_from_or_to_a_year_that_a_break_falls_into(browser: Browser, tmp_path: Path) -> None:
    rows = {
        "marts.substance_share": [made.share(year, 8) for year in (2019, 2020, 2021, 2022, 2023)],
        "reference.breaks": [{"country_code": "NO", "breaks_on": "2021-04-09", "description": "other rules"}],
    }
    address = site.write(made.published(tmp_path / "warehouse.duckdb", rows), tmp_path / "site").as_uri()
    context = browser.new_context(offline=True)
    page = Watched(context.new_page(), address).page
    drawn = (
        page.locator("#share_count figure")
        .first.locator("path.line")
        .evaluate_all("paths => paths.map((p) => p.getAttribute('d').split('L').length)")
    )
    assert drawn == [2, 1, 2]
    context.close()


def test_verdicts_can_be_left_out(opened: Watched) -> None:
    opened.page.uncheck("input[value=supported]")
    assert opened.page.locator("#ledger tbody tr:visible").count() == 1


def test_figures_that_are_made_up_look_it(opened: Watched) -> None:
    assert opened.page.locator("#purity .mark.made-up").count() > 0
    assert opened.page.locator("#purity.made-up").count() == 1
    assert opened.page.locator("#share_count .made-up").count() == 0


def test_hostile_text_stays_text(opened: Watched) -> None:
    assert opened.page.locator("img").count() == 0
    assert made.HOSTILE in (opened.page.locator("#ledger tbody").inner_text())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_one_is_shut_out(browser: Browser, address: str, scheme: str) -> None:
    spec = find_spec("axe_core_python")
    assert spec and spec.origin
    axe = (Path(spec.origin).parent / "axe.min.js").read_text("utf-8")
    context = browser.new_context(
        offline=True, color_scheme=scheme, bypass_csp=True
    )  # axe is not the page's own script
    page = context.new_page()
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    page.evaluate(axe)
    found = page.evaluate("axe.run()")["violations"]
    assert [
        f"{v['id']}: {v['nodes'][0]['html']}" for v in found if v["impact"] in ("serious", "critical")
    ] == []
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_the_window(browser: Browser, address: str, width: int, tmp_path: Path) -> None:
    context = browser.new_context(offline=True, viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    picture = tmp_path / f"page_{width}.png"
    page.screenshot(path=picture, full_page=True)
    assert picture.stat().st_size > 20_000
    context.close()


def test_it_prints(opened: Watched, tmp_path: Path) -> None:
    paper = opened.page.pdf(path=tmp_path / "page.pdf")
    assert paper.startswith(b"%PDF") and len(re.findall(rb"/Type /Page\b", paper)) > 1


def test_without_scripts_it_still_says_what_it_found(browser: Browser, address: str) -> None:
    context = browser.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert "Cocaine accounted for 10" in page.locator("#share_count-says").inner_text()
    assert page.locator("#share_count .figures tbody tr").count() == 2
    context.close()
