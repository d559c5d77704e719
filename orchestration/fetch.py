"""Fetching a source's file over HTTPS into `var/fetched/<source>/`, where take_in finds it as in an inbox.

Here: the download, its limits, and what is wrong with an answer, in a sentence. Not here: what the file means, and
whether it is new (intake.py: ETag and Last-Modified only spare a download). Certificates are always checked; a
house with a certificate authority of its own names it in SSL_CERT_FILE.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import ssl
import tempfile
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import tenacity

from orchestration.contract import Contract
from orchestration.contract_parts import Fetch
from orchestration.errors import DeliveryRefused
from orchestration.layouts import recognised
from orchestration.layouts.packed import unpacked
from orchestration.settings import Settings

HINTS = ".hints.json"
PART = ".part-"
TRIES = 4
MOST_REDIRECTS = 5
LONGEST_SILENCE = 30.0  # seconds without a byte
UNPACKED_AT_ONCE = 1 << 20  # bytes
REQUEST_HEADERS = {
    "user-agent": f"beslag/{version('beslag')}",
    "accept-encoding": "gzip",
    "connection": "close",  # one answer per connection, so that every byte behind its header is its own
}


class Unreachable(Exception):
    """No whole answer for a reason that may pass by itself; worth another try."""


@dataclass(frozen=True)
class Fetched:
    """What became of one attempt to fetch."""

    arrived: bool  # a file now lies in the folder that was not known to be there
    failure: str | None = None  # a sentence; the folder is then as it was
    passing: bool = False  # the failure may pass by itself; otherwise somebody has to look


def fetch(
    contract: Contract, settings: Settings, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> Fetched:
    """Fetch the file a contract gives an address for, unless the server says that it has not changed.

    Args:
        sleep: waits between tries; seconds.
    """
    spec = contract.fetch
    assert spec is not None, contract.name
    folder = settings.fetched_of(contract.name)
    where = f"{contract.name}: {_shown(spec.url)}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left_by_a_crash in folder.glob(f"{PART}*"):
            left_by_a_crash.unlink()
        return Fetched(asyncio.run(_in_time(contract, spec, folder, sleep)))
    except DeliveryRefused as error:
        return Fetched(False, f"{where} was refused: {error}")
    except Unreachable as error:
        return Fetched(False, f"{where} could not be fetched: {error}.", passing=True)
    except TimeoutError:
        return Fetched(
            False, f"{where} could not be fetched within {spec.timeout_seconds:g} seconds.", passing=True
        )
    except OSError as error:
        return Fetched(False, f"{where} could not be saved ({error}); free or repair {folder}.")


async def _in_time(contract: Contract, spec: Fetch, folder: Path, sleep: Callable[..., Any]) -> bool:
    retries = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception_type(Unreachable),
        stop=tenacity.stop_after_attempt(TRIES),
        wait=tenacity.wait_exponential_jitter(initial=1, max=20, jitter=1),
        sleep=sleep,
        reraise=True,
    )
    async with asyncio.timeout(spec.timeout_seconds):  # covers tries, waits, name look-up and dripped headers
        arrived: bool = await retries(_once, contract, spec, folder)
    return arrived


async def _once(contract: Contract, spec: Fetch, folder: Path) -> bool:
    context = httpx.create_ssl_context()
    context.sslobject_class = _Metered
    hints = _hints(folder, spec)
    try:
        async with (
            httpx.AsyncClient(
                verify=context,
                headers=REQUEST_HEADERS,
                timeout=min(LONGEST_SILENCE, spec.timeout_seconds),
                follow_redirects=True,
                max_redirects=MOST_REDIRECTS,
                event_hooks={"request": [_https_only]},
            ) as client,
            client.stream("GET", spec.url, headers=hints) as response,
        ):
            if hints and response.status_code == httpx.codes.NOT_MODIFIED:
                return False
            _check_head(response, contract, spec)
            await _save(response, contract, spec, folder)
            return True
    except httpx.TooManyRedirects as error:
        raise DeliveryRefused(
            f"it redirects more than {MOST_REDIRECTS} times; {_correct(contract)}"
        ) from error
    except httpx.InvalidURL as error:
        raise DeliveryRefused(f"the address does not hold ({error}); {_correct(contract)}") from error
    except httpx.TimeoutException as error:
        raise Unreachable("the server kept silent for too long") from error
    except httpx.HTTPError as error:
        for cause in _causes(error):
            if isinstance(cause, ssl.SSLCertVerificationError):
                raise DeliveryRefused(
                    f"the server's certificate does not hold ({cause.verify_message.rstrip('.')}); "
                    "ask the producer, or name your own certificate authority in SSL_CERT_FILE."
                ) from error
        raise Unreachable(f"the connection failed or broke off ({error or type(error).__name__})") from error


async def _https_only(request: httpx.Request) -> None:
    if request.url.scheme != "https":
        raise DeliveryRefused(
            f"it redirects to {_shown(request.url)}, which is not https; nothing was sent there."
        )


def _check_head(response: httpx.Response, contract: Contract, spec: Fetch) -> None:
    status = f"{response.status_code} {response.reason_phrase}".strip()
    if response.is_server_error:
        raise Unreachable(f"the server answered {status}")
    if response.status_code != httpx.codes.OK:
        raise DeliveryRefused(f"the server answered {status}; {_correct(contract)}")
    announced = _announced(response)
    if announced is None and "transfer-encoding" not in response.headers:
        raise DeliveryRefused(
            "the server does not say how long the file is, so a cut one could not be told from a whole one."
        )
    if announced is not None and announced > spec.max_bytes:
        raise DeliveryRefused(f"it announces {announced} bytes; {_limit(contract, spec)}")
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip"):  # two codings one upon the other make the worst bombs
        raise DeliveryRefused(f"it is sent as '{coding}', which was not asked for.")


def _announced(response: httpx.Response) -> int | None:
    """The length the server states for the bytes it sends; None when they come in chunks."""
    if "transfer-encoding" in response.headers or "content-length" not in response.headers:
        return None
    return int(response.headers["content-length"])


async def _save(response: httpx.Response, contract: Contract, spec: Fetch, folder: Path) -> None:
    with tempfile.NamedTemporaryFile(
        dir=folder, prefix=PART, suffix=Path(spec.name).suffix, delete=False
    ) as part:
        path = Path(part.name)
        try:
            packed = response.headers.get("content-encoding", "").strip().lower() == "gzip"
            size = 0
            async for block in _unpacked(response.aiter_raw()) if packed else response.aiter_raw():
                size += len(block)
                if size > spec.max_bytes:
                    raise DeliveryRefused(
                        f"it goes on behind {spec.max_bytes} bytes; {_limit(contract, spec)}"
                    )
                part.write(block)
            part.flush()
            _check_excess(response)
            if spec.member:
                path.write_bytes(unpacked(path.read_bytes(), "zip", spec.member))
            with recognised(path, contract):
                pass
            os.fsync(part.fileno())
            path.replace(folder / spec.name)
        finally:
            path.unlink(missing_ok=True)
    headers = {key: response.headers[key] for key in ("etag", "last-modified") if key in response.headers}
    (folder / HINTS).write_text(json.dumps({"of": _what(spec), **headers}), "utf-8")


async def _unpacked(blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Strictly: httpx's own decoder takes a cut gzip stream for a whole one, and unpacks a block in one go."""
    gzip = zlib.decompressobj(wbits=31)
    async for packed in blocks:
        try:
            yield gzip.decompress(packed, UNPACKED_AT_ONCE)
            while gzip.unconsumed_tail:
                yield gzip.decompress(gzip.unconsumed_tail, UNPACKED_AT_ONCE)
        except zlib.error as error:
            raise DeliveryRefused(f"its gzip packing is damaged ({error}).") from error
    if not gzip.eof or gzip.unused_data:
        raise DeliveryRefused("its gzip packing ends before or behind the file.")


class _Metered(ssl.SSLObject):
    """Counts the bytes behind the header of an answer: httpx reads no further than the length it was told."""

    _header: bytes | None = b""  # what of it has come; None when it is whole
    behind_header = 0

    def read(self, *args: Any) -> Any:
        data = super().read(*args)
        if self._header is None:
            self.behind_header += len(data)
            return data
        self._header += data
        while self._header is not None and b"\r\n\r\n" in self._header:
            header, _, rest = self._header.partition(b"\r\n\r\n")
            announces_another = re.match(rb"HTTP/1.\d 1\d\d", header)
            self.behind_header, self._header = len(rest), rest if announces_another else None
        return data


def _check_excess(response: httpx.Response) -> None:
    announced = _announced(response)
    wire = response.extensions["network_stream"].get_extra_info("ssl_object")
    if announced is not None and wire.behind_header > announced:
        raise DeliveryRefused(
            f"the server sent more than the {announced} bytes it announced, so the file would be cut."
        )


def _hints(folder: Path, spec: Fetch) -> dict[str, str]:
    """Request headers that spare a download when the file fetched last still lies there and still holds."""
    try:
        known = json.loads((folder / HINTS).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if known.get("of") != _what(spec) or not (folder / spec.name).exists():
        return {}
    asked = {"if-none-match": known.get("etag"), "if-modified-since": known.get("last-modified")}
    return {key: value for key, value in asked.items() if value}


def _what(spec: Fetch) -> list[str | None]:
    return [spec.url, spec.name, spec.member]


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _shown(url: httpx.URL | str) -> str:
    return str(url).split("?")[0]  # a query may carry a signature or a key


def _correct(contract: Contract) -> str:
    return f"correct 'fetch.url' in {contract.name}.yml."


def _limit(contract: Contract, spec: Fetch) -> str:
    return f"'fetch.max_bytes' in {contract.name}.yml allows {spec.max_bytes}; raise it if the file is right."
