"""Keys: a master key that wraps one data key per case, and keyed hashes to look things up by.

AES-256-GCM of ``cryptography`` throughout, with a random 96-bit nonce per message; a case's key encrypts some
thousands of messages, far below the 2**32 for which random nonces are safe (NIST SP 800-38D, 8.3).
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rightsflow.errors import Misconfigured
from rightsflow.secrets import SecretRef

KEY_BYTES = 32
_NONCE_BYTES = 12
_LOST_KEY = "The vault cannot be opened with this master key; restore the key that the case store was made with."


def create_key_file(path: Path) -> None:
    """Write a new random master key, readable by its owner only.

    Raises:
        FileExistsError: There is one already; overwriting it would make every case unreadable.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")


def load_master_key(reference: str) -> MasterKey:
    """Read the master key.

    Args:
        reference: ``env:NAME`` or ``file:PATH``; the value is 32 bytes in base64.

    Raises:
        Misconfigured: It is missing, malformed, or a file that others can read.
    """
    scheme, _, place = reference.partition(":")
    if scheme == "file":
        _refuse_readable_by_others(Path(place))
    try:
        ref = SecretRef(reference)
    except ValueError:
        # The text may be the key itself, put where its reference belongs: it is not quoted.
        raise Misconfigured("RIGHTSFLOW_MASTER_KEY is not a reference; give env:NAME or file:PATH.") from None
    try:
        secret = base64.b64decode(ref.reveal(), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != KEY_BYTES:
        raise Misconfigured(f"The master key at {reference} is not 32 bytes in base64; restore the right key.")
    return MasterKey(secret)


def _refuse_readable_by_others(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except OSError:
        raise Misconfigured(f"There is no master key at {path}; run `rightsflow init`, or restore the key.") from None
    if stat.S_IMODE(mode) & 0o077:
        raise Misconfigured(f"Others can read the master key {path}; run `chmod 600 {path}`.")


class MasterKey:
    """Wraps the cases' keys and computes the keyed hashes.

    Args:
        secret: 32 random bytes.
    """

    def __init__(self, secret: bytes) -> None:
        self.fingerprint = _derive(secret, b"rightsflow/fingerprint").hex()[:16]
        self._wrapping = AESGCM(_derive(secret, b"rightsflow/wrap"))
        self._index_key = _derive(secret, b"rightsflow/index")
        self._intake = AESGCM(_derive(secret, b"rightsflow/intake"))

    def new_case_key(self, case_id: str) -> tuple[CaseKey, bytes]:
        """A fresh data key for a case, and the same wrapped, for the store."""
        secret = os.urandom(KEY_BYTES)
        return CaseKey(case_id, secret), _seal(self._wrapping, secret, case_id.encode())

    def unwrap(self, case_id: str, wrapped: bytes) -> CaseKey:
        """The data key of a case.

        Raises:
            Misconfigured: It was wrapped by another master key, or for another case.
        """
        return CaseKey(case_id, _open(self._wrapping, wrapped, case_id.encode()))

    def wrap(self, name: str, secret: bytes) -> bytes:
        """Encrypt a key of the whole store, bound to its name."""
        return _seal(self._wrapping, secret, f"vault-key/{name}".encode())

    def unwrap_named(self, name: str, wrapped: bytes) -> bytes:
        """A key of the whole store.

        Raises:
            Misconfigured: It was wrapped by another master key, or under another name.
        """
        return _open(self._wrapping, wrapped, f"vault-key/{name}".encode())

    def blind_index(self, kind: str, value: str) -> str:
        """A keyed hash (HMAC-SHA-256, hex) by which equal values are found without decrypting.

        Args:
            kind: What the value is, so that equal texts of two kinds do not match.
            value: The normalised value.
        """
        mac = hmac.HMAC(self._index_key, hashes.SHA256())
        mac.update(kind.encode() + b"\x00" + value.encode())
        return mac.finalize().hex()

    def seal_intake(self, intake_id: str, plaintext: bytes) -> bytes:
        """Encrypt a form that has no case yet."""
        return _seal(self._intake, plaintext, intake_id.encode())

    def open_intake(self, intake_id: str, sealed: bytes) -> bytes:
        """Decrypt a sealed form.

        Raises:
            Misconfigured: It was sealed by another master key.
        """
        return _open(self._intake, sealed, intake_id.encode())


@dataclass(frozen=True, slots=True, repr=False)
class CaseKey:
    """The data key of one case; everything sealed with it is bound to the case and to a field's name."""

    case_id: str
    secret: bytes

    def seal(self, field: str, text: str) -> bytes:
        """Encrypt a text for one field of this case."""
        return _seal(AESGCM(self.secret), text.encode(), self._bound_to(field))

    def open(self, field: str, sealed: bytes) -> str:
        """Decrypt what was sealed for this field of this case.

        Raises:
            Misconfigured: It belongs to another case or field, was altered, or the key is another.
        """
        return _open(AESGCM(self.secret), sealed, self._bound_to(field)).decode()

    def _bound_to(self, field: str) -> bytes:
        return f"{self.case_id}/{field}".encode()


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(secret)


def _seal(cipher: AESGCM, plaintext: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plaintext, bound_to)


def _open(cipher: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        raise Misconfigured(_LOST_KEY) from None
