"""The encrypted archive as a stream, with a record of every file that went into it."""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from types import ModuleType
from typing import Any

_OWNER_ONLY = 0o600
_WORTH_PACKING = 32 * 1024
_PACKED_ALREADY = ("image/", "video/", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/aac", "audio/webm")
_PACKED_TYPES = frozenset({"application/pdf", "application/zip", "application/gzip", "application/x-7z-compressed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """A file of the package, as the manifest lists it."""

    path: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """A file on its way into the archive.

    Args:
        path: Where it will lie.
        media_type: What it is.
        chunks: Its bytes.
        done: Is called with the entry when the bytes have gone through.
    """

    path: str
    media_type: str
    chunks: Iterable[bytes]
    done: Callable[[FileEntry], None]


class _Sink(io.RawIOBase):
    """A buffer for the library's output until it is fetched; it reports that it cannot seek."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: Any) -> int:
        """Store a piece until it is fetched."""
        self._pieces.append(bytes(data))
        return len(data)

    def fetch(self) -> list[bytes]:
        """Return the bytes written since the last call."""
        pieces, self._pieces = self._pieces, []
        return pieces


def encrypted_zip(members: Iterable[ArchiveMember], passphrase: str, modified_at: datetime) -> Iterator[bytes]:
    """Stream the members as a zip encrypted with AES-256 (WinZip's AE-2).

    Args:
        members: The files; each is read when its turn comes.
        passphrase: The passphrase; file names are not encrypted by this format, so they may say nothing.
        modified_at: The time stamp of all files.
    """
    # Late, as the library.
    from rightsflow.documents.package.zip_encryption import EncryptedZip  # noqa: PLC0415

    library, sink = zip_library(), _Sink()
    with EncryptedZip(sink, "w", compression=library.ZIP_DEFLATED) as archive:
        archive.setpassword(passphrase.encode())
        for member in members:
            # The format for more than 4 GiB, since the size is not known; every program that reads AES reads it.
            with archive.open(_info(library, member, modified_at), "w", force_zip64=True) as file:
                for chunk in _counted(member):
                    file.write(chunk)
                    yield from sink.fetch()
            yield from sink.fetch()
    yield from sink.fetch()


def zip_library() -> ModuleType:
    """Import the library of these archives late: its ciphers need memory, and few processes use it."""
    return import_module("pyzipper")


def _info(library: ModuleType, member: ArchiveMember, modified_at: datetime) -> Any:
    info = library.zipfile_aes.AESZipInfo(member.path, modified_at.timetuple()[:6])
    info.compress_type = library.ZIP_DEFLATED
    info.external_attr = _OWNER_ONLY << 16
    # No other way to say it of one file of several: `open` takes what the archive's own is.
    info._compresslevel = _level(member.media_type)  # noqa: SLF001
    return info


def _counted(member: ArchiveMember) -> Iterator[bytes]:
    digest, size = hashlib.sha256(), 0
    for chunk in _gathered(member.chunks):
        digest.update(chunk)
        size += len(chunk)
        yield chunk
    member.done(FileEntry(path=member.path, media_type=member.media_type, size=size, sha256=digest.hexdigest()))


def _gathered(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Join bytes into pieces that are worth packing and encrypting: a table comes line by line."""
    pieces: list[bytes] = []
    size = 0
    for chunk in chunks:
        pieces.append(chunk)
        size += len(chunk)
        if size >= _WORTH_PACKING:
            yield b"".join(pieces)
            pieces, size = [], 0
    if pieces:
        yield b"".join(pieces)


def _level(media_type: str) -> int:
    if media_type in _PACKED_TYPES or media_type.startswith(_PACKED_ALREADY):
        return zlib.Z_NO_COMPRESSION
    # Sound that is not packed hardly shrinks: the fastest level costs the least.
    return zlib.Z_BEST_SPEED if media_type.startswith("audio/") else 6
