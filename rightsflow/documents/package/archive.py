"""The encrypted archive as a stream, with a record of every file in it, and the records kept aside until its end.

A zip archive encrypts contents and not names: anyone who finds the archive can read them without the passphrase. So the
files are numbered by system, and a file's former name is inside, in the overview and the tables. That leaves no room
either for path traversal, device names of Windows, direction marks or other people's names.
"""

from __future__ import annotations

import hashlib
import io
import json
import mimetypes
import re
import secrets
import tempfile
import unicodedata
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from types import ModuleType
from typing import Any, Final, Self

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from rightsflow.documents.package.views import Fact, Item, Message

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


_IN_MEMORY_BYTES = 512 * 1024
_READ_BYTES = 64 * 1024


class Spool:
    """Records written once and then read in order; as a context manager, gone at its end.

    Beyond half a MiB they go to an unnamed temporary file under a key that exists in this object only, so that no
    working file ever holds personal data in clear. They are read back in the same process moments later:
    confidentiality is needed here, authenticity comes from the archive around them.
    """

    def __init__(self) -> None:
        self._cipher = Cipher(algorithms.AES256(secrets.token_bytes(32)), modes.CTR(secrets.token_bytes(16)))
        self._encryptor = self._cipher.encryptor()
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - closed by __exit__
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, record: Mapping[str, Any]) -> int:
        """Store a record; return its length in bytes."""
        line = json.dumps(record, ensure_ascii=False, default=str).encode(errors="replace") + b"\n"
        self._file.write(self._encryptor.update(line))
        self.count += 1
        return len(line)

    def lines(self) -> Iterator[bytes]:
        """Yield each record as JSON on one line, without its end, in the order in which they were added."""
        decryptor = self._cipher.decryptor()
        self._file.seek(0)
        pending = b""
        while piece := self._file.read(_READ_BYTES):
            *lines, pending = (pending + decryptor.update(piece)).split(b"\n")
            yield from lines

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield the records that were added, read again."""
        return map(json.loads, self.lines())


PAPER: Final = "paper.html"
"""The whole answer as one document to print."""


def read_item(kept: Mapping[str, Any]) -> Item:
    """Return an item stored as JSON.

    Args:
        kept: Its fields.
    """
    messages = tuple(Message(**item | {"facts": _pairs(item["facts"])}) for item in kept["messages"])
    return Item(**{**kept, "facts": _pairs(kept["facts"]), "messages": messages})


def _pairs(facts: Sequence[Sequence[str]]) -> tuple[Fact, ...]:
    return tuple((name, value) for name, value in facts)


# Windows takes these for devices, with any extension.
_DEVICES = re.compile(r"con|prn|aux|nul|com\d|lpt\d|clock")
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,8})\s*\Z")
_LONGEST_SLUG = 60


def slug(title: str) -> str:
    """Return a folder name for a system or category: lower-case ASCII letters, digits and hyphens, never empty."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    short = re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST_SLUG].strip("-")
    return f"data-{short}".strip("-") if not short or _DEVICES.fullmatch(short) else short


def extension(name: str, media_type: str) -> str:
    """Return the extension with its dot: the name's own, the usual one of the media type, or nothing."""
    match = _EXTENSION.search(name)
    return f".{match[1].lower()}" if match else mimetypes.guess_extension(media_type) or ""


class FileNames:
    """Hands out paths, each once."""

    def __init__(self) -> None:
        self._numbers: Counter[str] = Counter()
        self._slugs: dict[tuple[str, str], str] = {}

    def folder(self, parent: str, title: str) -> str:
        """Return the name below ``parent`` that belongs to a title; two titles never share one."""
        if (parent, title) not in self._slugs:
            taken = {name for (item, _), name in self._slugs.items() if item == parent}
            name = wanted = slug(title)
            number = 1
            while name in taken:
                number += 1
                name = f"{wanted}-{number}"
            self._slugs[parent, title] = name
        return self._slugs[parent, title]

    def numbered(self, prefix: str, ending: str) -> str:
        """Return the next file of a series: ``prefix`` and a number of at least four digits and ``ending``."""
        self._numbers[prefix] += 1
        return f"{prefix}{self._numbers[prefix]:04}{ending}"
