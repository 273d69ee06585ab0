"""Result of an access request from another Rightsflow: its package, checked by the signed certificate, and opened.

The package is an archive encrypted with AES-256; the certificate holds its passphrase, encrypted for our own
certificate. The case that receives the records decides their ownership, not this module.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from importlib import import_module
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final

from connectors.opendsr.proofs import NotProved
from rightsflow.domain.processors.files import BY_RIGHTSFLOW

MOST_PACKAGE_BYTES: Final = 256 * 1024 * 1024
_IN_MEMORY: Final = 8 * 1024 * 1024
_DATA: Final = "data/"
_WHOLE_FILES: Final = ("attachments/", "recordings/")


def open_package(chunks: Iterable[bytes], sha256: str, passphrase: bytes) -> list[bytes]:
    """Return the files of a package: the data of each category as JSON, and their attachments.

    Args:
        chunks: Its bytes.
        sha256: What its certificate says of them, in hexadecimal.
        passphrase: Its passphrase.

    Raises:
        NotProved: It is another package, or too large, or cannot be opened.
    """
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as spooled:
        _fetch(chunks, sha256, spooled)
        spooled.seek(0)
        try:
            return list(_files(spooled, passphrase))
        except NotProved:
            raise
        except Exception:  # noqa: BLE001 - the library has many, and each says the same of bytes that we did not make
            raise NotProved("The package cannot be opened.") from None


def _fetch(chunks: Iterable[bytes], sha256: str, spooled: IO[bytes]) -> None:
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        size += len(chunk)
        if size > MOST_PACKAGE_BYTES:
            raise NotProved("The package is larger than is taken over by itself.")
        digest.update(chunk)
        spooled.write(chunk)
    if digest.hexdigest() != sha256:
        raise NotProved("The package is not the one of the certificate.")


def _files(spooled: IO[bytes], passphrase: bytes) -> Iterator[bytes]:
    # Late: its ciphers take memory of each process, and few open a package.
    library: Any = import_module("pyzipper")
    files, size = 0, 0
    with library.AESZipFile(spooled) as archive:
        archive.setpassword(passphrase)
        for info in archive.infolist():
            if not _is_taken(info.filename):
                continue
            with archive.open(info) as opened:
                content = opened.read(BY_RIGHTSFLOW.size - size + 1)
            if _is_empty(content):
                continue
            files, size = files + 1, size + len(content)
            if files > BY_RIGHTSFLOW.files or size > BY_RIGHTSFLOW.size:
                raise NotProved("The package has more in it than is taken over by itself.")
            yield content


def _is_taken(name: str) -> bool:
    """Return whether a file has data; the tables and pages of a package only repeat them."""
    return (name.startswith(_DATA) and name.endswith(".json")) or name.startswith(_WHOLE_FILES)


def _is_empty(content: bytes) -> bool:
    return not content.strip(b"[] \r\n")
