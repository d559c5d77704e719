"""What every test stands on: its own home, a key known to everyone, no network, examples that repeat."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from orchestration import personal

KEY = "a key for tests, known to everyone"
os.environ["BESLAG_KEY"] = KEY  # also for fixtures that live longer than a test: none writes a key file

hypothesis.settings.register_profile(
    "beslag", derandomize=True, deadline=None, max_examples=60, database=None
)
hypothesis.settings.load_profile("beslag")


@pytest.fixture(autouse=True)
def own_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No test reads the caller's environment or writes into the checkout: home and key are the test's own."""
    for name in (
        "INBOX",
        "AS_OF",
        "FULL",
        "SOURCES",
        "THREADS",
        "SCHEDULE",
        "ONLINE",
        "INTERNAL",
        "TREAT_SYNTHETIC_AS_REAL",
    ):
        monkeypatch.delenv(f"BESLAG_{name}", raising=False)
    monkeypatch.setenv("BESLAG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BESLAG_KEY", KEY)
    personal.hash_key.cache_clear()
    yield
    personal.hash_key.cache_clear()
