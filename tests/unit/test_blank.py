"""A new home begins with the blank that set-up prepared, if it is of this code; it holds no row of any source."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from orchestration import blank, prepared, standing, transform
from orchestration.code_version import code_version
from orchestration.database import connect
from orchestration.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home without a build."""
    return Settings(home=tmp_path / "home")


def prepare(settings: Settings, content: bytes = b"a blank") -> None:
    """Something in the place of a blank, in the home."""
    folder = settings.var / "dbt" / f"blank-{code_version(settings)}"
    folder.mkdir(parents=True)
    (folder / "build.duckdb").write_bytes(content)


def only_in_homes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if set-up had prepared nothing with the project."""
    monkeypatch.setattr(
        prepared, "_rooms", lambda settings, name: (settings.var / "no", settings.var / "dbt" / name)
    )


def test_a_home_without_a_build_begins_with_it(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    only_in_homes(monkeypatch)
    blank.lay_out(settings)
    assert not settings.build.exists()  # nothing was prepared
    prepare(settings)
    settings.build.with_name("build.duckdb.wal").write_bytes(b"left by a run that was killed")
    blank.lay_out(settings)
    assert settings.build.read_bytes() == b"a blank"
    assert [path.name for path in settings.var.iterdir() if path.is_file()] == ["build.duckdb"]


def test_a_build_that_is_there_stays(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    only_in_homes(monkeypatch)
    prepare(settings)
    settings.build.write_bytes(b"a build")
    blank.lay_out(settings)
    assert settings.build.read_bytes() == b"a build"


def test_a_blank_of_other_code_is_none(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    only_in_homes(monkeypatch)
    prepare(replace(settings, synthetic_is_real=True))  # its models are others
    blank.lay_out(settings)
    assert not settings.build.exists()


def test_the_blank_of_the_project_stands_and_holds_no_row(settings: Settings) -> None:
    made = blank.prepare(settings)
    assert blank.prepare(settings) == made
    blank.lay_out(settings)
    assert settings.build.read_bytes() == made.read_bytes()
    nodes = list(transform.manifest_nodes(settings).values())
    with connect(settings.build) as con:
        assert standing.stand(con, nodes, code_version(settings))
        tables = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() "
            "where schema_name in ('raw', 'ops') and table_name <> 'standing'"
        ).fetchall()
        assert len(tables) > 30
        assert {
            name for (name,) in tables if con.execute(f"select 1 from {name} limit 1").fetchall()
        } == set()
        assert con.execute("select count(*) from reference.substances").fetchone() != (0,)
