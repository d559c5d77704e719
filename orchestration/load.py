"""raw.<source>: the history of a source, folded from its deliveries.

History is a pure function of the deliveries in the order (known_at, sha256). A delivery that sorts after all
folded ones is added to what stands; one that sorts before, or a changed contract, folds the source anew.
Not here: the bytes (archive.py), their meaning (parse.py), merging one delivery (fold.py), Dagster (definitions.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from orchestration import (
    arrival,
    cells,
    contract_parts,
    corrections,
    fold,
    judged,
    layouts,
    parse,
    parts,
    personal,
    quarantine,
    tables,
)
from orchestration.ahead import ahead
from orchestration.archive import Archive, Delivery, file_sha256
from orchestration.contract import Contract
from orchestration.corrections import Correction
from orchestration.database import connect, one_row, transaction
from orchestration.errors import DeliveryRefused
from orchestration.load_report import LoadReport
from orchestration.settings import Settings
from orchestration.stages import seal

READ_AHEAD = 512 << 20  # bytes of a file up to which it may wait in memory until the one before is folded


def bring_up_to_date(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    archive: Archive,
    before: datetime | None,
    now: datetime,
    corrected: Sequence[Correction] = (),
) -> LoadReport:
    """Fold every delivery not folded yet into `raw.<source>`.

    Each delivery is a transaction, so that a run that dies has kept those before; what is folded anew over rows that
    stand is one, so that these stand until all of it is there.

    Args:
        before: deliveries known at or after this moment are left out (an as-of build).
        now: written as `loaded_at`.
        corrected: today's corrections, of this and other sources.
    """
    report = LoadReport(contract.name)
    with transaction(con):
        con.execute(tables.OPS_DDL)
        wanted = archive.deliveries(contract.name, before)
        done, stored = _folded(con, contract.name), _stored_version(con, contract.name)
        anew = _parse_version(contract) != stored or not _is_prefix(done, wanted)
        in_one = anew and stored is not None
        if anew:
            _clear(con, contract)
            done = set()
        new = [d for d in wanted if d.key not in done]
        outcomes = _outcomes(contract, archive, new)
        if all(delivery.size_bytes <= READ_AHEAD for delivery in new):
            outcomes = ahead(outcomes)
        for number, (delivery, outcome) in enumerate(outcomes, start=1):
            _judge_and_fold(con, contract, delivery, outcome, now, report)
            if number < len(new) and not in_one:
                # Besides, DuckDB writes all lines to its log where one transaction both begins and ends some.
                con.commit()
                con.begin()
        strict = before is None
        report.uncorrected = corrections.stand(con, contract, corrected, now.date(), strict=strict)
        report.current_rows = _one(con, f"select count(*) from raw.{contract.name} where _valid_to is null")
        seal(con, "load")
    return report


def load_source(
    con: duckdb.DuckDBPyConnection, contract: Contract, settings: Settings, corrected: Sequence[Correction]
) -> LoadReport:
    """Bring a source up to date with its archive, as of the day that the settings name."""
    before = None if contract.curated else settings.known_before
    return bring_up_to_date(con, contract, Archive(settings.archive), before, settings.now, corrected)


def is_latest(build: Path, source: str, sha256: str) -> bool:
    """Whether these bytes already stand as the latest statement for every scope they cover."""
    if not build.exists():
        return False
    with connect(build) as con:
        if not _has_table(con, "ops", "deliveries"):
            return False
        rows = con.execute(
            "select sha256, scopes from ops.deliveries where source = ? order by known_at, sha256", [source]
        ).fetchall()
    latest: dict[str, str] = {}
    for sha, scopes in rows:
        latest.update(dict.fromkeys(json.loads(scopes), sha))
    mine = {scope for sha, scopes in rows if sha == sha256 for scope in json.loads(scopes)}
    return bool(mine) and all(latest[scope] == sha256 for scope in mine)


def refused_among(con: duckdb.DuckDBPyConnection, source: str, hashes: set[str]) -> list[str]:
    """Sentences about refused deliveries of a source among those that still lie in the inbox."""
    rows = con.execute(
        "select file_name, sentence, sha256 from ops.refusals where source = ? order by all", [source]
    ).fetchall()
    return [f"{source}/{file}: {sentence}" for file, sentence, sha in rows if sha in hashes]


def _folded(con: duckdb.DuckDBPyConnection, source: str) -> set[tuple[str, str, str]]:
    rows = con.execute(
        "select sha256, known_at from ops.deliveries where source = $s "
        "union all select sha256, known_at from ops.refusals where source = $s",
        {"s": source},
    ).fetchall()
    return {(source, sha, known_at.isoformat()) for sha, known_at in rows}


def _is_prefix(done: set[tuple[str, str, str]], wanted: list[Delivery]) -> bool:
    """True when what is folded is exactly the beginning of what is wanted, so that folding can go on."""
    return done == {d.key for d in wanted[: len(done)]}


def _parse_version(contract: Contract) -> str:
    """Changes whenever reading the same bytes could give other rows: contract, code, polars' hashes or the key of ours."""
    rooms = (arrival, cells, contract_parts, fold, judged, parse, parts, personal, quarantine, tables)
    layouts_and_reader = [
        *sorted(Path(layouts.__file__).parent.glob("*.py")),
        *filter(None, [contract.reader]),
    ]
    files = (*(Path(room.__file__ or "") for room in rooms), *layouts_and_reader, Path(__file__))
    code = "".join(map(file_sha256, files))
    return hashlib.sha256(
        f"{contract.model_dump_json()}{code}{pl.__version__}{personal.key_fingerprint()}".encode()
    ).hexdigest()


def _stored_version(con: duckdb.DuckDBPyConnection, source: str) -> str | None:
    rows = con.execute("select parse_version from ops.sources where source = ?", [source]).fetchall()
    return rows[0][0] if rows else None


def _clear(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    tables.make_table(con, contract)
    for table in (
        "deliveries",
        "refusals",
        "rejects",
        "reject_counts",
        "drops",
        "control_totals",
        "revised",
        "sources",
    ):
        con.execute(f"delete from ops.{table} where source = ?", [contract.name])
    con.execute("insert into ops.sources values (?, ?)", [contract.name, _parse_version(contract)])


def _outcomes(
    contract: Contract, archive: Archive, deliveries: Sequence[Delivery]
) -> Iterator[tuple[Delivery, parse.Parsed | DeliveryRefused]]:
    """Each delivery with its records, or with why it has none."""
    for delivery in deliveries:
        try:
            yield delivery, _read(contract, archive, delivery)
        except DeliveryRefused as error:
            yield delivery, error


def _read(contract: Contract, archive: Archive, delivery: Delivery) -> parse.Parsed:
    path = archive.path(delivery.sha256)
    if not path.exists() or file_sha256(path) != delivery.sha256:
        raise DeliveryRefused(
            f"its archived bytes are missing or damaged; restore {path} from a backup, "
            "then refresh with --full."
        )
    return parse.parse(path, contract, delivery.file_name)


def _judge_and_fold(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    delivery: Delivery,
    outcome: parse.Parsed | DeliveryRefused,
    now: datetime,
    report: LoadReport,
) -> None:
    try:
        if isinstance(outcome, DeliveryRefused):
            raise outcome
        parsed = outcome
        fold.stage(con, contract, parsed)
        revised = arrival.judge(con, contract, delivery, parsed)
    except DeliveryRefused as error:
        con.execute(
            "insert into ops.refusals values (?, ?, ?, ?, ?)",
            [contract.name, delivery.sha256, delivery.file_name, delivery.known_at, str(error)],
        )
        report.refused.append(f"{contract.name}/{delivery.file_name}: {error}")
        return
    number = _one(con, "select nextval('ops.delivery_ids')")
    ended, started = fold.fold(con, contract, delivery, number, parsed)
    _account(con, contract, delivery, number, parsed, now)
    con.execute(
        "insert into ops.revised values (?, ?, ?, ?)", [contract.name, number, revised.stood, revised.changed]
    )
    report.folded += 1
    report.ended += ended
    report.started += started
    report.rows_quarantined += parsed.rows_quarantined
    report.rows_dropped += parsed.rows_dropped
    report.rows_revised += revised.changed


def _account(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    delivery: Delivery,
    number: int,
    parsed: parse.Parsed,
    now: datetime,
) -> None:
    scopes = [row[0] for row in con.execute("select _scope from scopes order by 1").fetchall()]
    con.execute(
        "insert into ops.deliveries values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            number, contract.name, delivery.sha256, delivery.file_name, delivery.size_bytes, delivery.known_at, now,
            parsed.rows_in_file, parsed.rows_loaded, parsed.rows_quarantined, parsed.rows_dropped, contract.licence,
            json.dumps(scopes),
        ],
    )  # fmt: skip
    con.register("rejected", parsed.rejects.to_arrow())
    con.execute(
        "insert into ops.rejects select ?, ?, line, field, value, reason from rejected",
        [contract.name, number],
    )
    con.register("counted", parsed.reject_counts.to_arrow())
    con.execute(
        "insert into ops.reject_counts select ?, ?, field, reason, rows from counted", [contract.name, number]
    )
    con.unregister("rejected")
    con.unregister("counted")
    for rule, rows in parsed.drops.items():
        con.execute("insert into ops.drops values (?, ?, ?, ?)", [contract.name, number, rule, rows])
    for name, totals in parsed.totals.items():
        con.execute(
            "insert into ops.control_totals values (?, ?, ?, ?, ?, ?, ?)",
            [contract.name, number, name, *totals],
        )


def _has_table(con: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    found = f"select count(*) from duckdb_tables() where schema_name = '{schema}' and table_name = '{table}'"
    return bool(_one(con, found))


def _one(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(one_row(con, sql)[0])
