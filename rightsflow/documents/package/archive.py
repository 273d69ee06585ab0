"""The encrypted archive as a stream, with a record of every file that went into it."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stream_zip import MemberFile

# With an unknown size the format for more than 4 GiB is the safe one; every program that reads AES reads it.
_UNKNOWN_SIZE = 1 << 40
_OWNER_ONLY = 0o600
_PACKED_ALREADY = ("image/", "video/", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/aac", "audio/webm")
_PACKED_TYPES = frozenset({"application/pdf", "application/zip", "application/gzip", "application/x-7z-compressed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """One file of the package, as the manifest lists it."""

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


def encrypted_zip(members: Iterable[ArchiveMember], passphrase: str, modified_at: datetime) -> Iterator[bytes]:
    """Stream the members as a zip encrypted with AES-256 (WinZip's AE-2).

    Args:
        members: The files; each is read when its turn comes.
        passphrase: The passphrase; file names are not encrypted by this format, so they may say nothing.
        modified_at: The time stamp of all files.
    """
    # Late: with its library of ciphers it takes 3 MB of each process, and few of them write a package.
    from stream_zip import stream_zip  # noqa: PLC0415

    yield from stream_zip((_zipped(member, modified_at) for member in members), password=passphrase)


def _zipped(member: ArchiveMember, modified_at: datetime) -> MemberFile:
    from stream_zip import ZIP_AUTO  # noqa: PLC0415 - as above

    method = ZIP_AUTO(_UNKNOWN_SIZE, level=_level(member.media_type))
    return member.path, modified_at, _OWNER_ONLY, method, _counted(member)


def _counted(member: ArchiveMember) -> Iterator[bytes]:
    digest, size = hashlib.sha256(), 0
    for chunk in member.chunks:
        digest.update(chunk)
        size += len(chunk)
        yield chunk
    member.done(FileEntry(path=member.path, media_type=member.media_type, size=size, sha256=digest.hexdigest()))


def _level(media_type: str) -> int:
    if media_type in _PACKED_TYPES or media_type.startswith(_PACKED_ALREADY):
        return zlib.Z_NO_COMPRESSION
    # Sound that is not packed hardly shrinks: the fastest level costs the least.
    return zlib.Z_BEST_SPEED if media_type.startswith("audio/") else 6
