"""One message, by every channel the environment names; one that cannot be sent fails nothing and gives nothing away."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import receivers

from orchestration import alerts
from orchestration.alerts import Alert

ALERT = Alert(
    "a gate refused the build",
    ["Refused: marts.purity: mean_in_range: NO_2023.csv, line 7, column purity"],
    "they see build 1, made 2026-11-20.",
    ["Look at the rows named above."],
)
SECRET = "a-token-nobody-may-read"
pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def test_without_a_channel_nothing_is_sent_and_nothing_fails() -> None:
    assert alerts.send(ALERT, {}) == ([], [])


def test_a_mail_says_what_where_what_readers_see_and_what_to_do() -> None:
    with receivers.smtp() as server:
        environment = {
            "BESLAG_ALERT_SMTP": f"smtp://127.0.0.1:{server.port}",
            "BESLAG_ALERT_TO": "night@example.org, day@example.org",
            "BESLAG_ALERT_FROM": "beslag@example.org",
        }
        assert alerts.send(ALERT, environment) == (["e-mail"], [])
    (mail,) = server.mails
    assert mail["subject"] == "[beslag] a gate refused the build"
    assert mail["to"] == "night@example.org, day@example.org"
    for part in (*ALERT.found, ALERT.readers, *ALERT.todo):
        assert part in mail.get_content()


def test_a_webhook_takes_one_text() -> None:
    with receivers.http() as server:
        environment = {"BESLAG_ALERT_WEBHOOK": f"http://127.0.0.1:{server.port}/{SECRET}"}
        assert alerts.send(ALERT, environment) == (["webhook"], [])
    assert server.posts == [{"text": ALERT.text()}]


def test_a_command_reads_the_message(tmp_path: Path) -> None:
    code = "import os,sys; open(sys.argv[1],'w').write(os.environ['BESLAG_ALERT_SUBJECT']+chr(10)+sys.stdin.read())"
    told = tmp_path / "told"
    command = f'{sys.executable} -c "{code}" {told}'
    assert alerts.send(ALERT, {"BESLAG_ALERT_COMMAND": command}) == (["command"], [])
    assert told.read_text() == f"{ALERT.subject}\n{ALERT.text()}"


def test_every_channel_is_tried_whatever_the_others_do() -> None:
    with receivers.http(500) as broken, receivers.smtp(refuses=True) as deaf:
        sent, failed = alerts.send(
            ALERT,
            {
                "BESLAG_ALERT_WEBHOOK": f"http://127.0.0.1:{broken.port}/{SECRET}",
                "BESLAG_ALERT_SMTP": f"smtp://127.0.0.1:{deaf.port}",
                "BESLAG_ALERT_TO": "night@example.org",
                "BESLAG_ALERT_COMMAND": "true",
            },
        )
    assert sent == ["command"]
    assert len(failed) == 2


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({"BESLAG_ALERT_SMTP": "smtp://127.0.0.1:9", "BESLAG_ALERT_TO": "a@b.c"}, "Connection refused"),
        ({"BESLAG_ALERT_SMTP": "smtp://127.0.0.1:9"}, "names nobody"),
        ({"BESLAG_ALERT_SMTP": SECRET, "BESLAG_ALERT_TO": "a@b.c"}, "smtp://host"),
        ({"BESLAG_ALERT_SMTP": f"smtp://127.0.0.1:{SECRET}", "BESLAG_ALERT_TO": "a@b.c"}, "ValueError"),
        ({"BESLAG_ALERT_WEBHOOK": f"http://127.0.0.1:9/{SECRET}"}, "ConnectError"),
        ({"BESLAG_ALERT_WEBHOOK": SECRET}, "UnsupportedProtocol"),
        ({"BESLAG_ALERT_COMMAND": f"false {SECRET}"}, "ended with 1"),
        ({"BESLAG_ALERT_COMMAND": f"/nowhere/{SECRET}"}, "No such file"),
        ({"BESLAG_ALERT_COMMAND": f"'{SECRET}"}, "ValueError"),
    ],
)
def test_what_cannot_be_sent_is_a_sentence_without_the_address(environment: dict[str, str], why: str) -> None:
    sent, (sentence,) = alerts.send(ALERT, environment)
    assert sent == []
    assert why in sentence
    assert SECRET not in sentence


def test_a_password_never_travels_in_the_open() -> None:
    with receivers.smtp() as server:  # offers no TLS
        sent, (sentence,) = alerts.send(
            ALERT,
            {
                "BESLAG_ALERT_SMTP": f"smtp://night@127.0.0.1:{server.port}",
                "BESLAG_ALERT_PASSWORD": SECRET,
                "BESLAG_ALERT_TO": "a@b.c",
            },
        )
    assert (sent, server.mails) == ([], [])
    assert SECRET not in sentence


def test_what_became_of_the_last_alert_is_kept(tmp_path: Path) -> None:
    assert alerts.last_outcome(tmp_path) is None
    alerts.note_outcome(tmp_path, ALERT, "2026-11-27T02:30:00", ["e-mail"], ["The webhook did not."])
    assert alerts.last_outcome(tmp_path) == {
        "at": "2026-11-27T02:30:00",
        "subject": ALERT.subject,
        "sent": ["e-mail"],
        "failed": ["The webhook did not."],
    }
