"""Keeping the bytes: immutable, by SHA-256, with a manifest of what arrived when.

Here: copying, hashing, the manifest. Not here: what lies in an inbox and when it was known (intake.py), what the bytes
mean (parse.py), whether they may be merged (load.py).
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from orchestration.errors import DeliveryRefused

MANIFEST = "manifest.jsonl"


@dataclass(frozen=True, order=True)
class Delivery:
    """One file of one source, as known from one moment. Ordered by (known_at, sha256)."""

    known_at: datetime
    sha256: str
    source: str
    file_name: str
    size_bytes: int
    arrived_at: datetime

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two arrivals the same delivery."""
        return self.source, self.sha256, self.known_at.isoformat()


class Archive:
    """The archive folder: `<sha[:2]>/<sha>` files of mode 0400 and an append-only manifest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where the bytes of a hash lie, or would lie."""
        return self.folder / sha256[:2] / sha256

    def deliveries(self, source: str | None = None, before: datetime | None = None) -> list[Delivery]:
        """Every delivery not forgotten, in history order; `before` is exclusive."""
        forgotten = {e["sha256"] for e in self._events() if e["event"] == "forgotten"}
        found: dict[tuple[str, str, str], Delivery] = {}
        for event in self._events():
            if event["event"] != "arrival" or event["sha256"] in forgotten:
                continue
            delivery = _delivery(event)
            if (source is None or delivery.source == source) and (
                before is None or delivery.known_at < before
            ):
                found.setdefault(delivery.key, delivery)
        return sorted(found.values())

    def last_content(self, source: str, file_name: str) -> str | None:
        """The hash this inbox path held when it was last taken in."""
        seen = [e["sha256"] for e in self._events() if e["source"] == source and e["file_name"] == file_name]
        return seen[-1] if seen else None

    def forgotten(self, sha256: str) -> str | None:
        """Why the bytes of a hash were deleted and must not come back; None when they were not."""
        reasons = [e["reason"] for e in self._events() if e["event"] == "forgotten" and e["sha256"] == sha256]
        return reasons[-1] if reasons else None

    def hashes(self) -> set[str]:
        """Of everything that ever arrived, forgotten or not."""
        return {e["sha256"] for e in self._events() if e["event"] == "arrival"}

    def missing(self, before: datetime) -> list[str]:
        """Hashes of deliveries known before a moment that have been forgotten since, sorted."""
        arrived = (e for e in self._events() if e["event"] == "arrival" and _delivery(e).known_at < before)
        return sorted({e["sha256"] for e in arrived if self.forgotten(e["sha256"])})

    def keep(self, path: Path) -> tuple[str, int]:
        """Copy a file into the archive.

        Returns:
            Its SHA-256 and its size in bytes.

        Raises:
            DeliveryRefused: when the archive already holds other bytes under that hash.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest, size = hashlib.sha256(), 0
        with (
            path.open("rb") as source,
            tempfile.NamedTemporaryFile(dir=self.folder, prefix=".part-", delete=False) as copy,
        ):
            while block := source.read(1 << 20):
                digest.update(block)
                size += len(block)
                copy.write(block)
            copy.flush()
            os.fsync(copy.fileno())
        target, part = self.path(digest.hexdigest()), Path(copy.name)
        if target.exists():
            part.unlink()
            if file_sha256(target) != digest.hexdigest():
                raise DeliveryRefused(
                    f"The archived bytes {target.name[:12]}… no longer match their hash; restore {target} from a backup."
                )
        else:
            target.parent.mkdir(exist_ok=True, mode=0o700)
            part.chmod(0o400)
            part.replace(target)
        return digest.hexdigest(), size

    def record(self, delivery: Delivery) -> None:
        """Append an arrival to the manifest and force it to disk."""
        self._append({"event": "arrival", **asdict(delivery)})

    def forget(self, sha256: str, reason: str, now: datetime) -> list[Delivery]:
        """Delete a delivery's bytes; the manifest line stays and says why. Returns what it was delivered as."""
        gone = [d for d in self.deliveries() if d.sha256 == sha256]
        self._append(
            {
                "event": "forgotten",
                "sha256": sha256,
                "source": "",
                "file_name": "",
                "reason": reason,
                "at": now,
            }
        )
        self.path(sha256).unlink(missing_ok=True)
        return gone

    def repair(self) -> list[str]:
        """Remove half-written copies and a half-written last manifest line, as a crash leaves them."""
        said = []
        for part in self.folder.glob(".part-*"):
            part.unlink()
            said.append(f"removed the half-written archive file {part.name}")
        manifest = self.folder / MANIFEST
        if manifest.exists() and (text := manifest.read_bytes()) and not text.endswith(b"\n"):
            manifest.write_bytes(text[: text.rfind(b"\n") + 1])
            said.append("removed a half-written last line of the archive's manifest")
        return said

    def _append(self, event: dict[str, object]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / MANIFEST).open("ab") as manifest:
            manifest.write(json.dumps(event, default=_iso, ensure_ascii=False).encode() + b"\n")
            manifest.flush()
            os.fsync(manifest.fileno())

    def _events(self) -> list[dict[str, str]]:
        manifest = self.folder / MANIFEST
        return (
            [json.loads(line) for line in manifest.read_text("utf-8").splitlines()]
            if manifest.exists()
            else []
        )


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _delivery(event: dict[str, str]) -> Delivery:
    return Delivery(
        known_at=datetime.fromisoformat(event["known_at"]),
        sha256=event["sha256"],
        source=event["source"],
        file_name=event["file_name"],
        size_bytes=int(event["size_bytes"]),
        arrived_at=datetime.fromisoformat(event["arrived_at"]),
    )


def _iso(value: object) -> str:
    assert isinstance(value, datetime | date), value
    return value.isoformat()


def fingerprint(deliveries: Iterable[Delivery]) -> list[list[str]]:
    """The inputs of a build in a form that compares: sorted (source, sha256, known_at)."""
    return [list(key) for key in sorted(d.key for d in deliveries)]
