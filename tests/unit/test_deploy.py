"""The units and the container file say what the documentation promises of them."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess

import pytest

from orchestration.settings import PROJECT

DEPLOY = PROJECT / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
SERVICES = sorted(DEPLOY.glob("*.service"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_understands_every_line(unit: object) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    said = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    wrong = [
        line
        for line in said.stderr.splitlines()
        if line.startswith("beslag") and "is not executable" not in line  # not installed here
    ]
    assert wrong == []


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_no_service_is_root_or_writes_elsewhere(unit: object) -> None:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(str(unit))
    service = parser["Service"]
    assert service["User"] == "beslag"
    assert service["ProtectSystem"] == "strict"
    assert service["NoNewPrivileges"] == "yes"
    assert set(service["ReadWritePaths"].split()) == {"/srv/beslag", "-/var/lib/prometheus/node-exporter"}


def test_the_page_is_on_loopback_alone() -> None:
    assert "-h 127.0.0.1" in (DEPLOY / "beslag-web.service").read_text()
    assert "--host 127.0.0.1" in (PROJECT / "Makefile").read_text()


def test_the_container_is_not_root_and_says_how_it_is() -> None:
    lines = (DEPLOY / "Containerfile").read_text().splitlines()
    user = next(n for n, line in enumerate(lines) if line.startswith("USER "))
    command = next(n for n, line in enumerate(lines) if line.startswith("CMD "))
    assert lines[user] == "USER beslag"
    assert user < command
    assert any(line.startswith("HEALTHCHECK ") for line in lines)
    assert "--require-hashes" in "".join(lines)
    for copied in re.findall(r"^COPY (.+) \S+$", "\n".join(lines), re.MULTILINE):
        assert all((PROJECT / name).exists() for name in copied.split()), copied


def test_every_setting_of_the_environment_file_is_one_that_the_code_reads() -> None:
    names = re.findall(r"^#?(BESLAG_[A-Z_]+)=", (DEPLOY / "beslag.env").read_text(), re.MULTILINE)
    code = "".join(path.read_text() for path in (PROJECT / "orchestration").rglob("*.py"))
    assert names
    assert [name for name in names if name not in code] == []
