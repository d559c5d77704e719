"""Writes what README.md states of runs: the log of a refresh on the real public files and the answers from it, what a
refresh costs, and the picture of the page. `make measured` calls it; it takes some minutes and wants a quiet machine.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from docs.answers import README
from orchestration.settings import PROJECT

PICTURE = Path(__file__).parent / "page.png"
SHOWN = (
    "inbox",
    "raw        c",
    "raw        d",
    "raw        unodc_seizures",
    "gate",
    "dbt",
    "publish",
)  # of each log line
WIDTH, HEIGHT = 1280, 1220  # pixels of the picture


def put(text: str, name: str, block: str) -> str:
    """The text with what stands between `<!-- name -->` and `<!-- end -->` replaced.

    Raises:
        ValueError: when the text has no such place.
    """
    place = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.S)
    if not place.search(text):
        raise ValueError(f"README.md has no place <!-- {name} -->.")
    return place.sub(lambda found: f"{found[1]}{block}\n{found[2]}", text)


def shortened(log: str) -> str:
    """A run's log without its clock, the lines that are alike left out."""
    lines = [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in log.splitlines()]
    kept: list[str] = []
    for line in lines:
        if line.strip().startswith(SHOWN) or line.startswith("Published"):
            kept.append(re.sub(r"^(.{118}).{3,}", r"\1 …", line.strip()))
        elif kept and kept[-1] != "…":
            kept.append("…")
    return "```\n" + "\n".join(kept).removesuffix("\n…") + "\n```"


def on_the_real_files(home: Path) -> str:
    """Refresh on ../shared/data, answer the questions that are asked of it, and give the log."""
    environment = os.environ | {"BESLAG_HOME": str(home)}
    python = sys.executable
    subprocess.run([python, "tests/real_inbox.py", str(home / "inbox")], check=True, cwd=PROJECT)
    refresh = ["-c", "from orchestration.cli import main; main()", "refresh", "--inbox", str(home / "inbox")]
    run = subprocess.run(
        [python, *refresh], check=True, cwd=PROJECT, env=environment, stderr=subprocess.PIPE, text=True
    )
    subprocess.run([python, "-m", "docs.answers", "--real"], check=True, cwd=PROJECT, env=environment)
    return run.stderr.replace(f"{home}/", "")


def take_picture(page: Path) -> None:
    """The top of the page as Chromium shows it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        shown.goto(page.as_uri())
        shown.wait_for_load_state("networkidle")
        shown.screenshot(path=PICTURE)
        browser.close()


def main() -> None:
    """Entry point."""
    with tempfile.TemporaryDirectory() as folder:
        log = shortened(on_the_real_files(Path(folder)))
        take_picture((Path(folder) / "var" / "site" / "index.html").resolve())
    cost = subprocess.run(
        [sys.executable, "benchmarks/fixed_cost.py"],
        check=True,
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout.strip()
    text = put(README.read_text("utf-8"), "run on the real files", log)
    README.write_text(put(text, "cost of a refresh", f"Measured on {date.today()}:\n\n{cost}"), "utf-8")


if __name__ == "__main__":
    main()
