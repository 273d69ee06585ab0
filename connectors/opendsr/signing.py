"""Sign what is sent over OpenDSR: by the key of our own domain's certificate, over the bytes as they go out."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from connectors.opendsr.signatures import CONTROLLER, PROCESSOR, SHORTEST_KEY, SIGNATURE
from rightsflow.domain.errors import Misconfigured

_RENEWED_BEFORE: Final = timedelta(days=14)
"""The time before its end at which a certificate is to be renewed."""
_SENTENCE: Final = "{what} cannot be used: it has to be an RSA key of 2,048 bits or more that fits its certificate."


class Signer:
    """Our own side of OpenDSR: a domain, its certificate and its key.

    Args:
        domain: The domain that the certificate is for.
        certificate: The file with the certificate, and those between it and the authority behind it, PEM.
        key: Gives the private key, PEM.
        what: What the key is, for errors.

    Raises:
        Misconfigured: Certificate or key cannot be read, or do not fit each other.
    """

    def __init__(self, domain: str, certificate: str, key: Callable[[], str], *, what: str) -> None:
        self.domain = domain.lower()
        try:
            self.pem = Path(certificate).read_bytes()
            self._leaf = x509.load_pem_x509_certificate(self.pem)
        except (OSError, ValueError):
            raise Misconfigured(f"The certificate of {what} cannot be read; put the file there, PEM.") from None
        self._key = _loaded(key(), what)
        if self._key.public_key() != self._leaf.public_key():
            raise Misconfigured(_SENTENCE.format(what=what))

    def doubt(self, now: datetime) -> str:
        """Return why others refuse the certificate or soon will, in a sentence; empty if there is no such reason.

        Whether they know the authority that signed it is seen only there.

        Args:
            now: The present instant (aware).
        """
        leaf = self._leaf
        if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
            return "The certificate is not in its time; put one there that is, or others refuse what we sign."
        if leaf.issuer == leaf.subject:
            return "The certificate is signed by itself, which others refuse; have an authority sign it."
        if not _names(leaf, self.domain):
            return f"The certificate does not name {self.domain}; others refuse what we sign."
        if leaf.not_valid_after_utc - now < _RENEWED_BEFORE:
            return f"The certificate ends on {leaf.not_valid_after_utc:%d %b %Y}; renew it."
        return ""

    def as_processor(self, body: bytes) -> Mapping[str, str]:
        """The headers of an answer or a callback."""
        return {PROCESSOR: self.domain, SIGNATURE: self._sign(body)}

    def as_controller(self, body: bytes) -> Mapping[str, str]:
        """The headers of a request, which the specification does not ask for and another Rightsflow does."""
        return {CONTROLLER: self.domain, SIGNATURE: self._sign(body)}

    def open(self, secret: bytes) -> bytes:
        """Decrypt a secret that was encrypted for our certificate (RSA-OAEP with SHA-256).

        Args:
            secret: The secret, encrypted.

        Raises:
            ValueError: It is for another key.
        """
        return self._key.decrypt(secret, OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=None))

    def _sign(self, body: bytes) -> str:
        return base64.b64encode(self._key.sign(body, PKCS1v15(), SHA256())).decode()


def _names(leaf: x509.Certificate, domain: str) -> bool:
    """Return whether a certificate is for a domain, itself or by a wildcard for one label."""
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    wanted = {domain, f"*.{domain.partition('.')[2]}"}
    return any(item.lower() in wanted for item in names.get_values_for_type(x509.DNSName))


def _loaded(pem: str, what: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey) or key.key_size < SHORTEST_KEY:
        raise Misconfigured(_SENTENCE.format(what=what))
    return key
