"""Verification of answers: the certificate of the processor's domain, from a certificate authority, and the signature.

Everything fails closed.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from connectors.opendsr.proofs import NotProved
from connectors.opendsr.revocation import RevocationLists

_PREFIXES: Final = ("X-OpenDSR-", "X-OpenGDPR-")
"""The second one is the name before version 2, which has to be honoured (section 10.1)."""
PROCESSOR: Final = "X-OpenDSR-Processor-Domain"
SIGNATURE: Final = "X-OpenDSR-Signature"
CONTROLLER: Final = "X-OpenDSR-Controller-Domain"
"""The header of a request between two Rightsflow; by the specification, controllers sign nothing."""
SHORTEST_KEY: Final = 2048


def load_roots(ca_file: str) -> list[x509.Certificate]:
    """The certificate authorities that are trusted.

    Args:
        ca_file: A file of them, PEM.

    Raises:
        NotProved: It cannot be read, or holds none.
    """
    try:
        return x509.load_pem_x509_certificates(Path(ca_file).read_bytes())
    except (OSError, ValueError):
        raise NotProved("The file of certificate authorities cannot be read.") from None


def check_domain(headers: Mapping[str, str], domain: str, role: str = PROCESSOR) -> None:
    """Check that a message names a domain as its origin; the first of the checks.

    Args:
        headers: The message's.
        domain: The domain that the configuration names.
        role: The header that says so.

    Raises:
        NotProved: It names none, or another.
    """
    if _header(headers, role.removeprefix(_PREFIXES[0])).strip().lower() != domain:
        raise NotProved("The answer does not name the processor's domain." if role == PROCESSOR else _NO_DOMAIN)


_NO_DOMAIN: Final = "The request does not name the controller's domain."


def check_certificate(
    pem: bytes,
    domain: str,
    roots: list[x509.Certificate],
    now: datetime,
    revocation: RevocationLists | None = None,
) -> x509.Certificate:
    """The certificate that signs for a domain: in its time, by an authority that is trusted, for it, and not revoked.

    Whether it was revoked is asked last: only what an authority has signed says where its lists lie.

    Args:
        pem: The certificate, with those between it and the authority behind it, PEM.
        domain: The processor's domain.
        roots: The authorities that are trusted.
        now: The present instant (aware).
        revocation: The revocation lists; ``None`` where they are not looked at.

    Raises:
        NotProved: It is not.
        RevocationUnknown: Whether it was revoked cannot be found out.
    """
    try:
        leaf, *between = x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise NotProved("The processor's certificate cannot be read.") from None
    if leaf.issuer == leaf.subject:
        raise NotProved("The processor's certificate is signed by itself.")
    verifier = PolicyBuilder().store(Store(roots)).time(now.astimezone(UTC).replace(tzinfo=None))
    try:
        chain = verifier.build_server_verifier(x509.DNSName(domain)).verify(leaf, between)
    except (VerificationError, ValueError):
        raise NotProved("The processor's certificate has expired, or is not for its domain by an authority.") from None
    if revocation:
        revocation.check(chain, now)
    return leaf


def check_signature(body: bytes, headers: Mapping[str, str], certificate: x509.Certificate) -> str:
    """Check that an answer is signed by a certificate's key, as received and before it is parsed.

    The specification names no padding; RSASSA-PKCS1-v1_5 with SHA-256 is what is used.

    Args:
        body: The answer's bytes.
        headers: Its headers.
        certificate: Whose key has to have signed it.

    Returns:
        The signature, base64.

    Raises:
        NotProved: It is not.
    """
    given, key = _header(headers, "Signature").strip(), certificate.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < SHORTEST_KEY:
        raise NotProved("The key of the processor's certificate is no RSA key of 2,048 bits or more.")
    try:
        key.verify(base64.b64decode(given, validate=True), body, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        raise NotProved("The answer is not signed by the processor's certificate.") from None
    return given


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((headers[prefix + name] for prefix in _PREFIXES if prefix + name in headers), "")
