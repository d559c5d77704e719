"""The `beslag` command: arguments in, one room called, sentences and exit codes out."""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from orchestration import builds, process
from orchestration import refresh as job
from orchestration.errors import FAILED, BeslagError
from orchestration.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Drug-seizure and indicator warehouse: raw feeds in, one gated, published DuckDB file out.",
)
PIPE_WIDTH = None if sys.stdout.isatty() else 240  # a table in a pipe is for grep, not for a window
out = Console(soft_wrap=True, highlight=False, width=PIPE_WIDTH)
err = Console(stderr=True, soft_wrap=True, highlight=False)
SourceOption = Annotated[str | None, typer.Option("--source", help="Only this source.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


@app.command("refresh")
def refresh_command(
    inbox: Annotated[Path | None, typer.Option(help="Folder with one folder per source.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Only what was known by the end of this day, YYYY-MM-DD.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Rebuild everything from the archive.")] = False,
    online: Annotated[
        bool, typer.Option("--online", help="Fetch what has an address in its contract first.")
    ] = False,
    source: Annotated[list[str] | None, typer.Option(help="Take in only these sources.")] = None,
) -> None:
    """Run the main job: take in, load, judge, transform, judge, publish."""
    for name, value in {
        "BESLAG_INBOX": str(inbox.expanduser().resolve()) if inbox else None,
        "BESLAG_AS_OF": as_of,
        "BESLAG_FULL": "1" if full else None,
        "BESLAG_ONLINE": "1" if online else None,
        "BESLAG_SOURCES": ",".join(source) if source else None,
    }.items():
        if value is not None:
            os.environ[name] = value  # Dagster's steps read the same settings
    _log_to_terminal()
    process.give_way()
    process.collect_seldom()
    with err.status("Refreshing"):
        code = job.refresh(Settings.from_env())
    raise typer.Exit(code)


@app.command()
def status(
    as_json: JsonOption = False,
    tell: Annotated[
        bool, typer.Option("--tell", help="Send an alert, once, when a night was missed; for a timer.")
    ] = False,
) -> None:
    """What is published, and how fresh each source is. Exit 1 when something is stale or nothing is published."""
    from orchestration.reporting import watch
    from orchestration.status import read_status

    settings = Settings.from_env()
    if tell:
        watch(settings)
    state = read_status(settings)
    if as_json:
        out.print_json(json.dumps(state.as_dict(), default=str))
    else:
        for line in state.lines():
            out.print(line)
    raise typer.Exit(0 if state.is_good else 1)


@app.command()
def check(file: Path, source: SourceOption = None) -> None:
    """Say what a delivery would do, without doing it. Exit 1 when it would be refused."""
    from orchestration.inspection import check_file

    verdict = check_file(Settings.from_env(), file, source)
    for line in verdict.lines:
        out.print(line)
    raise typer.Exit(0 if verdict.acceptable else 1)


@app.command()
def rejects(source: SourceOption = None, as_json: JsonOption = False) -> None:
    """Quarantined rows: file, line, column, value and reason. Values of personal fields are not kept."""
    from orchestration.inspection import quarantined

    rows = quarantined(Settings.from_env(), source)
    if as_json:
        out.print_json(json.dumps(rows))
        return
    _table(["source", "file", "line", "field", "value", "reason"], rows)
    out.print(f"{len(rows)} cells in quarantine.")


@app.command()
def trace(mart: str, keys: Annotated[list[str], typer.Argument(metavar="KEY=VALUE …")]) -> None:
    """The file hashes and lines behind a published row."""
    from orchestration.trace import trace_row

    rows = trace_row(Settings.from_env(), mart, keys)
    _table(["source", "file", "sha256", "known_at", "lines"], rows)


@app.command()
def sources() -> None:
    """Each source: producer, licence, cadence, last arrival, rows."""
    from orchestration.inspection import list_sources

    _table(
        ["source", "producer", "licence", "cadence", "last_arrival", "rows", "disclosure"],
        list_sources(Settings.from_env()),
    )


@app.command()
def history() -> None:
    """Kept builds, oldest first, then those of each as-of day; the published ones are marked."""
    from orchestration.forgetting import vintages

    rows: list[dict[str, object]] = [
        {
            "build": b.build_id,
            "built_at": b.built_at,
            "as_of": b.as_of or "latest",
            "deliveries": len(b.inputs),
            "published": "yes" if b.build_id == builds.published_id(room) else "",
            "not reproducible": f"forgotten: {', '.join(sha[:12] for sha in b.forgotten)}"
            if b.forgotten
            else "",
        }
        for room, b in vintages(Settings.from_env())
    ]
    _table(["build", "built_at", "as_of", "deliveries", "published", "not reproducible"], rows)


@app.command()
def forget(
    sha: Annotated[str, typer.Argument(help="SHA-256 of the delivery, or its first 12 digits or more.")],
    reason: Annotated[str, typer.Option(help="Why; it stays in the manifest.")],
) -> None:
    """Delete a delivery's bytes and rows; the manifest line stays, builds that used it are marked."""
    from orchestration.forgetting import forget as forget_delivery
    from orchestration.lock import run_lock

    settings = Settings.from_env()
    with run_lock(settings.var):
        for sentence in forget_delivery(settings, sha, reason):
            out.print(sentence)


@app.command()
def accept(
    reason: Annotated[str, typer.Argument(help="Why the difference is right; readers can look it up.")],
) -> None:
    """Let what the baseline suite refused last through, once."""
    from orchestration.baseline import accept as accept_differences
    from orchestration.lock import run_lock

    settings = Settings.from_env()
    with run_lock(settings.var):
        for sentence in accept_differences(settings, reason):
            out.print(sentence)
        out.print("The next refresh that shows exactly these figures is let through.")


@app.command()
def rollback(
    build: Annotated[str | None, typer.Argument(help="A build of `beslag history`.")] = None,
) -> None:
    """Put a kept build back, atomically; it holds until `beslag release`."""
    from orchestration.lock import run_lock

    settings = Settings.from_env()
    with run_lock(settings.var):
        out.print(f"Readers now see build {builds.rollback(settings, build)}, until `beslag release`.")


@app.command()
def release() -> None:
    """End a rollback and publish the newest build."""
    from orchestration.lock import run_lock

    settings = Settings.from_env()
    with run_lock(settings.var):
        out.print(f"Readers now see build {builds.release(settings)}.")


@app.command("sql")
def sql_command() -> None:
    """Open the published file, read-only, in Harlequin where that is installed; otherwise say how to open it."""
    from orchestration.terminal import open_published

    outcome = open_published(Settings.from_env())
    if isinstance(outcome, int):
        raise typer.Exit(outcome)
    for line in outcome:
        out.print(line, markup=False)


@app.command()
def export(
    to: Annotated[
        str,
        typer.Option(
            envvar="BESLAG_EXPORT_TO",
            show_envvar=True,
            help="postgresql://user@host:5432/database; the password better in PGPASSWORD or ~/.pgpass.",
        ),
    ],
    reader: Annotated[str, typer.Option(help="Role that may read; made without login.")] = "beslag_reader",
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for readers to let go.")] = 60.0,
) -> None:
    """Publish the marts, the reference tables and meta to PostgreSQL, whole or not at all."""
    from orchestration.postgres import export as export_to

    done = export_to(Settings.from_env(), to, reader, wait)
    out.print(f"{done.where} holds build {done.build_id}: {done.tables} tables, {done.rows} rows.")


@app.command()
def sample(
    rows: Annotated[
        int | None, typer.Option(min=1, help="Seizure lines; the calibrated size when left out.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="The same seed gives the same bytes; that of the shipped files when left out."),
    ] = None,
    out_dir: Annotated[Path, typer.Option("--out", help="Folder to write one folder per feed into.")] = Path(
        "sample"
    ),
) -> None:
    """Write synthetic agency feeds of any size, deterministic and marked synthetic in every row."""
    from orchestration.sample import write_sample

    for feed, count in write_sample(out_dir, rows, seed).items():
        out.print(f"{feed}: {count} rows")


def main() -> None:
    """Entry point: every error a user can cause ends as a sentence and an exit code."""
    logging.raiseExceptions = False  # a log that meets a full disk must not bury what is said of it
    try:
        app(standalone_mode=True)
    except SystemExit as ended:
        if "dagster" in sys.modules and isinstance(ended.code, int):
            process.leave(ended.code)
        raise
    except BeslagError as error:
        _end(str(error), error.code)
    except Exception:  # noqa: BLE001 - Python's own exit code for a crash is that of a refused gate
        traceback.print_exc()
        sys.exit(FAILED)


def _end(sentence: str, code: int) -> None:
    err.print(sentence, markup=False)
    sys.exit(code)


class _Lines(logging.Handler):
    """Log records as plain lines on the terminal's error stream; a spinner may turn below them."""

    def emit(self, record: logging.LogRecord) -> None:
        err.print(f"{datetime.now():%H:%M:%S} {record.getMessage()}", markup=False)


def _log_to_terminal() -> None:
    logger = logging.getLogger("beslag")
    logger.handlers = [_Lines()]
    logger.setLevel(logging.INFO)
    logger.propagate = False


def _table(columns: list[str], rows: list[dict[str, object]]) -> None:
    table = Table(*(Column(name, overflow="fold") for name in columns))
    for row in rows:
        table.add_row(*("" if row[c] is None else str(row[c]) for c in columns))
    out.print(table)


if __name__ == "__main__":
    main()
