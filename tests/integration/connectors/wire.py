"""A real HTTP server whose answers a test writes down beforehand."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.listening import listening


@dataclass(kw_only=True)
class Answer:
    """One answer; without a status the connection is closed instead.

    Args:
        status: The HTTP status.
        body: The bytes.
        headers: More headers; a ``Content-Length`` here is sent as it is.
        hold: Waited for before the answer, so that a time limit is reached.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None


@dataclass(kw_only=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Wire:
    """A running server.

    Args:
        url: Where it is.
        answers: Its answers in turn; the last one is given again and again.
        asked: The requests so far.
    """

    url: str
    answers: list[Answer]
    asked: list[Asked] = field(default_factory=list)

    def next(self) -> Answer:
        """The answer to the present request."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def _handler(wire: Wire) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            wire.asked.append(Asked(method=self.command, path=self.path, headers=headers))
            answer = wire.next()
            if answer.hold is not None:
                answer.hold.wait(20)
            self.close_connection = True
            if not answer.status:
                return
            self.send_response(answer.status)
            for name, value in ({"Content-Length": str(len(answer.body))} | answer.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815 - the base class looks for these names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def self_signed(folder: Path) -> ssl.SSLContext:
    """A server's side of TLS with a certificate that no one vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    clear = serialization.NoEncryption()
    pem = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, clear) + certificate.public_bytes(encoding)
    file = folder / "self-signed.pem"
    file.write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@contextmanager
def wire(*answers: Answer, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Iterator[Wire]:
    """Serve these answers in turn for as long as the block lasts."""
    served = Wire(url="", answers=list(answers))
    # A client that hangs up is wanted here.
    with listening(_handler(served), tls=tls, is_quiet=True) as port:
        served.url = f"https://localhost:{port}" if tls else f"http://{host}:{port}"
        yield served
