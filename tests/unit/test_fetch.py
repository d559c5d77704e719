"""Fetching ends with a whole file or with a sentence, and in the second case nothing has changed."""

from __future__ import annotations

import gzip
import io
import logging
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import making
import pytest
import yaml
from test_contract import refusal
from tls_server import Answer, Authority, Server, answer, dripped, serving, stalled
from typer.testing import CliRunner

from orchestration import cli, refresh
from orchestration.archive import Archive
from orchestration.contract import Contract
from orchestration.fetch import MOST_REDIRECTS, TRIES, Fetched, fetch
from orchestration.intake import Intake, take_in
from orchestration.settings import Settings

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
FILE = making.HEADER.encode() + b"a,2024-01-02,1\n"
LATER = FILE + b"b,2024-01-03,2\n"
PAGE = b"<!DOCTYPE html><html><body>Session expired</body></html>"
BOMB = gzip.compress(bytes(3_000_000))
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(autouse=True)
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def server(authority: Authority) -> Iterator[Server]:
    with serving(authority.certificate()) as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(making.home(tmp_path), online=True)


def feed(url: str, **keys: Any) -> Contract:
    return making.feed(fetch={"url": url, **keys})


def fetched(contract: Contract, settings: Settings) -> Fetched:
    """One attempt that waits for nothing between its tries."""

    async def at_once(_: float) -> None:
        pass

    return fetch(contract, settings, at_once)


def lying(settings: Settings) -> dict[str, bytes]:
    """Every file in the folder of what was fetched, by name."""
    return {p.name: p.read_bytes() for p in settings.fetched_of("feed").iterdir()}


def kept(settings: Settings) -> list[str]:
    archive = Archive(settings.archive)
    return [archive.path(d.sha256).read_bytes().decode() for d in archive.deliveries()]


WHOLE: dict[str, Answer] = {
    "with its length": answer(FILE),
    "in chunks": CHUNKED + b"%x\r\n%b\r\n0\r\n\r\n" % (len(FILE), FILE),
    "in gzip": answer(gzip.compress(FILE), content_encoding="gzip"),
    "in drops, but in time": dripped(answer(FILE), 0.0001),
    "after an early hint": b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" + answer(FILE),
    "under a wrong content type": answer(FILE, content_type="text/html"),
}


@pytest.mark.parametrize("way", WHOLE)
def test_a_whole_file_arrives_byte_for_byte(server: Server, settings: Settings, way: str) -> None:
    server.answers.append(WHOLE[way])
    assert fetched(feed(server.url()), settings) == Fetched(True)
    assert lying(settings).pop("feed.csv") == FILE
    assert "user-agent: beslag/" in server.asked[0].lower() and len(server.asked) == 1


REFUSED: dict[str, tuple[Answer, str]] = {
    "a page instead of the file": (answer(PAGE, content_type="text/csv"), "it is a web page saved as .csv"),
    "a zip archive instead of the file": (answer(b"PK\x03\x04" + FILE), "zip"),
    "nothing": (answer(b""), "empty"),
    "not found": (answer(PAGE, "404 Not Found"), "answered 404 Not Found; correct 'fetch.url' in feed.yml"),
    "gone, and not that it is as before": (answer(b"", "304 Not Modified"), "answered 304 Not Modified"),
    "a part": (answer(FILE, "206 Partial Content"), "answered 206"),
    "more than announced": (answer(LATER, length=len(FILE)), f"more than the {len(FILE)} bytes it announced"),
    "no length": (b"HTTP/1.1 200 OK\r\n\r\n" + FILE, "does not say how long"),
    "too much, announced": (answer(FILE, length=2_000_001), "announces 2000001 bytes; 'fetch.max_bytes' in feed.yml"),
    "too much, in chunks": (CHUNKED + (b"100000\r\n" + bytes(1 << 20) + b"\r\n") * 3, "goes on behind 2000000 bytes"),
    "a gzip bomb": (answer(BOMB, content_encoding="gzip"), "goes on behind 2000000 bytes"),
    "a bomb in a bomb": (answer(gzip.compress(BOMB), content_encoding="gzip, gzip"), "sent as 'gzip, gzip'"),
    "a coding nobody asked for": (answer(zlib.compress(FILE), content_encoding="br"), "sent as 'br'"),
    "half of its gzip": (answer(gzip.compress(FILE)[:-9], content_encoding="gzip"), "gzip packing ends before"),
    "no gzip at all": (answer(FILE, content_encoding="gzip"), "gzip packing is damaged"),
    "the way to http": (answer(b"", "302 Found", location="http://127.0.0.1/feed.csv?key=1"), "redirects to http://127.0.0.1/feed.csv, which is not https"),
    "the way to another scheme": (answer(b"", "302 Found", location="file:///etc/passwd"), "which is not https"),
    "the way to itself": (answer(b"", "302 Found", location="/feed.csv"), f"redirects more than {MOST_REDIRECTS} times"),
}  # fmt: skip

PASSING: dict[str, tuple[Answer, str]] = {
    "less than announced": (answer(FILE, length=1000), "broke off"),
    "half of its chunks": (CHUNKED + b"100\r\n" + FILE, "broke off"),
    "no word": (b"", "broke off"),
    "no HTTP": (b"220 ready\r\n\r\n", "broke off"),
    "an error of its own": (answer(PAGE, "503 Service Unavailable"), "answered 503 Service Unavailable"),
}
SLOW: dict[str, Answer] = {
    "stalls before its header": stalled(b""),
    "stalls within the file": stalled(answer(FILE, length=1000)),
    "drips its header": dripped(b"HTTP/1.1 200 OK\r\nx: " + bytes(b"y" * 10_000)),
    "drips the file": dripped(answer(FILE * 100)),
}


def assert_nothing_changed(
    settings: Settings, attempt: Callable[[], Fetched], server: Server, url: str
) -> Fetched:
    """What lay there before an attempt lies there after it, and the next good answer is taken."""
    before = lying(settings)
    outcome = attempt()
    assert not outcome.arrived and lying(settings) == before
    assert outcome.failure and outcome.failure.startswith(f"feed: {url} ") and outcome.failure.endswith(".")
    server.answers[:] = [answer(LATER)]
    assert fetched(feed(url), settings).arrived and lying(settings)["feed.csv"] == LATER
    return outcome


@pytest.mark.parametrize("what", REFUSED)
def test_an_answer_that_is_not_the_file_is_refused_at_once(
    server: Server, settings: Settings, what: str
) -> None:
    said, says = REFUSED[what]
    server.answers += [answer(FILE), said]
    assert fetched(feed(server.url()), settings).arrived
    contract = feed(server.url(), max_bytes=2_000_000)
    outcome = assert_nothing_changed(settings, lambda: fetched(contract, settings), server, server.url())
    assert says in str(outcome.failure) and not outcome.passing
    assert "?key" not in str(outcome.failure)
    asked = len(server.asked) - 2
    assert asked == (MOST_REDIRECTS + 1 if what == "the way to itself" else 1)


@pytest.mark.parametrize("what", PASSING)
def test_what_may_pass_is_tried_again_and_then_said(server: Server, settings: Settings, what: str) -> None:
    said, says = PASSING[what]
    server.answers += [answer(FILE), said]
    contract = feed(server.url())
    assert fetched(contract, settings).arrived
    outcome = assert_nothing_changed(settings, lambda: fetched(contract, settings), server, server.url())
    assert says in str(outcome.failure) and outcome.passing
    assert len(server.asked) == 1 + TRIES + 1


@pytest.mark.parametrize("what", SLOW)
def test_a_server_that_takes_too_long_is_left(server: Server, settings: Settings, what: str) -> None:
    server.answers += [answer(FILE), SLOW[what]]
    assert fetched(feed(server.url()), settings).arrived
    contract = feed(server.url(), timeout_seconds=0.3)
    outcome = assert_nothing_changed(settings, lambda: fetched(contract, settings), server, server.url())
    assert outcome.passing
    assert "within 0.3 seconds" in str(outcome.failure) or "silent" in str(outcome.failure)


def test_the_waits_between_tries_grow_and_end_with_the_time_allowed(
    server: Server, settings: Settings
) -> None:
    server.answers.append(answer(b"", "500 Internal Server Error"))
    waits: list[float] = []

    async def note(seconds: float) -> None:
        waits.append(seconds)

    assert fetch(feed(server.url()), settings, note).passing
    assert len(waits) == TRIES - 1 and waits == sorted(waits) and waits[0] >= 1
    outcome = fetch(feed(server.url(), timeout_seconds=0.3), settings)
    assert outcome.passing and "within 0.3 seconds" in str(outcome.failure)


def test_a_server_that_recovers_is_forgiven(server: Server, settings: Settings) -> None:
    server.answers += [answer(PAGE, "500 Internal Server Error"), b"", answer(FILE)]
    assert fetched(feed(server.url()), settings) == Fetched(True)
    assert len(server.asked) == 3


def test_nobody_at_the_address_may_pass(authority: Authority, settings: Settings) -> None:
    with serving(authority.certificate()) as gone:
        url = gone.url()
    outcome = fetched(feed(url), settings)
    assert outcome.passing and "connection failed" in str(outcome.failure) and lying(settings) == {}


@pytest.mark.parametrize(
    ("certificate", "says"),
    [
        (lambda a, _: a.certificate(days=-1), "certificate has expired"),
        (lambda a, _: a.certificate(host="statistics.example"), "certificate is not valid for '127.0.0.1'"),
        (
            lambda _, folder: Authority(folder).certificate(),
            "certificate does not hold (unable to get local issuer",
        ),
    ],
)
def test_a_certificate_that_does_not_hold_is_refused_and_nothing_asked(
    authority: Authority, settings: Settings, tmp_path: Path, certificate: Callable[..., Path], says: str
) -> None:
    with serving(certificate(authority, tmp_path), answer(FILE)) as server:
        outcome = fetched(feed(server.url()), settings)
        assert says in str(outcome.failure) and not outcome.passing
        assert server.asked == [] and lying(settings) == {}


def test_a_redirect_is_followed_to_another_server_whose_certificate_holds(
    authority: Authority, server: Server, settings: Settings
) -> None:
    with serving(authority.certificate(), answer(FILE)) as other:
        server.answers.append(answer(b"", "301 Moved Permanently", location=other.url("/new/place.csv?v=2")))
        assert fetched(feed(server.url()), settings).arrived
        assert lying(settings)["feed.csv"] == FILE and other.asked[0].startswith("GET /new/place.csv?v=2 ")
    with serving(authority.certificate(days=-1), answer(LATER)) as expired:
        server.answers[:] = [answer(b"", "302 Found", location=expired.url())]
        assert "certificate has expired" in str(fetched(feed(server.url()), settings).failure)
        assert expired.asked == [] and lying(settings)["feed.csv"] == FILE


def test_what_the_server_says_is_unchanged_is_not_sent_again(server: Server, settings: Settings) -> None:
    marks = {"etag": '"v1"', "last_modified": "Mon, 01 Jan 2024 00:00:00 GMT"}
    server.answers += [answer(FILE, **marks), answer(b"", "304 Not Modified"), answer(LATER)]
    contract = feed(server.url())
    assert [fetched(contract, settings).arrived for _ in range(3)] == [True, False, True]
    asked = [text.lower() for text in server.asked]
    assert "if-none-match" not in asked[0]
    assert all(
        m in asked[1] for m in ('if-none-match: "v1"', "if-modified-since: mon, 01 jan 2024 00:00:00 gmt")
    )
    assert lying(settings)["feed.csv"] == LATER


@pytest.mark.parametrize("change", ["address", "file", "hints"])
def test_hints_hold_only_for_the_file_and_address_they_came_with(
    server: Server, settings: Settings, change: str
) -> None:
    server.answers.append(answer(FILE, etag='"v1"'))
    assert fetched(feed(server.url()), settings).arrived
    folder, url = settings.fetched_of("feed"), server.url()
    if change == "address":
        url = server.url("/other/feed.csv")
    elif change == "file":
        (folder / "feed.csv").unlink()
    else:
        (folder / ".hints.json").write_text("{")
    assert fetched(feed(url), settings).arrived
    assert "if-none-match" not in server.asked[1].lower()


def test_a_download_that_a_crash_left_half_done_is_removed(server: Server, settings: Settings) -> None:
    making.written(settings.fetched_of("feed") / ".part-abc.csv", FILE[:9])
    server.answers.append(answer(FILE))
    assert fetched(feed(server.url()), settings).arrived
    assert set(lying(settings)) == {"feed.csv", ".hints.json"}


def test_a_full_or_forbidden_disk_is_a_sentence(server: Server, settings: Settings) -> None:
    making.written(settings.var / "fetched", "in the way")
    outcome = fetched(feed(server.url()), settings)
    assert "could not be saved" in str(outcome.failure) and not outcome.passing and server.asked == []


def test_a_file_that_lies_in_a_zip_file_is_taken_out_of_it(server: Server, settings: Settings) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("feed.csv", FILE)
        archive.writestr("readme.txt", "read me")
    server.answers.append(answer(memory.getvalue()))
    keys = {"file_name": "feed.csv", "member": "feed.*"}
    assert fetched(feed(server.url("/feed.zip"), **keys), settings).arrived
    assert lying(settings)["feed.csv"] == FILE
    for member, content in (("other.csv", memory.getvalue()), ("feed.csv", LATER)):
        server.answers[:] = [answer(content)]
        outcome = fetched(feed(server.url("/feed.zip"), **keys | {"member": member}), settings)
        assert not outcome.passing and "zip" in str(outcome.failure) and lying(settings)["feed.csv"] == FILE


def test_an_online_run_takes_in_what_it_fetched_and_an_offline_run_asks_nobody(
    server: Server, settings: Settings
) -> None:
    server.answers += [answer(FILE), answer(LATER)]
    contract = feed(server.url("/download?table=1"), file_name="table.csv")
    offline = replace(settings, online=False)
    assert take_in(contract, offline) == Intake() and server.asked == []
    assert [d.file_name for d in take_in(contract, settings).new] == ["fetched/table.csv"]
    assert take_in(contract, offline).new == [] and len(server.asked) == 1
    assert len(take_in(contract, settings).new) == 1
    assert kept(settings) == [FILE.decode(), LATER.decode()]


def test_an_older_namesake_in_the_inbox_does_not_come_back_after_what_was_fetched(
    server: Server, settings: Settings
) -> None:
    making.written(settings.inbox / "feed" / "feed.csv", FILE)
    server.answers.append(answer(LATER))
    assert len(take_in(feed(server.url()), settings).new) == 2
    assert kept(settings) == [FILE.decode(), LATER.decode()]
    assert take_in(feed(server.url()), settings).new == []


def test_one_source_that_cannot_be_fetched_stops_no_other(
    server: Server, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers += [answer(PAGE), stalled(b""), answer(FILE)]
    keys = {"first": {}, "second": {"timeout_seconds": 0.2}, "third": {}}
    contracts = {
        name: feed(server.url(), **more).model_copy(update={"name": name}) for name, more in keys.items()
    }
    caplog.set_level(logging.INFO, "beslag")
    logging.getLogger("beslag").propagate = True
    inbox = refresh.look(contracts, settings)
    assert inbox.new == 1 and kept(settings) == [FILE.decode()]
    assert (
        len(inbox.refused) == 1 and "first:" in inbox.refused[0]
    )  # exit code 4; a network that is down is none
    assert f"offline    second: {server.url()} could not be fetched" in caplog.text


def test_online_is_said_on_the_command_line_or_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(refresh, "refresh", lambda settings: asked.append(settings.online) or 0)
    monkeypatch.setenv("BESLAG_ONLINE", "0")
    for arguments in (["refresh"], ["refresh", "--online"]):
        assert CliRunner().invoke(cli.app, arguments).exit_code == 0
    assert asked == [False, True]


def test_no_http_client_is_imported_offline(settings: Settings, tmp_path: Path) -> None:
    contract = making.changed(fetch={"url": "https://statistics.example/feed.csv"})
    making.written(tmp_path / "sources" / "feed.yml", yaml.safe_dump(contract))
    script = (
        "import sys; from orchestration import cli, refresh; from orchestration.settings import Settings; "
        "from orchestration.contract import load_contracts; from pathlib import Path; home = Path(sys.argv[1]); "
        "s = Settings(home=home, inbox=home / 'inbox', contracts_dir=home / 'sources'); "
        "refresh.look(load_contracts(s.contracts_dir), s); "
        "sys.exit(str(sorted({'httpx', 'tenacity', 'dagster'} & set(sys.modules)) or ''))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert run.stderr.strip() == ""


SENSELESS = {
    "must begin with https://": {"url": "http://statistics.example/feed.csv"},
    "must begin with https:// and name": {"url": "https:///feed.csv"},
    "carries a user name or password": {"url": "https://me:secret@statistics.example/feed.csv"},
    "'' cannot name the fetched file": {"url": "https://statistics.example/"},
    "'../feed.csv' cannot name": {"url": "https://statistics.example/feed.csv", "file_name": "../feed.csv"},
    "fetch saves 'feed.xlsx', which 'path: *.csv'": {"url": "https://statistics.example/feed.xlsx"},
    "greater than or equal to 1": {"url": "https://statistics.example/feed.csv", "max_bytes": 0},
    "greater than 0": {"url": "https://statistics.example/feed.csv", "timeout_seconds": 0.0},
    "the key 'fetch.verify' is unknown": {"url": "https://statistics.example/feed.csv", "verify": False},
}


@pytest.mark.parametrize("says", SENSELESS)
def test_a_contract_that_could_not_be_fetched_is_refused(tmp_path: Path, says: str) -> None:
    assert says in refusal(tmp_path, making.changed(fetch=SENSELESS[says]))


@pytest.mark.parametrize(
    "dated", [{"from": "sidecar"}, {"from": "file_name", "pattern": r"_(\d{4}-\d\d-\d\d)"}]
)
def test_a_fetched_file_can_be_dated(tmp_path: Path, dated: dict[str, str]) -> None:
    spec = {"url": "https://statistics.example/feed.csv"}
    assert "cannot date the fetched file 'feed.csv'" in refusal(
        tmp_path, making.changed(fetch=spec, known_at=dated)
    )
