"""Looking without touching: what a file would do, what is in quarantine, what each source delivered."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestration.archive import Archive, Delivery, file_sha256
from orchestration.contract import Contract, load_contracts
from orchestration.database import connect
from orchestration.errors import DeliveryRefused, UsageError
from orchestration.intake import known_at_of
from orchestration.load import bring_up_to_date
from orchestration.settings import Settings


@dataclass
class Verdict:
    """What a delivery would do."""

    acceptable: bool
    lines: list[str] = field(default_factory=list)


def check_file(settings: Settings, file: Path, source: str | None) -> Verdict:
    """Try a delivery on a copy of nothing: the source's history is folded afresh, with the file as the last delivery.

    Raises:
        UsageError: when the file does not exist or the source cannot be told.
    """
    if not file.is_file():
        raise UsageError(f"There is no file {file}.")
    contract = _contract_for(settings, file, source)
    try:
        if not file.match(contract.path):
            raise DeliveryRefused(
                f"its name does not match '{contract.path}', the files this source delivers."
            )
        known_at = settings.now if contract.known_at.from_ == "arrival" else known_at_of(file, contract)
    except DeliveryRefused as error:
        return Verdict(False, [f"{file.name} would be refused as {contract.name}: {error}"])
    delivery = Delivery(
        known_at, file_sha256(file), contract.name, file.name, file.stat().st_size, settings.now
    )
    archive = Archive(settings.archive)
    came_before = delivery.key in {d.key for d in archive.deliveries(contract.name)}
    if not came_before:
        archive = _WithOneMore(settings.archive, delivery, file)
    with tempfile.TemporaryDirectory() as folder, connect(Path(folder) / "trial.duckdb") as con:
        report = bring_up_to_date(con, contract, archive, None, settings.now)
        row = con.execute(
            "select rows_in_file, rows_loaded, rows_quarantined, rows_dropped, delivery_id from ops.deliveries "
            "where source = ? and sha256 = ? and known_at = ?", [contract.name, delivery.sha256, delivery.known_at]
        ).fetchone()  # fmt: skip
        if row is None:
            refused = next(
                s for s in reversed(report.refused) if s.startswith(f"{contract.name}/{file.name}")
            )
            return Verdict(False, [f"{file.name} would be refused: {refused.split(': ', 1)[1]}"])
        if came_before:
            return Verdict(True, [f"{file.name} was delivered before; it would add nothing."])
        begun, ended = con.execute(
            f"select count(*) filter (_delivery_id = $1), count(*) filter (_ended_by = $1) from raw.{contract.name}",
            [row[4]],
        ).fetchone() or (0, 0)
        lines = [
            f"{file.name} would be accepted as {contract.name}, known at {known_at:%Y-%m-%d}.",
            f"Of {row[0]} rows, {row[1]} would be loaded, {row[2]} quarantined and {row[3]} dropped by a rule.",
            f"It would begin {begun} row versions and end {ended}.",
        ]
        stood, changed = con.execute(
            "select rows_closed, rows_revised from ops.revised where delivery_id = ?", [row[4]]
        ).fetchone() or (0, 0)
        if contract.tolerance.periods:
            lines.append(f"It would change {changed} of {stood} rows of closed periods.")
        reasons = con.execute(
            "select c.field, c.reason, any_value(c.rows), min(r.line) from ops.reject_counts as c left join ops.rejects as r "
            "using (delivery_id, field, reason) where delivery_id = ? and c.field is not null group by all order by 3 desc",
            [row[4]],
        ).fetchall()
        lines += [
            f"  {count} cells of {name or 'the row'}: {reason}" + (f", first on line {line}" if line else "")
            for name, reason, count, line in reasons
        ]
    return Verdict(True, lines)


class _WithOneMore(Archive):
    """The archive as it would be with one more delivery, whose bytes still lie where they are."""

    def __init__(self, folder: Path, delivery: Delivery, file: Path) -> None:
        super().__init__(folder)
        self._delivery, self._file = delivery, file

    def path(self, sha256: str) -> Path:
        return self._file if sha256 == self._delivery.sha256 else super().path(sha256)

    def deliveries(self, source: str | None = None, before: Any = None) -> list[Delivery]:
        return sorted([*super().deliveries(source, before), self._delivery])


def _contract_for(settings: Settings, file: Path, source: str | None) -> Contract:
    contracts = load_contracts(settings.contracts_dir)
    name = source or file.resolve().parent.name
    if name not in contracts:
        raise UsageError(
            f"Which source is {file.name} of? Its folder is not named as one; say --source with one of {', '.join(contracts)}."
        )
    return contracts[name]


def quarantined(settings: Settings, source: str | None) -> list[dict[str, Any]]:
    """Every quarantined cell of the build database.

    Raises:
        UsageError: when there is no build yet.
    """
    return _rows(
        settings,
        "select r.source, d.file_name as file, r.line, r.field, r.value, r.reason from ops.rejects as r "
        "inner join ops.deliveries as d using (delivery_id) where $1 is null or r.source = $1 order by all",
        [source],
    )


def list_sources(settings: Settings) -> list[dict[str, Any]]:
    """Each source: producer, licence, cadence, last arrival, current rows."""
    rows = []
    for name, c in load_contracts(settings.contracts_dir).items():
        arrivals = [d.arrived_at for d in Archive(settings.archive).deliveries(name)]
        counted = None
        if settings.build.exists():
            counted = _rows(settings, f"select count(*) as rows from raw.{name} where _valid_to is null", [])[
                0
            ]["rows"]
        rows.append(
            {
                "source": name,
                "producer": "; ".join(p.title for p in c.sources),
                "licence": c.licence,
                "cadence": c.cadence,
                "last_arrival": f"{max(arrivals):%Y-%m-%d %H:%M}" if arrivals else "never",
                "rows": counted,
                "disclosure": c.disclosure,
            }
        )
    return rows


def _rows(settings: Settings, sql: str, parameters: list[Any]) -> list[dict[str, Any]]:
    if not settings.build.exists():
        raise UsageError("There is no build yet; run `beslag refresh`.")
    with connect(settings.build, read_only=True) as con:
        cursor = con.execute(sql, parameters)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
