"""Looking into a source's inbox: which files are deliveries that were not kept before, and when each was known.

Not here: keeping their bytes (archive.py), fetching (fetch.py), what the bytes mean (parse.py).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from orchestration.archive import Archive, Delivery
from orchestration.contract import Contract
from orchestration.errors import DeliveryRefused
from orchestration.settings import Settings
from orchestration.untouched import Untouched

SIDECAR_SUFFIX = ".known_at"


@dataclass
class Intake:
    """What one look into a source's folder found."""

    present: bool = False
    new: list[Delivery] = field(default_factory=list)
    in_inbox: set[str] = field(default_factory=set)  # SHA-256 of every acceptable file lying there
    refused: list[str] = field(default_factory=list)  # sentences
    unfetched: str | None = None  # why fetching failed; among `refused` too unless it may pass by itself


def take_in(
    contract: Contract, settings: Settings, is_latest: Callable[[str], bool] = lambda _: False
) -> Intake:
    """Look into a source's folder and keep every delivery not kept before; an online run fetches first.

    Args:
        is_latest: whether a hash already stands as the latest statement for all it covers; a copy of it
            arriving under another name then adds nothing.
    """
    intake, archive, untouched = Intake(), Archive(settings.archive), Untouched(settings)
    if contract.fetch and settings.online:
        _fetch(contract, settings, intake)
    folder = settings.inbox_of(contract.name, curated=contract.curated)
    fetched = _files(settings.fetched_of(contract.name))
    intake.present = folder.is_dir() or bool(fetched)
    for path, rank in _by_reach([*_files(folder), *fetched], contract, archive, untouched):
        try:
            sha256 = _admit(path, contract, untouched)
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
    untouched.keep()
    return intake


def _fetch(contract: Contract, settings: Settings, intake: Intake) -> None:
    from orchestration.fetch import fetch  # the http client is not needed offline

    outcome = fetch(contract, settings)
    intake.unfetched = outcome.failure
    if outcome.failure and not outcome.passing:
        intake.refused.append(outcome.failure)


def _files(folder: Path) -> list[Path]:
    try:
        found = list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):  # also when it vanishes just now
        return []
    return sorted(p for p in found if not p.name.startswith(".") and p.suffix != SIDECAR_SUFFIX)


def _admit(path: Path, contract: Contract, untouched: Untouched) -> str:
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
    return untouched.sha256(path)


def _by_reach(
    paths: list[Path], contract: Contract, archive: Archive, untouched: Untouched
) -> list[tuple[Path, int]]:
    """The files in the order in which they follow each other when they arrive together, with their rank.

    Where the contract names a field for `known_at.order`, an edition that reaches further in it is the later one. Only
    files never seen before are read for it; all others have rank 0.
    """
    field, seen, unseen = contract.known_at.order, archive.hashes(), []
    for path in paths if field else ():
        try:
            unseen += [path] if _admit(path, contract, untouched) not in seen else []
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
