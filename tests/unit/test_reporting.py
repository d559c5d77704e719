"""A person is told once of what needs one; a good night is silent; nothing said names a value of a row."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import making
import pytest

from orchestration import alerts, last_run, metrics, reporting, status
from orchestration.errors import Busy, ContractError
from orchestration.reporting import Ending, conclude, reported, sentences
from orchestration.runs import Failure, RunReport
from orchestration.settings import Settings

SECRET = "11029012345"


@pytest.fixture
def settings(tmp_path: object) -> Settings:
    made = making.home(tmp_path)  # type: ignore[arg-type]
    made.var.mkdir()
    return made


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[alerts.Alert]]:
    """The alerts sent, by a channel that takes everything."""
    taken: list[alerts.Alert] = []
    monkeypatch.setitem(alerts.CHANNELS, "test", ("BESLAG_ALERT_TEST", lambda alert, _: taken.append(alert)))
    monkeypatch.setenv("BESLAG_ALERT_TEST", "1")
    yield taken


@pytest.fixture
def stale(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The stale sources; the test adds some."""
    names: list[str] = []
    monkeypatch.setattr(status, "freshness", lambda _: [status.Freshness(n, None, 30, True) for n in names])
    return names


def ends(settings: Settings, code: int, *what: str, refused: list[str] | None = None) -> None:
    ending = Ending(settings.now)
    ending.ends(code, list(what), refused)
    conclude(settings, ending)


def test_a_good_night_is_noted_and_told_to_nobody(
    settings: Settings, told: list[alerts.Alert], stale: list[str]
) -> None:
    ends(settings, 0, "Nothing new.")
    note = last_run.last_run(settings)
    assert told == []
    assert note is not None
    assert (note.code, note.what) == (0, ["Nothing new."])


def test_a_refused_gate_and_a_failed_run_are_told_every_time(
    settings: Settings, told: list[alerts.Alert], stale: list[str]
) -> None:
    for code, subject in (
        (1, "a gate refused the build"),
        (1, "a gate refused the build"),
        (5, "the refresh failed"),
    ):
        ends(settings, code, "Refused: marts.purity: mean_in_range: a.csv, line 7, column purity")
        assert told[-1].subject == subject
        assert "a.csv, line 7" in told[-1].text()
        assert "nothing has been published yet" in told[-1].readers
    assert len(told) == 3


def test_a_stale_source_and_a_refused_delivery_are_told_once(
    settings: Settings, told: list[alerts.Alert], stale: list[str]
) -> None:
    stale.append("prices")
    ends(settings, 4, "Built 1.", refused=["seizures/a.csv"])
    (alert,) = told
    assert alert.subject == "a delivery was refused; prices went stale"
    ends(settings, 4, "Nothing new.", refused=["seizures/a.csv"])
    assert len(told) == 1
    stale.append("post")
    ends(settings, 4, "Nothing new.", refused=["seizures/a.csv"])
    assert told[1].subject == "post went stale"
    stale.clear()
    ends(settings, 0, "Built 2.")
    stale.append("prices")
    ends(settings, 0, "Nothing new.")
    assert len(told) == 3  # it had arrived in between


def test_all_that_is_wrong_in_a_night_is_one_message(
    settings: Settings, told: list[alerts.Alert], stale: list[str]
) -> None:
    stale += ["prices", "post"]
    ends(settings, 1, "Refused: raw.seizures: minimum", refused=["seizures/a.csv"])
    (alert,) = told
    assert alert.subject == "a gate refused the build; a delivery was refused; post, prices went stale"


def test_a_missed_night_is_told_once_and_until_a_run_ends(
    settings: Settings, told: list[alerts.Alert], stale: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reporting.watch(settings) == []  # no run ever ended: the first night is still to come
    ends(settings, 0, "Built 1.")
    assert reporting.watch(replace(settings, now=last_run.utc_now() + timedelta(hours=25))) == []
    late = replace(settings, now=last_run.utc_now() + timedelta(hours=27))
    for _ in range(3):
        assert "No refresh has ended since" in reporting.watch(late)[0]
    assert [alert.subject for alert in told] == ["a night was missed"]
    assert status.read_status(late).missed is None  # by hand nobody promised to come every night
    monkeypatch.setenv("BESLAG_SILENCE_HOURS", "30")
    assert reporting.watch(late) == []
    monkeypatch.setenv("BESLAG_SILENCE_HOURS", "2")
    assert status.read_status(late).missed
    ends(settings, 0, "Built 2.")
    reporting.watch(replace(settings, now=last_run.utc_now() + timedelta(hours=27)))
    assert len(told) == 2


def test_an_alert_that_cannot_be_sent_fails_nothing_and_is_shown(
    settings: Settings, stale: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BESLAG_ALERT_COMMAND", "false")
    ends(settings, 5, "The disk is full.")
    state = status.read_status(settings)
    assert "The command of BESLAG_ALERT_COMMAND did not take the alert (it ended with 1)." in list(
        state.lines()
    )
    assert "ended" in " ".join(state.lines())
    assert state.as_dict()["last_run"]["code"] == 5


def test_the_end_of_every_run_is_reported_but_of_one_that_found_the_build_busy(
    settings: Settings, told: list[alerts.Alert], stale: list[str]
) -> None:
    with pytest.raises(Busy), reported(settings):
        raise Busy("process 7 holds it")
    assert last_run.last_run(settings) is None
    with pytest.raises(ContractError), reported(settings):
        raise ContractError("sources/a.yml: unknown key")
    assert told[-1].found == ["sources/a.yml: unknown key"]
    with pytest.raises(RuntimeError), reported(settings):
        raise RuntimeError(SECRET)
    assert (told[-1].subject, SECRET in told[-1].text()) == ("the refresh failed", False)


def test_a_build_as_of_a_day_is_no_night(
    settings: Settings, told: list[alerts.Alert], stale: list[str]
) -> None:
    with reported(replace(settings, as_of=making.NOON.date())) as ending:
        ending.ends(1, ["Refused."])
    assert (told, last_run.last_run(settings)) == ([], None)


def test_an_error_that_is_not_ours_is_told_by_its_kind_alone() -> None:
    run = RunReport(
        False,
        ["raw.seizures: minimum_quantity: a.csv, line 7, column quantity"],
        [
            Failure("raw_gate", "DagsterAssetCheckFailedError", SECRET),
            Failure("dbt", "ConversionException", f"Could not convert '{SECRET}'"),
            Failure("warehouse", "BuildRefused", "1 blocking checks failed; nothing is published."),
        ],
    )
    said = sentences(run, Settings())
    assert said == [
        "Refused: raw.seizures: minimum_quantity: a.csv, line 7, column quantity",
        "The step dbt failed: ConversionException.",
        "1 blocking checks failed; nothing is published.",
    ]
    assert not run.only_gates


def test_a_disk_that_takes_no_note_fails_no_run(
    settings: Settings, stale: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reporting, "keep", full)
    ends(settings, 0, "Built 1.")
    assert "could not be noted (No space left on device)" in caplog.text


SAMPLE = re.compile(r'^[a-z_]+(\{source="[a-z0-9_]+"\})? -?[0-9.e+]+$')


def test_metrics_are_what_a_textfile_collector_reads(
    settings: Settings, stale: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stale.append("prices")
    ends(settings, 4, "Built 1.")
    path = metrics.path_of(settings)
    lines = path.read_text().splitlines()
    assert all(SAMPLE.match(line) for line in lines if not line.startswith("#")), lines
    assert "beslag_last_run_exit_code 4" in lines
    assert 'beslag_source_stale{source="prices"} 1' in lines
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert sorted(names) == sorted(set(names))
    elsewhere = settings.home / "collected" / "beslag.prom"
    elsewhere.parent.mkdir()
    monkeypatch.setenv("BESLAG_METRICS", str(elsewhere))
    ends(settings, 0, "Nothing new.")
    assert "beslag_last_run_exit_code 0" in elsewhere.read_text()
    assert [p.name for p in elsewhere.parent.iterdir()] == ["beslag.prom"]


def test_the_note_is_json_for_other_tools(settings: Settings, stale: list[str]) -> None:
    ends(settings, 0, "Built 1.")
    assert json.loads((settings.var / last_run.NOTE).read_text())["code"] == 0
