"""A TLS server on 127.0.0.1 that answers by a script, true or false, and the certificates for it."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Answer = bytes | Callable[["Server", ssl.SSLSocket], None]


def answer(body: bytes = b"", status: str = "200 OK", length: int | None = None, **headers: str) -> bytes:
    """A whole HTTP answer; `length` replaces the true one, underscores in header names stand for hyphens."""
    fields = {"content-length": str(len(body) if length is None else length)} | headers
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def dripped(data: bytes, pause: float = 0.02) -> Answer:
    """An answer that comes byte by byte."""

    def drip(server: Server, connection: ssl.SSLSocket) -> None:
        for byte in data:
            connection.sendall(bytes([byte]))
            if server.over.wait(pause):
                return

    return drip


def stalled(data: bytes) -> Answer:
    """An answer that stops without ending."""

    def stall(server: Server, connection: ssl.SSLSocket) -> None:
        connection.sendall(data)
        server.over.wait(5)

    return stall


class Server(socketserver.ThreadingTCPServer):
    """Gives its answers one after the other, the last one again and again; notes what it was asked."""

    daemon_threads = True

    def __init__(self, certificate: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.answers: list[Answer] = []
        self.asked: list[str] = []
        self.over = threading.Event()

    def url(self, path: str = "/feed.csv", host: str = "127.0.0.1") -> str:
        """An address of this server."""
        return f"https://{host}:{self.server_address[1]}{path}"


class _Handler(socketserver.BaseRequestHandler):
    server: Server

    def handle(self) -> None:
        try:
            with self.server.context.wrap_socket(self.request, server_side=True) as connection:
                request = b""
                while b"\r\n\r\n" not in request and (block := connection.recv(4096)):
                    request += block
                self.server.asked.append(request.decode())
                answers = self.server.answers
                chosen = answers.pop(0) if len(answers) > 1 else answers[0]
                if callable(chosen):
                    chosen(self.server, connection)
                else:
                    connection.sendall(chosen)
        except OSError:  # the client went away, as it should from most of these answers
            pass


@contextmanager
def serving(certificate: Path, *answers: Answer) -> Iterator[Server]:
    """A running server."""
    with Server(certificate) as server:
        server.answers += answers
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


class Authority:
    """A certificate authority of its own: `file` is what a client has to trust."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "authority.pem"
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"Authority of {folder.name}")])
        certificate = self._signed(
            self.name, self.key.public_key(), x509.BasicConstraints(ca=True, path_length=0)
        )
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def certificate(self, host: str = "127.0.0.1", days: int = 1) -> Path:
        """A key and certificate for a host, valid until so many days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
        names = [x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)]
        certificate = self._signed(subject, key.public_key(), x509.SubjectAlternativeName(names), days)
        path = self.folder / f"{host}_{days}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        return path

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, extension: x509.ExtensionType, days: int = 1
    ) -> x509.Certificate:
        end = datetime.now(UTC) + timedelta(days=days)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(end - timedelta(days=30))
            .not_valid_after(end)
            .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
            .sign(self.key, hashes.SHA256())
        )
