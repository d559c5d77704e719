"""Raw brought up to date in a process of its own, while this one imports Dagster, dbt and Great Expectations.

Importing them takes 4 s, longer than folding a small delivery. What the process beside did not come to, the raw assets do
as they do in a run of the daemon; it may fail or be killed at any moment, since a transaction is whole or not at all.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from orchestration import blank, process
from orchestration.contract import load_contracts
from orchestration.corrections import load_corrections
from orchestration.database import HeldOpen, connect
from orchestration.load import load_source
from orchestration.load_report import LoadReport
from orchestration.lock import held
from orchestration.settings import PROJECT, Settings

log = logging.getLogger("beslag")
_done: dict[str, LoadReport] = {}


@contextmanager
def raw_beside(settings: Settings) -> Iterator[None]:
    """Bring every source up to date in another process while the block runs, and wait for it at its end.

    It reads the same environment, works under the lock that this process holds, and ends when this one does.
    """
    _done.clear()
    path = os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH")]))
    with subprocess.Popen(
        [sys.executable, "-m", "orchestration.beside"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # where it fails, a raw asset fails likewise and says why
        env=os.environ | {"PYTHONPATH": path},
        pass_fds=held(settings.var),
    ) as beside:
        try:
            yield
            for line in beside.stdout or ():
                if not line.endswith(b"\n"):  # it was killed while it said so
                    break
                report = LoadReport(**json.loads(line))
                report.tell()
                _done[report.source] = report
            if beside.wait():
                log.warning("  raw        the process beside ended early; what it left is folded here")
        except BaseException:  # an interrupt as well; it is raised on
            beside.kill()
            raise


def report_of(source: str) -> LoadReport | None:
    """What the process beside did for a source; None where it did not come to it, or there was none."""
    return _done.pop(source, None)


def main() -> None:
    """Bring every source up to date, and write a report of each as a line of JSON."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    process.collect_seldom()
    settings, build = Settings.from_env(), HeldOpen()
    contracts = load_contracts(settings.contracts_dir)
    corrections = load_corrections(settings.contracts_dir, contracts)
    blank.lay_out(settings)
    build.hold(settings.build)
    for contract in contracts.values():
        with connect(settings.build) as con:
            report = load_source(con, contract, settings, corrections)
        print(json.dumps(asdict(report)), flush=True)
    build.let_go()
    process.leave(0)


def _end_with_parent() -> None:
    """The pipe from it closes when it ends, however it does. Read past Python's own buffer, whose lock would bar an end."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


if __name__ == "__main__":
    main()
