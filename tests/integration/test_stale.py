"""Freshness: a dead-man check by exit code, and a sentence at the end of a refresh."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from running import Home

LATER = (
    "import orchestration.settings as s\n"
    "from datetime import timedelta\n"
    "read = s.Settings.from_env.__func__\n"
    "def later(cls):\n"
    "    from dataclasses import replace\n"
    "    settings = read(cls)\n"
    "    return replace(settings, now=settings.now + timedelta(days=2000))\n"
    "s.Settings.from_env = classmethod(later)\n"
)


def test_nothing_published_is_not_good(tmp_path: Path) -> None:
    said = Home(tmp_path).beslag("status", "--json")
    assert said.code == 1
    assert said.json()["build_id"] is None
    assert "Nothing is published yet" in Home(tmp_path).beslag("status").out


def test_a_stale_source_is_shown_and_ends_status_with_one(small: Home) -> None:
    assert small.beslag("status").code == 0
    said = small.beslag("status", "--json", patch=LATER)
    assert said.code == 1
    stale = {f["source"] for f in said.json()["freshness"] if f["is_stale"]}
    assert {"seizures", "price_quotes"} <= stale
    assert "dea_stride" not in stale  # optional, and never came
    assert "STALE" in small.beslag("status", patch=LATER).out


def test_freshness_is_judged_on_a_night_without_news(small: Home, copy_of: Callable[[Home], Home]) -> None:
    home = copy_of(small)
    said = home.beslag("refresh", patch=LATER)
    assert (said.code, home.hash()) == (0, small.hash()), said.text
    assert "Nothing new" in said.text
    assert "stale      seizures" in said.text
