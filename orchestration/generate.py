"""Files derived from the contracts: `dbt_project/models/staging/sources.yml`. `--check` compares instead of writing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import yaml

from orchestration.contract import BOOKKEEPING, Contract, load_contracts
from orchestration.contract_parts import Person
from orchestration.errors import ContractError
from orchestration.settings import Settings

HEADER = "# Generated from the contracts in sources/ by `make generate`; edit those instead.\n"
BOOKKEEPING_SAYS = {
    "_row_hash": "63-bit hash of the row's typed content",
    "_ordinal": "Number of the row among rows of equal content in its delivery",
    "_delivery_id": "Delivery that began this version",
    "_line": "Line or sheet row in that delivery's file",
    "_is_synthetic": "True when the row was generated",
    "_valid_from": "Since when the row was known, UTC",
    "_valid_to": "Since when it no longer holds, UTC; null when current",
    "_ended_by": "Delivery that ended this version",
}


def dbt_sources(contracts: dict[str, Contract]) -> str:
    """The dbt sources file: every raw table with its columns, types and descriptions."""
    tables = [{"name": c.name, "description": _says(c), "columns": _columns(c)} for c in contracts.values()]
    raw = {
        "name": "raw",
        "schema": "current",
        "description": "What each source states now: the rows of its history that stand, corrected",
        "tables": tables,
    }
    history = {
        "name": "history",
        "schema": "raw",
        "description": "Everything each source ever stated, as delivered; the columns are those of the source raw",
        "tables": [{"name": c.name} for c in contracts.values()],
    }
    ops = {
        "name": "ops",
        "schema": "ops",
        "description": "The account that the pipeline keeps of its deliveries",
        "tables": [
            {"name": "vintages", "description": "One row per source, scope and moment at which it was known"}
        ],
    }
    text: str = yaml.safe_dump(
        {"sources": [raw, history, ops]}, sort_keys=False, allow_unicode=True, width=110
    )
    return HEADER + text


def _says(contract: Contract) -> str:
    def cited(people: Sequence[Person]) -> str:
        return "; ".join(f"{p.title} <{p.path}>" if p.path else p.title for p in people)

    return (
        f"{contract.title}: {contract.grain}. {contract.description.strip()} "
        f"Source: {cited(contract.sources)}. Licence: {cited(contract.licenses)}."
    )


def _columns(contract: Contract) -> list[dict[str, Any]]:
    said = {
        f.name: f.description + (f" ({f.unit})" if f.unit else "") for f in contract.kept_fields
    } | BOOKKEEPING_SAYS
    return [
        {"name": name, "description": said[name], "data_type": kind.lower()}
        for name, kind in [*contract.raw_columns(), *BOOKKEEPING]
    ]


def main() -> int:
    """Write the file, or with --check say whether it is as the contracts want it (exit 1 when not, 2 when a contract is wrong)."""
    settings = Settings()
    path = settings.dbt_dir / "models" / "staging" / "sources.yml"
    try:
        text = dbt_sources(load_contracts(settings.contracts_dir))
    except ContractError as error:
        print(error)
        return 2
    if "--check" not in sys.argv:
        path.write_text(text, "utf-8")
    elif path.read_text("utf-8") != text:
        print(f"{path.name} differs from what the contracts say; run `make generate` and commit it.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
