"""One message when something needs a person: by e-mail, to a webhook, to a command, as the environment says.

Here: what a message holds, and its way out. Not here: when there is something to say (reporting.py). A message holds
no value of any row, and no address of a channel: both may be secret.

    BESLAG_ALERT_SMTP      smtp://host[:port] (TLS where a server elsewhere offers it) or smtps://…; user@host logs in
    BESLAG_ALERT_PASSWORD  the password of that user; TLS is then required
    BESLAG_ALERT_TO        addresses, separated by commas
    BESLAG_ALERT_FROM      beslag@<this host> when not set
    BESLAG_ALERT_WEBHOOK   an address that takes {"text": "…"}, as Slack, Teams and Mattermost do
    BESLAG_ALERT_COMMAND   a command that takes the message on its standard input, its subject in BESLAG_ALERT_SUBJECT
"""

from __future__ import annotations

import json
import os
import shlex
import smtplib
import socket
import ssl
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

PATIENCE = 20.0  # seconds for one channel
OUTCOME = "alert.json"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Alert:
    """What a person is told.

    Attributes:
        subject: what failed, in a line.
        found: which check, which source; where up to three of the rows are, by file, line and column.
        readers: what readers see meanwhile.
        todo: what to do.
    """

    subject: str
    found: list[str]
    readers: str
    todo: list[str] = field(default_factory=list)

    def text(self) -> str:
        """The message."""
        parts = [
            f"Beslag on {socket.gethostname()}: {self.subject}",
            "\n".join(self.found),
            f"Readers: {self.readers}",
            "\n".join(f"To do: {sentence}" for sentence in self.todo),
        ]
        return "\n\n".join(part for part in parts if part) + "\n"


class NotSent(Exception):
    """A channel did not take the message. Says which and why, without its address."""


def send(alert: Alert, environment: Mapping[str, str] = os.environ) -> tuple[list[str], list[str]]:
    """Send a message on every channel that the environment names. Never raises for a channel that fails.

    Returns:
        The channels that took it, and a sentence for each that did not.
    """
    sent, failed = [], []
    for name, (variable, channel) in CHANNELS.items():
        if not environment.get(variable):
            continue
        try:
            channel(alert, environment)
            sent.append(name)
        except (NotSent, OSError, ValueError, smtplib.SMTPException, subprocess.SubprocessError) as error:
            failed.append(f"The {name} of {variable} did not take the alert ({_harmless(error)}).")
    return sent, failed


def note_outcome(folder: Path, alert: Alert, now: str, sent: list[str], failed: list[str]) -> None:
    """Keep what became of the last alert, for `beslag status`."""
    outcome = {"at": now, "subject": alert.subject, "sent": sent, "failed": failed}
    part = folder / f"{OUTCOME}.part"
    part.write_text(json.dumps(outcome, indent=1) + "\n", "utf-8")
    part.replace(folder / OUTCOME)


def last_outcome(folder: Path) -> dict[str, Any] | None:
    """What became of the last alert; None when there was none."""
    path = folder / OUTCOME
    if not path.exists():
        return None
    outcome: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return outcome


def _mail(alert: Alert, environment: Mapping[str, str]) -> None:
    server, password = urlsplit(environment["BESLAG_ALERT_SMTP"]), environment.get("BESLAG_ALERT_PASSWORD")
    if server.scheme not in ("smtp", "smtps") or not server.hostname:
        raise NotSent("it is not smtp://host[:port] or smtps://host[:port]")
    if not environment.get("BESLAG_ALERT_TO"):
        raise NotSent("BESLAG_ALERT_TO names nobody")
    message = EmailMessage()
    message["Subject"] = f"[beslag] {alert.subject}"
    message["From"] = environment.get("BESLAG_ALERT_FROM") or f"beslag@{socket.getfqdn()}"
    message["To"] = environment["BESLAG_ALERT_TO"]
    message.set_content(alert.text())
    tls = ssl.create_default_context()
    with (
        smtplib.SMTP_SSL(server.hostname, server.port or 465, timeout=PATIENCE, context=tls)
        if server.scheme == "smtps"
        else smtplib.SMTP(server.hostname, server.port or 25, timeout=PATIENCE)
    ) as smtp:
        smtp.ehlo_or_helo_if_needed()
        offered = smtp.has_extn("starttls") and server.hostname not in LOOPBACK
        if server.scheme == "smtp" and (password or offered):
            smtp.starttls(context=tls)
        if server.username and password:
            smtp.login(unquote(server.username), password)
        smtp.send_message(message)


def _webhook(alert: Alert, environment: Mapping[str, str]) -> None:
    import httpx  # not needed on a good night

    try:
        answer = httpx.post(
            environment["BESLAG_ALERT_WEBHOOK"], json={"text": alert.text()}, timeout=PATIENCE
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotSent(type(error).__name__) from error  # its own words may hold the address
    if not answer.is_success:
        raise NotSent(f"it answered {answer.status_code}")


def _command(alert: Alert, environment: Mapping[str, str]) -> None:
    done = subprocess.run(  # noqa: S603 - the operator's own command
        shlex.split(environment["BESLAG_ALERT_COMMAND"]),
        input=alert.text(), text=True, capture_output=True, check=False, timeout=PATIENCE,
        env={**environment, "BESLAG_ALERT_SUBJECT": alert.subject},
    )  # fmt: skip
    if done.returncode:
        raise NotSent(f"it ended with {done.returncode}")


def _harmless(error: Exception) -> str:
    """An error's kind and number: the text of some holds what the server or the command line said."""
    if isinstance(error, NotSent):
        return str(error)
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__} {error.smtp_code}"
    reason = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
    return type(error).__name__ + reason


CHANNELS: dict[str, tuple[str, Callable[[Alert, Mapping[str, str]], None]]] = {
    "e-mail": ("BESLAG_ALERT_SMTP", _mail),
    "webhook": ("BESLAG_ALERT_WEBHOOK", _webhook),
    "command": ("BESLAG_ALERT_COMMAND", _command),
}
