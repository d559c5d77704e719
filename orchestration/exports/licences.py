"""Which published rows may be handed on as open data: the one rule. Not here: writing them (tables.py).

A row leaves when every source it names lets it, by `licenses.redistribution` in the source's contract:

- `allowed`: its rows may be handed on;
- `synthetic_rows`: only while all of its published rows are synthetic (an agency's extract is not ours to give);
- `not_stated`, `forbidden`, or no contract: none.

Reference tables without a `source` column are the project's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from orchestration.contract import Contract

Origin = tuple[str | None, bool | None]  # a row's `source` ("a+b") and `is_synthetic`

REASONS = {
    "synthetic_rows": "the licence covers synthetic rows alone, and real rows of the source are published",
    "not_stated": "the terms do not say that the data may be handed on",
    "forbidden": "the terms forbid handing the data on",
}


@dataclass(frozen=True)
class Omitted:
    """Rows of one table and source that are not exported."""

    table: str
    source: str | None
    rows: int
    reason: str


class Rule:
    """The rule over the contracts, given every origin that a build publishes."""

    def __init__(self, contracts: Mapping[str, Contract], published: Iterable[Origin]) -> None:
        self._contracts = contracts
        self._real = {name for source, synthetic in published if not synthetic for name in names(source)}

    def refuses(self, origin: Origin) -> str | None:
        """Why rows of this origin stay, as part of a sentence; None when they may leave."""
        sources = names(origin[0])
        if not sources:
            return "the rows name no source"
        reasons = [f"{name}: {why}" for name in sources if (why := self._refuses_source(name))]
        return "; ".join(reasons) or None

    def _refuses_source(self, name: str) -> str | None:
        contract = self._contracts.get(name)
        if contract is None:
            return "no contract states its licence"
        if contract.redistribution == "allowed":
            return None
        if contract.redistribution == "synthetic_rows" and name not in self._real:
            return None
        return REASONS[contract.redistribution]


def names(source: str | None) -> list[str]:
    """The sources in a row's `source`."""
    return source.split("+") if source else []
