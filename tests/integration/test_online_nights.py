"""The nightly job fetches, and says what it could not fetch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import dagster as dg
import making
import pytest
from tls_server import Authority, answer, serving

from orchestration import assets, schedules

FILE = making.HEADER.encode() + b"a,2024-01-02,1\n"
PAGE = b"<!DOCTYPE html><html><body>Session expired</body></html>"


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_the_night_fetches_unless_told_not_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    settings = replace(making.home(tmp_path / "home"), online=True)
    monkeypatch.setenv("BESLAG_INBOX", str(settings.inbox))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    tick = schedules.nightly(dg.define_asset_job("refresh", selection=[assets.raw_key("feed")]))
    with serving(authority.certificate(), answer(PAGE), answer(FILE)) as server:
        raw = assets.raw_asset(making.feed(fetch={"url": server.url()}), [])
        for online, asked in (("0", 0), ("", 1), ("", 2)):
            monkeypatch.setenv("BESLAG_ONLINE", online)
            (request,) = tick.evaluate_tick(dg.build_schedule_context()).run_requests or []
            run = dg.materialize([raw], resources={assets.LOCK: assets.build_lock}, tags=dict(request.tags))
            assert len(server.asked) == asked
            (told,) = run.asset_materializations_for_node("raw__feed")
            assert ("not fetched" in told.metadata) == (asked == 1)
    assert told.metadata["dagster/row_count"].value == 1
