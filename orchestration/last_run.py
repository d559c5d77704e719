"""The note of the run that ended last, `var/last_run.json`, and whether one should have ended since."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

from orchestration.settings import Settings

NOTE = "last_run.json"
SILENCE = "BESLAG_SILENCE_HOURS"
ONE_NIGHT_AND_A_BIT = 26


@dataclass(frozen=True)
class LastRun:
    """The note of one run.

    Attributes:
        what: sentences without any row's values.
        refused: deliveries that lie in the inbox refused, as source/file.
        stale: stale sources. Of both, a person has been told.
        missed: whether a person has been told that no run ended since.
    """

    started_at: str
    ended_at: str
    code: int
    what: list[str]
    refused: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    missed: bool = False

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (
            datetime.fromisoformat(self.ended_at) - datetime.fromisoformat(self.started_at)
        ).total_seconds()


def missed(settings: Settings) -> str | None:
    """A sentence when no run has ended for longer than BESLAG_SILENCE_HOURS, which is 26 when it is empty."""
    found, hours = last_run(settings), float(os.environ.get(SILENCE) or ONE_NIGHT_AND_A_BIT)
    if found is None:
        return None
    ended = datetime.fromisoformat(found.ended_at)
    if settings.now - ended <= timedelta(hours=hours):
        return None
    return f"No refresh has ended since {ended:%Y-%m-%d %H:%M} UTC, which is more than {hours:g} hours ago."


def last_run(settings: Settings) -> LastRun | None:
    """The note of the run that ended last; None when none did."""
    path = settings.var / NOTE
    return LastRun(**json.loads(path.read_text("utf-8"))) if path.exists() else None


def keep(settings: Settings, note: LastRun) -> None:
    """Write the note, whole or not at all."""
    path = settings.var / NOTE
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(NOTE + ".part")
    part.write_text(json.dumps(asdict(note), indent=1) + "\n", "utf-8")
    part.replace(path)


def utc_now() -> datetime:
    """This second, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)
