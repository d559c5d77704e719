"""The key of the hashes is the operator's or a private file's, and never an empty one."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from orchestration.errors import UsageError
from orchestration.personal import KEY_FILE, hash_key, key_fingerprint


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("BESLAG_KEY")
    monkeypatch.setenv("BESLAG_HOME", str(tmp_path / "new"))
    return tmp_path / "new"


def again() -> bytes:
    hash_key.cache_clear()
    return hash_key()


def test_a_missing_key_is_made_once_and_readable_by_its_owner_only(home: Path) -> None:
    first = again()
    assert stat.S_IMODE((home / KEY_FILE).stat().st_mode) == 0o600
    assert not (home / "var").exists()
    assert again() == first
    (home / KEY_FILE).unlink()
    assert again() != first


def test_a_key_file_without_a_whole_key_is_refused(home: Path) -> None:
    again()
    (home / KEY_FILE).write_text("")
    with pytest.raises(UsageError, match="holds no whole key"):
        again()


def test_the_key_of_the_environment_goes_first_and_must_be_long(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BESLAG_KEY", "sixteen letters!")
    again()
    assert not home.exists()
    monkeypatch.setenv("BESLAG_KEY", "too short")
    with pytest.raises(UsageError, match="shorter than 16"):
        again()


def test_the_fingerprint_tells_keys_apart_without_telling_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def fingerprint(key: str) -> str:
        monkeypatch.setenv("BESLAG_KEY", key)
        hash_key.cache_clear()
        return key_fingerprint()

    one, other = fingerprint("a key of enough length"), fingerprint("b key of enough length")
    assert one != other and one == fingerprint("a key of enough length")
    assert one not in hash_key().hex()
