"""Where things are and what this run was asked to do. Read from the environment once per run."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from orchestration.errors import UsageError

PROJECT = Path(__file__).resolve().parents[1]
AS_REAL = "BESLAG_TREAT_SYNTHETIC_AS_REAL"  # for trying disclosure control on invented rows


@dataclass(frozen=True)
class Settings:
    """Paths and options of one run.

    `home` holds `var/` and `warehouse.duckdb`; `inbox` one folder per source; `sources` restricts the sources
    taken in (all when empty); `as_of` is inclusive and moves the build and the published file aside; without
    `online` nothing is fetched. With `synthetic_is_real` disclosure control treats synthetic rows as real ones;
    with `internal` the file for analysts with the right to single lines is published as well. `public` is a folder
    that other accounts may read.
    """

    home: Path = PROJECT
    inbox: Path = PROJECT / "sources" / "data"
    as_of: date | None = None
    full: bool = False
    sources: tuple[str, ...] = ()
    online: bool = False
    synthetic_is_real: bool = False
    internal: bool = False
    public: Path | None = None
    contracts_dir: Path = PROJECT / "sources"
    dbt_dir: Path = PROJECT / "dbt_project"
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(tzinfo=None, microsecond=0))

    @classmethod
    def from_env(cls) -> Settings:
        """Settings from BESLAG_HOME, BESLAG_INBOX, BESLAG_AS_OF, BESLAG_FULL, BESLAG_SOURCES, BESLAG_ONLINE,
        BESLAG_TREAT_SYNTHETIC_AS_REAL, BESLAG_INTERNAL, BESLAG_PUBLIC.

        Raises:
            UsageError: when the inbox is not a folder or the date is not an ISO date.
        """
        home = Path(os.environ.get("BESLAG_HOME") or PROJECT).expanduser().resolve()
        inbox = Path(os.environ.get("BESLAG_INBOX") or PROJECT / "sources" / "data").expanduser().resolve()
        if not inbox.is_dir():
            raise UsageError(f"The inbox {inbox} is not a folder; create it, or name another with --inbox.")
        text = os.environ.get("BESLAG_AS_OF") or None
        try:
            as_of = date.fromisoformat(text) if text else None
        except ValueError as error:
            raise UsageError(f"'{text}' is not a date; write --as-of as YYYY-MM-DD.") from error
        if as_of and as_of > datetime.now(UTC).date():
            raise UsageError(
                f"{as_of} is still to come; what will be known then cannot be built, so name an earlier day."
            )
        return cls(
            home=home,
            inbox=inbox,
            as_of=as_of,
            full=os.environ.get("BESLAG_FULL") == "1",
            sources=tuple(s for s in os.environ.get("BESLAG_SOURCES", "").split(",") if s),
            online=os.environ.get("BESLAG_ONLINE") == "1",
            synthetic_is_real=os.environ.get(AS_REAL) == "1",
            internal=os.environ.get("BESLAG_INTERNAL") == "1",
            public=Path(public).expanduser().resolve()
            if (public := os.environ.get("BESLAG_PUBLIC"))
            else None,
        )

    @property
    def shipped_data(self) -> Path:
        """The inputs that ship with the project."""
        return self.contracts_dir / "data"

    @property
    def uses_shipped_inbox(self) -> bool:
        """True when nobody named an inbox of their own."""
        return self.inbox == self.shipped_data

    @property
    def var(self) -> Path:
        """The pipeline's own folder."""
        return self.home / "var"

    @property
    def archive(self) -> Path:
        """Immutable bytes and their manifest."""
        return self.var / "archive"

    @property
    def work(self) -> Path:
        """Where this build is made: `var/`, or a folder of its own for an as-of build."""
        return self.var / "as_of" / self.as_of.isoformat() if self.as_of else self.var

    @property
    def build(self) -> Path:
        """The pipeline's database."""
        return self.work / "build.duckdb"

    @property
    def builds(self) -> Path:
        """Kept builds, one folder each."""
        return self.work / "builds"

    @property
    def published(self) -> Path:
        """The readers' file."""
        name = f"warehouse_as_of_{self.as_of.isoformat()}.duckdb" if self.as_of else "warehouse.duckdb"
        return self.home / name

    @property
    def internal_file(self) -> Path:
        """The file beside it for those who may see single lines; it exists only where it was asked for."""
        return self.published.with_name(self.published.name.replace("warehouse", "internal"))

    @property
    def known_before(self) -> datetime | None:
        """Deliveries known at or after this moment (UTC) are left out; the as-of date itself counts."""
        return datetime.combine(self.as_of + timedelta(days=1), time()) if self.as_of else None

    def inbox_of(self, source: str, *, curated: bool) -> Path:
        """The folder a source delivers to; curated sources ship with the project."""
        return (self.shipped_data if curated else self.inbox) / source

    def fetched_of(self, source: str) -> Path:
        """The folder of what was fetched for a source: a second inbox, the pipeline's own."""
        return self.var / "fetched" / source
