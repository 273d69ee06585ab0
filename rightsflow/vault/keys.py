"""The keys: the master key, which wraps every other, the data key of a case, and the keys of the whole store.

The store's keys do not change with the master key, so that what was hashed or sealed before a rotation is found and
read after it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from rightsflow.domain.errors import Misconfigured
from rightsflow.vault.sealing import KEY_BYTES, LOST_KEY, derive, keyed_hash, seal, unseal


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Keyring:
    """The keys by which a store computes keyed hashes and encrypts what belongs to no case.

    Args:
        index: The key of keyed hashes, 32 bytes.
        intake: The key of texts that belong to no case, such as the reason of a brake, 32 bytes.
    """

    index: bytes
    intake: bytes

    def blind_index(self, kind: str, value: str) -> str:
        """Return a keyed hash (HMAC-SHA-256, hex) by which equal values are found without decrypting.

        Args:
            kind: What the value is, so that equal texts of two kinds do not match.
            value: The normalised value.
        """
        return keyed_hash(self.index, kind.encode() + b"\x00" + value.encode())

    def seal_intake(self, intake_id: str, plaintext: bytes) -> bytes:
        """Encrypt a text that belongs to no case."""
        return seal(self.intake, plaintext, intake_id.encode())

    def open_intake(self, intake_id: str, sealed: bytes) -> bytes:
        """Decrypt such a text.

        Raises:
            Misconfigured: It was sealed by another key or for another intake.
        """
        return unseal(self.intake, sealed, intake_id.encode())


class MasterKey:
    """Wraps keys; while it is being rotated the one before still unwraps.

    Args:
        *secrets: 32 random bytes each: the present one, which wraps, then those that it replaces, which only unwrap.
    """

    def __init__(self, *secrets: bytes) -> None:
        self._secrets = secrets
        self._wrapping = [derive(secret, b"rightsflow/wrap") for secret in secrets]
        self.fingerprints = tuple(derive(secret, b"rightsflow/fingerprint").hex()[:16] for secret in secrets)

    @property
    def fingerprint(self) -> str:
        """The name of the wrapping key; it reveals nothing of the key."""
        return self.fingerprints[0]

    def preceded_by(self, before: MasterKey) -> MasterKey:
        """Return this key, with others that may still unwrap."""
        return MasterKey(*dict.fromkeys((*self._secrets, *before._secrets)))

    @property
    def oldest(self) -> MasterKey:
        """The first of all keys; it wraps everything that is not noted as wrapped by another."""
        return MasterKey(self._secrets[-1])

    def new_case_key(self, case_id: str) -> tuple[CaseKey, bytes]:
        """Create a data key for a case; returns it, and the same wrapped for the store."""
        key = CaseKey(case_id, os.urandom(KEY_BYTES))
        return key, self.wrap_case(key)

    def wrap_case(self, key: CaseKey) -> bytes:
        """Encrypt the data key of a case, bound to the case."""
        return seal(self._wrapping[0], key.secret, key.case_id.encode())

    def unwrap(self, case_id: str, wrapped: bytes) -> CaseKey:
        """Unwrap the data key of a case.

        Raises:
            Misconfigured: It was wrapped by another master key, or for another case.
        """
        return CaseKey(case_id, self._open(wrapped, case_id.encode()))

    def wrap(self, name: str, secret: bytes) -> bytes:
        """Encrypt a key of the whole store, bound to its name."""
        return seal(self._wrapping[0], secret, _bound_to(name))

    def unwrap_named(self, name: str, wrapped: bytes) -> bytes:
        """Unwrap a key of the whole store.

        Raises:
            Misconfigured: It was wrapped by another master key, or under another name.
        """
        return self._open(wrapped, _bound_to(name))

    def first_keyring(self) -> Keyring:
        """Return the keyring of a store that has none yet, from the oldest of the secrets, which made its data."""
        oldest = self._secrets[-1]
        return Keyring(index=derive(oldest, b"rightsflow/index"), intake=derive(oldest, b"rightsflow/intake"))

    def _open(self, wrapped: bytes, bound_to: bytes) -> bytes:
        for key in self._wrapping:
            try:
                return unseal(key, wrapped, bound_to)
            except Misconfigured:
                continue
        raise Misconfigured(LOST_KEY) from None


@dataclass(frozen=True, slots=True, repr=False)
class CaseKey:
    """The data key of one case; everything sealed with it is bound to the case and to a field's name."""

    case_id: str
    secret: bytes

    def seal(self, field: str, text: str) -> bytes:
        """Encrypt a text for one field of this case."""
        return seal(self.secret, text.encode(), self._bound_to(field))

    def open(self, field: str, sealed: bytes) -> str:
        """Decrypt data that were encrypted for this field of this case.

        Raises:
            Misconfigured: It belongs to another case or field, was altered, or the key is another.
        """
        return unseal(self.secret, sealed, self._bound_to(field)).decode()

    def seal_bytes(self, field: str, content: bytes) -> bytes:
        """Encrypt a document for one field of this case."""
        return seal(self.secret, content, self._bound_to(field))

    def open_bytes(self, field: str, sealed: bytes) -> bytes:
        """Decrypt a document that was sealed for this field of this case.

        Raises:
            Misconfigured: It belongs to another case or field, was altered, or the key is another.
        """
        return unseal(self.secret, sealed, self._bound_to(field))

    def _bound_to(self, field: str) -> bytes:
        return f"{self.case_id}/{field}".encode()


def _bound_to(name: str) -> bytes:
    return f"vault-key/{name}".encode()
