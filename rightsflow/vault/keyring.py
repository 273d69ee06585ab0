"""The keys of the whole store in use: keyed hashes to look things up by, and forms that have no case yet.

They do not change with the master key, so that what was hashed or sealed before a rotation is found and read after it.
"""

from __future__ import annotations

from dataclasses import dataclass

from rightsflow.vault.sealing import keyed_hash, seal, unseal


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
        """A keyed hash (HMAC-SHA-256, hex) by which equal values are found without decrypting.

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
