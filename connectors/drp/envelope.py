"""The protocol's envelope: ``base64(Ed25519 signature || message)``, libsodium's combined mode (section 3.07.1)."""

from __future__ import annotations

import base64
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from rightsflow.domain.agents.messages import DrpCode, DrpFault

_SIGNATURE_BYTES: Final = 64


def open_envelope(body: bytes, verify_key: str) -> bytes:
    """Return the signed message of an envelope.

    Args:
        body: The envelope, as it came.
        verify_key: The agent's public key in base64, of 32 bytes.

    Raises:
        DrpFault: It is no base64, or not signed by that key.
    """
    try:
        signed = base64.b64decode(body, validate=True)
    except ValueError:
        raise DrpFault(
            DrpCode.NOT_BASE64, "The body is not base64 of a signature and its message; send it so.", is_fatal=True
        ) from None
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(verify_key, validate=True))
        key.verify(signed[:_SIGNATURE_BYTES], signed[_SIGNATURE_BYTES:])
    except (InvalidSignature, ValueError):
        raise DrpFault(
            DrpCode.NOT_SIGNED, "The message is not signed by the key that is registered for you.", is_fatal=True
        ) from None
    return signed[_SIGNATURE_BYTES:]
