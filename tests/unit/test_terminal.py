"""`beslag sql` opens the published file for reading only, or says how to open it."""

from __future__ import annotations

from pathlib import Path

import making
import pytest

from orchestration import terminal
from orchestration.errors import UsageError


def test_before_the_first_build_there_is_nothing_to_open(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="run `beslag refresh` first"):
        terminal.open_published(making.home(tmp_path))


def test_without_a_client_it_says_how_to_open_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = making.home(tmp_path)
    making.written(settings.published, "a file")
    monkeypatch.setattr(terminal, "_client", lambda: None)
    said = terminal.open_published(settings)
    assert isinstance(said, list) and any(f"duckdb -readonly {settings.published}" in line for line in said)


def test_with_a_client_it_opens_the_file_read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, noted = making.home(tmp_path), tmp_path / "noted"
    making.written(settings.published, "a file")
    client = making.written(tmp_path / "bin" / terminal.CLIENT, f'#!/bin/sh\necho "$@" > {noted}\nexit 3\n')
    client.chmod(0o755)
    monkeypatch.setenv("PATH", str(client.parent), prepend=":")
    assert terminal.open_published(settings) == 3
    assert noted.read_text().split() == ["--read-only", str(settings.published)]
