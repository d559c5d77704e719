"""What the machine gives: how much of it DuckDB may take, whether there is room for a build, and the words for too little."""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.errors import Starved, UsageError
from orchestration.settings import PROJECT, Settings

MB = 1 << 20
MARGIN = 64 * MB
BLOCK = 256 * 1024  # what DuckDB writes at once
SPILLED = "duckdb_temp_"  # how DuckDB's names begin, and ours beside them
ENOUGH = 1536 * MB  # what does not fit is spilled; the whole process then stays below 4 GB at any size
PER_THREAD = 512 * MB  # fewer threads rather than threads that starve each other
LOADED = 3000 * MB  # addresses, most of them never used: a refresh on the shipped inputs peaks at 3 600 MB
UNPACKED = 8  # a first build takes about so many times what lies in the inbox
CGROUP = Path("/sys/fs/cgroup")
WORDS = (  # (kinds of error, parts of its message, what is wrong, what to do)
    ((), ("No space left on device", "disk is full", "Disk quota exceeded", "max_temp_directory_size", "File too large"),
     "The disk is full", "free some space where {home} lies (`beslag history` shows kept builds; BESLAG_KEEP_BUILDS keeps fewer)"),
    ((), ("disk I/O error", "attempted to write 0 bytes"),  # SQLite's and DuckDB's words, for a full disk too
     "The disk takes nothing more", "look whether it is full or broken where {home} lies"),
    (("MemoryError", "OutOfMemoryException"), ("Cannot allocate memory", "bad_alloc", "failed to allocate"),
     "There is too little memory", "give the job more, or lower BESLAG_MEMORY and BESLAG_THREADS so that it spills to disk"),
    ((), ("Failed to create directory",),
     "What does not fit into memory cannot be spilled", "name a folder in BESLAG_TEMP that can be made and written to, or raise BESLAG_MEMORY"),
    ((), ("Read-only file system", "Permission denied"),
     "A folder cannot be written to", "let the account that runs Beslag write to {home} and {home}/var"),
)  # fmt: skip


def threads() -> int:
    """Threads DuckDB may use: BESLAG_THREADS, or a thread per core as far as the memory goes."""
    if text := os.environ.get("BESLAG_THREADS"):
        if not text.isdecimal() or int(text) < 1:
            raise UsageError(
                f"BESLAG_THREADS is '{text}'; write a whole number of 1 or more, or leave it out."
            )
        return int(text)
    return max(1, min(len(os.sched_getaffinity(0)), memory() // PER_THREAD))


def memory() -> int:
    """Bytes this process may take: the machine's, or less where a cgroup or a limit of the process says so."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    said = [path.read_text().strip() for path in _cgroup_files() if path.exists()]
    limits = [int(text) for text in said if text.isdecimal()]
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return min([physical, *limits, *([soft] if soft != resource.RLIM_INFINITY else [])])


def _cgroup_files() -> list[Path]:
    """Where a limit of this process's own control group would stand, or of all of them, in version 2 and version 1."""
    own = Path("/proc/self/cgroup")
    lines = own.read_text().splitlines() if own.exists() else []
    groups = {line.split(":")[1]: line.split(":", 2)[2].strip("/") for line in lines}
    second, first = CGROUP, CGROUP / "memory"
    return [
        second / groups.get("", "") / "memory.max", second / "memory.max",
        first / groups.get("memory", "") / "memory.limit_in_bytes", first / "memory.limit_in_bytes",
    ]  # fmt: skip


def limits() -> dict[str, str | bool | int | float | list[str]]:
    """DuckDB's configuration, the same for every connection, dbt's as well: threads, memory, where it spills what does not
    fit, and that it loads no extension.

    BESLAG_MEMORY (as "4GB") is half of `memory()` and at most 1.5 GiB when it is not set; BESLAG_TEMP is `var/tmp`.
    """
    home = Path(os.environ.get("BESLAG_HOME") or PROJECT).expanduser().resolve()
    return {
        "threads": threads(),
        "memory_limit": os.environ.get("BESLAG_MEMORY") or f"{max(min(memory() // 2, ENOUGH) // MB, 128)}MiB",
        "temp_directory": os.environ.get("BESLAG_TEMP") or str(home / "var" / "tmp"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }


def clear_spilled(settings: Settings) -> list[str]:
    """Remove what a killed run spilled. The caller holds the lock. Says what it did."""
    folder = Path(str(limits()["temp_directory"]))
    spilled = list(folder.glob(f"{SPILLED}*"))
    for path in spilled:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    said = f"removed {len(spilled)} files or folders that a killed run had spilled into {folder.name}"
    return [said] if spilled else []


def require_space(settings: Settings) -> None:
    """See that there is room for a build: two copies of what is published and the pipeline's own database again.

    Raises:
        Starved: saying how much there is and how much it takes.
    """
    there = [p.stat().st_size for p in (settings.published, settings.published, settings.build) if p.exists()]
    inbox = sum(p.stat().st_size for p in settings.inbox.glob("*/*") if p.is_file())
    needed = MARGIN + max(sum(there), UNPACKED * inbox)
    free = shutil.disk_usage(settings.home).free
    if free < needed:
        raise Starved(
            f"{free // MB} MB are free where {settings.home} lies, and a build needs about {needed // MB} MB; "
            "free some space, or move BESLAG_HOME. Nothing was built."
        )


def require_memory() -> None:
    """See that the process may take enough for loading Dagster, dbt and Great Expectations: in less, loading breaks
    wherever it stands, now and then with a crash that no sentence can follow.

    Raises:
        Starved: saying which limit it is and how much it takes.
    """
    address_space, _ = resource.getrlimit(resource.RLIMIT_AS)
    if address_space != resource.RLIM_INFINITY and address_space < LOADED:
        raise Starved(
            f"This process may address {address_space // MB} MB (`ulimit -v`), and a refresh takes about "
            f"{LOADED // MB} MB of addresses, of which it uses a third; raise the limit, or limit what is used with a "
            "control group. There is too little memory, and nothing was built."
        )


@contextmanager
def in_words(settings: Settings, *kinds: type[Exception]) -> Iterator[None]:
    """Errors of these kinds that mean the machine gave too little become `Starved`."""
    try:
        yield
    except kinds as error:
        sentence = starved(type(error).__name__, str(error), settings.home)
        if sentence is None:
            raise
        state = "is as it was" if settings.published.exists() else "does not exist yet"
        raise Starved(f"{sentence} {settings.published.name} {state}.") from error


def starved(kind: str, message: str, home: Path) -> str | None:
    """The sentence for an error that means the machine gave too little; None for any other.

    Whatever fails on a disk without a free block fails for that reason, also where its message has lost it.
    """
    full = shutil.disk_usage(home).free < BLOCK
    for kinds, parts, wrong, todo in WORDS:
        if kind in kinds or _any_in(parts, message) or (full and "disk" in wrong):
            return f"{wrong} ({kind}): {todo.format(home=home)}, and refresh again; it clears up by itself."
    return None


def _any_in(parts: Iterable[str], message: str) -> bool:
    return any(part.lower() in message.lower() for part in parts)
