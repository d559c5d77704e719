"""What bringing a source up to date did, told and handed on."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

log = logging.getLogger("beslag")


@dataclass
class LoadReport:
    """What bringing one source up to date did."""

    source: str
    folded: int = 0  # deliveries folded now
    started: int = 0  # row versions begun
    ended: int = 0  # row versions ended
    rows_quarantined: int = 0
    rows_dropped: int = 0
    rows_revised: int = 0  # of closed periods
    current_rows: int = 0
    refused: list[str] = field(default_factory=list)
    uncorrected: list[str] = field(default_factory=list)  # sentences about corrections that do not hold

    def sentence(self) -> str:
        """The report in a line."""
        counts = (
            (self.folded, "deliveries"), (self.started, "row versions begun"), (self.ended, "ended"),
            (self.rows_quarantined, "rows quarantined"), (self.rows_dropped, "dropped"),
            (self.rows_revised, "revised in closed periods"), (self.current_rows, "current"),
        )  # fmt: skip
        return ", ".join(f"{count:,} {what}".replace(",", " ") for count, what in counts if count)

    def tell(self) -> None:
        """Log what was done, if anything, and what was refused."""
        if self.folded or self.refused:
            log.info("  raw        %s: %s", self.source, self.sentence())
        for sentence in self.refused:
            log.warning("  refused    %s", sentence)
        for sentence in self.uncorrected:
            log.warning("  correction %s", sentence)
