"""A processor that speaks OpenDSR 2.0 over TLS, as its specification says, and a certificate authority for it.

It can be told to do single things wrongly. It keeps what it was sent.
"""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.support.listening import listening

DOMAIN = "localhost"
CONTROLLER = "example-devices"
DAY = timedelta(days=1)
PEM = serialization.Encoding.PEM
BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
"""At the latest then, so that certificates count at the instants of virtual clocks too."""


@cache
def _rsa_key(_of: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def _authority_key(_name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def authority(name: str = "Test authority") -> x509.Certificate:
    """A certificate authority."""
    key, now = _authority_key(name), datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(now - 400 * DAY, BEGINS))
        .not_valid_after(now + 400 * DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def certificate(
    domain: str = DOMAIN,
    *,
    days: int = 30,
    by: str = "Test authority",
    itself: bool = False,
    of: str = "",
    lists: Sequence[str] = (),
) -> x509.Certificate:
    """A certificate for a domain.

    Args:
        domain: The domain.
        days: How long it lasts from now; it began a year ago.
        by: The authority that issues it.
        itself: Whether it is signed by itself instead.
        of: Whose key it is for; by default the one of the processor here.
        lists: Where it says that the list of revoked ones lies; nowhere by default.
    """
    now, key = datetime.now(UTC), _rsa_key(of)
    authority_key = key if itself else _authority_key(by)
    made = (
        x509.CertificateBuilder()
        .subject_name(_named("Signing"))
        .issuer_name(_named("Signing" if itself else by))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(now - 365 * DAY, BEGINS))
        .not_valid_after(now + days * DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(domain)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
    )
    if lists:
        points = [x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None) for url in lists]
        made = made.add_extension(x509.CRLDistributionPoints(points), critical=False)
    return made.sign(authority_key, hashes.SHA256())


def revocation_list(
    *revoked: x509.Certificate,
    at: datetime,
    by: str = "Test authority",
    named: str = "",
    lasts: timedelta = 7 * DAY,
    scope: x509.IssuingDistributionPoint | None = None,
) -> bytes:
    """The list of an authority, DER.

    Args:
        *revoked: What it revoked.
        at: From when it counts (aware).
        by: Whose key signs it.
        named: Whose it says that it is; the same by default.
        lasts: For how long it counts.
        scope: What it says that it speaks of; of everything by default.
    """
    made = x509.CertificateRevocationListBuilder().issuer_name(_named(named or by)).last_update(at)
    made = made.next_update(at + lasts)
    for one in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(one.serial_number).revocation_date(at).build()
        made = made.add_revoked_certificate(entry)
    if scope:
        made = made.add_extension(scope, critical=True)
    return made.sign(_authority_key(by), hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def key_pem(of: str = "") -> bytes:
    """The private key of a company here, PEM."""
    return _rsa_key(of).private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


@dataclass
class Processor:
    """The processor.

    Args:
        url: Where its interface lies.
        ca_file: The certificate authority that is to be trusted.
        signing: Its signing certificate.
        requests: What it was asked for, by request id.
        status: What it says of each request.
        results_count: How many records it says that it erased.
        domain: What it calls itself in the header.
        controller: For whom it says that its answers are.
        token: The bearer token that it asks for.
        altered: Whether it changes each answer after it was signed.
        without: A header that it leaves out.
        prefix: What its headers begin with.
        kinds: The kinds of identity that it takes.
        calls: Methods and paths, in order.
    """

    url: str = ""
    ca_file: str = ""
    signing: x509.Certificate = field(default_factory=certificate)
    requests: dict[str, dict] = field(default_factory=dict)
    status: str = "pending"
    results_count: int | None = None
    domain: str = DOMAIN
    controller: str = CONTROLLER
    token: str = "known"
    altered: bool = False
    without: str = ""
    prefix: str = "X-OpenDSR-"
    kinds: tuple[str, ...] = ("email", "controller_customer_id")
    calls: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, method: str, path: str, body: bytes, token: str) -> tuple[int, bytes, bool]:
        """Status, body, and whether it is signed."""
        self.calls.append((method, path))
        if path == "/v2/certificate.pem":
            return 200, self.signing.public_bytes(PEM), False
        if path == "/v2/discovery":
            offered = [{"identity_type": one, "identity_format": "raw"} for one in self.kinds]
            found = {
                "api_version": "2.0",
                "supported_identities": offered,
                "processor_certificate": f"{self.url}/certificate.pem",
            }
            return 200, json.dumps(found | {"supported_subject_request_types": ["erasure"]}).encode(), False
        if token != f"Bearer {self.token}":
            return 401, b"{}", False
        if method == "POST":
            return self._take(body)
        request_id = path.rpartition("/")[2]
        if request_id not in self.requests:
            return 404, b"{}", False
        said = self._common(request_id) | {"request_status": self.status, "api_version": "2.0"}
        if self.results_count is not None:
            said["results_count"] = self.results_count
        return 200, json.dumps(said).encode(), True

    def _take(self, body: bytes) -> tuple[int, bytes, bool]:
        asked = json.loads(body)
        request_id = asked["subject_request_id"]
        if request_id in self.requests:
            return 400, json.dumps({"error": {"code": 400, "message": "duplicate"}}).encode(), False
        self.requests[request_id] = asked
        said = self._common(request_id) | {
            "received_time": "2026-03-05T09:00:00Z",
            "encoded_request": base64.b64encode(body).decode(),
        }
        return 201, json.dumps(said).encode(), True

    def _common(self, request_id: str) -> dict[str, str]:
        return {
            "controller_id": self.controller,
            "expected_completion_time": "2026-03-12T09:00:00Z",
            "subject_request_id": request_id,
        }

    def headers(self, body: bytes) -> dict[str, str]:
        """What a signed answer has."""
        signature = base64.b64encode(_rsa_key("").sign(body, PKCS1v15(), hashes.SHA256())).decode()
        found = {f"{self.prefix}Processor-Domain": self.domain, f"{self.prefix}Signature": signature}
        return {name: value for name, value in found.items() if name != self.without}


def _handler(processor: Processor) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body, is_signed = processor.answer(
                self.command, self.path, sent, self.headers.get("Authorization", "")
            )
            headers = processor.headers(body) if is_signed else {}
            if is_signed and processor.altered:
                body += b" "
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _serve  # noqa: N815 - the base class looks for these names

        def log_message(self, *_: object) -> None:
            """Nothing."""

    return Handler


@contextmanager
def running_processor(folder: Path, made: Processor | None = None) -> Iterator[Processor]:
    """A processor on this machine, with TLS by a certificate of the test's authority.

    Args:
        folder: Where certificate and key lie.
        made: Another one than that of the specification.
    """
    processor, keyfile, ca_file = made or Processor(), folder / "server.pem", folder / "authority.pem"
    keyfile.write_bytes(key_pem() + certificate().public_bytes(PEM))
    ca_file.write_bytes(authority().public_bytes(PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(keyfile)
    with listening(_handler(processor), tls=context) as port:
        processor.url, processor.ca_file = f"https://localhost:{port}/v2", str(ca_file)
        yield processor
