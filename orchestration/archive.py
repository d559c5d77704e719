"""Keeping the bytes: inbox → archive, immutable, by SHA-256, with a manifest of what arrived when.

Here: copying, hashing, the manifest, when a delivery was known. Not here: what the bytes mean (parse.py) and
whether they may be merged (load.py).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from orchestration.contract import Contract
from orchestration.errors import DeliveryRefused
from orchestration.settings import Settings

MANIFEST = "manifest.jsonl"
SIDECAR_SUFFIX = ".known_at"


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


@dataclass
class Intake:
    """What one look into a source's folder found."""

    present: bool = False
    new: list[Delivery] = field(default_factory=list)
    in_inbox: set[str] = field(default_factory=set)  # SHA-256 of every acceptable file lying there
    refused: list[str] = field(default_factory=list)  # sentences
    unfetched: str | None = None  # why fetching failed; among `refused` too unless it may pass by itself


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


def take_in(
    contract: Contract, settings: Settings, is_latest: Callable[[str], bool] = lambda _: False
) -> Intake:
    """Look into a source's folder and keep every delivery not kept before; an online run fetches first.

    Args:
        is_latest: whether a hash already stands as the latest statement for all it covers; a copy of it
            arriving under another name then adds nothing.
    """
    intake, archive = Intake(), Archive(settings.archive)
    if contract.fetch and settings.online:
        _fetch(contract, settings, intake)
    folder = settings.inbox_of(contract.name, curated=contract.curated)
    fetched = _files(settings.fetched_of(contract.name))
    intake.present = folder.is_dir() or bool(fetched)
    for path, rank in _by_reach([*_files(folder), *fetched], contract, archive):
        try:
            sha256 = _admit(path, contract)
            intake.in_inbox.add(sha256)
            if delivery := _new_delivery(path, sha256, contract, settings, archive, is_latest, rank):
                kept, _ = archive.keep(path)
                if kept != sha256:
                    raise DeliveryRefused(
                        "the file changed while it was read; it is taken in when it has stopped growing"
                    )
                archive.record(delivery)
                intake.new.append(delivery)
        except DeliveryRefused as error:
            intake.refused.append(f"{contract.name}/{path.name}: {error}")
        except FileNotFoundError:
            if path.exists():
                raise
            intake.refused.append(
                f"{contract.name}/{path.name}: it vanished while it was taken in; deliver it again, and let it lie."
            )
    return intake


def _fetch(contract: Contract, settings: Settings, intake: Intake) -> None:
    from orchestration.fetch import fetch  # the http client is not needed offline

    outcome = fetch(contract, settings)
    intake.unfetched = outcome.failure
    if outcome.failure and not outcome.passing:
        intake.refused.append(outcome.failure)


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(folder: Path) -> list[Path]:
    try:
        found = list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):  # also when it vanishes just now
        return []
    return sorted(p for p in found if not p.name.startswith(".") and p.suffix != SIDECAR_SUFFIX)


def _admit(path: Path, contract: Contract) -> str:
    if path.is_symlink() or not path.is_file():
        raise DeliveryRefused("it is a link or a folder, not a file; put the file itself there.")
    if not path.match(contract.path):
        raise DeliveryRefused(
            f"its name does not match '{contract.path}', the files this source delivers; rename or remove it."
        )
    if not os.access(path, os.R_OK):
        raise DeliveryRefused("it cannot be read; give the account that runs Beslag permission to read it.")
    if path.stat().st_size == 0:
        raise DeliveryRefused("the file is empty; ask the producer to send it again.")
    return file_sha256(path)


def _by_reach(paths: list[Path], contract: Contract, archive: Archive) -> list[tuple[Path, int]]:
    """The files in the order in which they follow each other when they arrive together, with their rank.

    Where the contract names a field for `known_at.order`, an edition that reaches further in it is the later one. Only
    files never seen before are read for it; all others have rank 0.
    """
    field, seen, unseen = contract.known_at.order, archive.hashes(), []
    for path in paths if field else ():
        try:
            unseen += [path] if _admit(path, contract) not in seen else []
        except DeliveryRefused:
            continue  # said where it is taken in
    if field is None or len(unseen) < 2:
        return [(path, 0) for path in paths]
    from orchestration.parse import parse  # polars is not needed to find that nothing is new

    reach = dict.fromkeys(paths, "")
    for path in unseen:
        try:
            reach[path] = str(parse(path, contract).latest(field) or "")
        except DeliveryRefused:
            continue  # said where it is folded
    steps = sorted(set(reach.values()))
    return sorted(((path, steps.index(reach[path])) for path in paths), key=lambda pair: pair[1])


def _new_delivery(
    path: Path,
    sha256: str,
    contract: Contract,
    settings: Settings,
    archive: Archive,
    is_latest: Callable[[str], bool],
    rank: int,
) -> Delivery | None:
    if reason := archive.forgotten(sha256):
        raise DeliveryRefused(f"its bytes were forgotten ({reason}); remove it from the inbox.")
    before, is_fetched = archive.deliveries(contract.name), path.parent == settings.fetched_of(contract.name)
    name = f"fetched/{path.name}" if is_fetched else path.name  # a namesake in the inbox is another path
    if contract.known_at.from_ == "arrival":
        if archive.last_content(contract.name, name) == sha256 or is_latest(sha256):
            return None
        # A clock set back must not put a new arrival before, or level with, one of an earlier look;
        # what was fetched follows what lay in the inbox.
        known_at = settings.now
        earlier = [d.known_at for d in before if is_fetched or d.arrived_at != settings.now]
        if earlier and known_at <= max(earlier):
            known_at = max(earlier) + timedelta(seconds=1)
        known_at += timedelta(seconds=rank)
    else:
        known_at = known_at_of(path, contract)
    delivery = Delivery(known_at, sha256, contract.name, name, path.stat().st_size, settings.now)
    return None if delivery.key in {d.key for d in before} else delivery


def known_at_of(path: Path, contract: Contract) -> datetime:
    """When the contents of a file were known, by its contract (not for `arrival`).

    Raises:
        DeliveryRefused: when the date cannot be had.
    """
    rule = contract.known_at
    if rule.from_ == "constant":
        return _midnight(rule.constant or "", "the contract's known_at.constant")
    if rule.from_ == "sidecar":
        sidecar = path.with_name(path.name + SIDECAR_SUFFIX)
        if not sidecar.is_file():
            raise DeliveryRefused(
                f"the file {sidecar.name} with its date (YYYY-MM-DD) is missing beside it; add it."
            )
        return _midnight(sidecar.read_text("utf-8", errors="replace").strip(), sidecar.name)
    if rule.from_ == "file_name":
        match = re.search(rule.pattern or "", path.name)
        if not match:
            raise DeliveryRefused(f"its name carries no date as '{rule.pattern}'; rename it.")
        return _midnight(match.group(1), "its name")
    from orchestration.parse import parse  # polars is not needed to find that nothing is new

    latest: date | None = parse(path, contract).latest(rule.column or "")
    if latest is None:
        raise DeliveryRefused(f"the column '{rule.column}', which dates the delivery, holds no date.")
    return datetime.combine(latest, datetime.min.time())


def _midnight(text: str, where: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), datetime.min.time())
    except ValueError as error:
        raise DeliveryRefused(f"'{text}' in {where} is not a date; write YYYY-MM-DD.") from error


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
