"""Archives: ZIP, TAR, and files compressed by gzip, bzip2 or xz, entry by entry and bounded."""

from __future__ import annotations

import bz2
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Final, Protocol

from rightsflow.files.kinds.job import CannotOpen, FilePass, inside

_ENCRYPTED: Final = 0x1
_CHUNK: Final = 256 * 1024
_BROKEN: Final = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError,
    NotImplementedError, RuntimeError, KeyError, IndexError, UnicodeError, OverflowError,
)  # fmt: skip


def walk(content: bytes, job: FilePass, where: str, depth: int) -> bytes:
    """Go through an archive, and write it anew: what lies between its entries is not in it any more.

    Args:
        content: The archive.
        job: The pass.
        where: Its place.
        depth: How deep it lies.

    Raises:
        CannotOpen: It is broken, or a limit is reached.
    """
    try:
        if content.startswith(b"PK"):
            return _zip(content, job, where, depth)
        if content[257:262] == b"ustar":
            return _tar(content, job, where, depth)
        return _packed(content, job, where, depth)
    except _BROKEN as error:
        raise CannotOpen("the archive is broken, or packed in a way that is not known") from error


def zip_entries(content: bytes, job: FilePass) -> Iterator[tuple[zipfile.ZipInfo, bytes | None]]:
    """Yield the files of a ZIP archive with their bytes; ``None`` for an encrypted one.

    Args:
        content: The archive.
        job: The pass, whose limits count.

    Raises:
        CannotOpen: A limit is reached.
    """
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            if info.flag_bits & _ENCRYPTED:
                yield info, None
                continue
            with archive.open(info) as file:
                data = file.read(job.room + 1)
            job.unpack(len(data))
            yield info, data


def _zip(content: bytes, job: FilePass, where: str, depth: int) -> bytes:
    job.is_rewritten = True
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for info, data in zip_entries(content, job):
            job.enter(depth)
            name = job.text(info.filename, inside(where, "name of an entry"))
            if data is None:
                # Its bytes cannot be taken over: without the passphrase no one can read them.
                job.skip(inside(where, info.filename), "it is encrypted, and is not given")
                continue
            given = job.nested(data, where, depth, info.filename)
            if job.is_writing:
                target.writestr(zipfile.ZipInfo(name, info.date_time), given, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _tar(content: bytes, job: FilePass, where: str, depth: int) -> bytes:
    job.is_rewritten = True
    made = BytesIO()
    with tarfile.open(fileobj=BytesIO(content), mode="r:") as archive, tarfile.open(fileobj=made, mode="w") as target:
        for info in archive:
            if info.isdir():
                continue
            job.enter(depth)
            name = job.text(info.name, inside(where, "name of an entry"))
            file = archive.extractfile(info) if info.isreg() else None
            if file is None:
                job.skip(inside(where, info.name), "it is no file, and is not given")
                continue
            data = file.read(job.room + 1)
            job.unpack(len(data))
            given = job.nested(data, where, depth, info.name)
            if job.is_writing:
                fresh = tarfile.TarInfo(name)
                fresh.size, fresh.mtime = len(given), info.mtime
                target.addfile(fresh, BytesIO(given))
    return made.getvalue()


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


def _gzip() -> _Decompressor:
    return zlib.decompressobj(16 + zlib.MAX_WBITS)


def _gzipped(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


_PACKERS: Final[tuple[tuple[bytes, Callable[[], _Decompressor], Callable[[bytes], bytes]], ...]] = (
    (b"\x1f\x8b", _gzip, _gzipped),
    (b"BZh", bz2.BZ2Decompressor, bz2.compress),
    (b"\xfd7zXZ", lzma.LZMADecompressor, lzma.compress),
)


def _packed(content: bytes, job: FilePass, where: str, depth: int) -> bytes:
    data = unpacked(content, job.room)
    job.unpack(len(data))
    job.is_rewritten = True
    given = job.nested(data, inside(where, "content"), depth)
    return _packer(content)[2](given) if job.is_writing else b""


def _packer(content: bytes) -> tuple[bytes, Callable[[], _Decompressor], Callable[[bytes], bytes]]:
    return next(item for item in _PACKERS if content.startswith(item[0]))


def unpacked(content: bytes, most: int) -> bytes:
    """Return the bytes of a compressed file, and at most one more than may be.

    Args:
        content: The file.
        most: How many bytes may be.

    Raises:
        CannotOpen: It is cut short.
    """
    start, unpacker, _ = _packer(content)
    data = bytearray()
    while content.startswith(start) and len(data) <= most:
        reader = unpacker()
        data += reader.decompress(content, most + 1 - len(data))
        if not reader.eof and len(data) <= most:
            raise CannotOpen("it is cut short")
        content = reader.unused_data
    return bytes(data)
