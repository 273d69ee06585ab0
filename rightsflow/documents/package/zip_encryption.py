"""The encryption of the archive's files, with keys that are derived by OpenSSL and not by the library of the archive.

Each file has a key of its own, derived from the passphrase in a thousand rounds, which for the many small files of a
package takes longer than all the rest of packing.
"""

from __future__ import annotations

import hmac
import os
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from pyzipper import AESZipFile
from pyzipper.zipfile_aes import AES, AESZipEncrypter, Counter

_SALT_BYTES: Final = 16
_KEY_BYTES: Final = 32
_CHECK_BYTES: Final = 2
_ROUNDS: Final = 1000
_AES_256: Final = 3
_WITHOUT_CHECKSUM: Final = 2


class Encrypter(AESZipEncrypter):  # type: ignore[misc]
    """Encrypts one file with AES-256, by the second version of the format (WinZip's AE-2).

    Args:
        passphrase: The archive's.
    """

    def __init__(self, passphrase: bytes) -> None:
        self.force_wz_aes_version = _WITHOUT_CHECKSUM
        """No checksum of the content stands outside the encryption."""
        self.aes_strength = _AES_256
        self.salt = os.urandom(_SALT_BYTES)
        # Both are the format's, SHA-1 as well as the number of rounds; the passphrase is random and long.
        keys = PBKDF2HMAC(hashes.SHA1(), 2 * _KEY_BYTES + _CHECK_BYTES, self.salt, _ROUNDS).derive(passphrase)  # noqa: S303
        self.encpwdverify = keys[2 * _KEY_BYTES :]
        counter = Counter.new(nbits=128, little_endian=True)
        self.encrypter = AES.new(keys[:_KEY_BYTES], AES.MODE_CTR, counter=counter)
        self.hmac = hmac.new(keys[_KEY_BYTES : 2 * _KEY_BYTES], digestmod="sha1")


class EncryptedZip(AESZipFile):  # type: ignore[misc]
    """An archive that is written with it; the passphrase is set by ``setpassword``."""

    def get_encrypter(self) -> Encrypter:
        """Return the encrypter of the next file."""
        return Encrypter(self.pwd)
