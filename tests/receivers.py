"""Servers on loopback that take alerts, for tests. Nothing here asserts anything."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer


@dataclass
class Received:
    """What a server has taken, and where it listens."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    posts: list[dict[str, str]] = field(default_factory=list)

    def texts(self) -> list[str]:
        """Every message's body."""
        return [mail.get_content() for mail in self.mails] + [post["text"] for post in self.posts]


@contextmanager
def smtp(refuses: bool = False) -> Iterator[Received]:
    """A mail server that takes everything, or refuses every recipient."""
    received = Received()

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 ready\r\n")
            while line := self.rfile.readline():
                verb = line[:4].upper()
                if verb == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    body = b""
                    while (part := self.rfile.readline()) != b".\r\n":
                        body += part.removeprefix(b".") if part.startswith(b"..") else part
                    received.mails.append(message_from_bytes(body, policy=policy.default))  # type: ignore[arg-type]
                    self.wfile.write(b"250 taken\r\n")
                elif verb == b"RCPT" and refuses:
                    self.wfile.write(b"550 nobody by that name\r\n")
                elif verb == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                else:
                    self.wfile.write(b"250 well\r\n")

    with _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session), received):
        yield received


@contextmanager
def http(status: int = 200) -> Iterator[Received]:
    """A web server that answers every post with one status."""
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.posts.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with _serving(HTTPServer(("127.0.0.1", 0), Handler), received):
        yield received


@contextmanager
def _serving(server: socketserver.TCPServer, received: Received) -> Iterator[None]:
    received.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
