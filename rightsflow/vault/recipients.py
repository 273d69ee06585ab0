"""Encrypt a short secret for another installation, by its certificate: RSA-OAEP with SHA-256 (RFC 8017)."""

from __future__ import annotations

from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from rightsflow.domain.errors import Misconfigured

_SHORTEST_KEY: Final = 2048


def encrypt_for(certificate: bytes, secret: bytes) -> bytes:
    """Encrypt a secret so that only the holder of a certificate's key can read it.

    Args:
        certificate: The certificate, PEM.
        secret: The secret; at most 190 bytes.

    Raises:
        Misconfigured: It is no certificate with an RSA key of 2,048 bits or more.
    """
    try:
        key = x509.load_pem_x509_certificate(certificate).public_key()
    except ValueError:
        key = None
    if not isinstance(key, RSAPublicKey) or key.key_size < _SHORTEST_KEY:
        raise Misconfigured("A controller's certificate has no RSA key of 2,048 bits or more; register another one.")
    return key.encrypt(secret, OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=None))
