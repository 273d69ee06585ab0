"""The header of a WAV file: how long it is, and whether it has separate channels.

The standard library's ``wave`` reads plain PCM only; telephone systems write A-law and µ-law too.
Format: RIFF, Microsoft/IBM "Multimedia Programming Interface and Data Specifications 1.0", chapter 3.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

HEADER_SIZE = 4096
"""Bytes to read: the chunks before the sound seldom take more."""

_FORMAT = struct.Struct("<HHIIHH")
# Recorders that do not know the length yet write this.
_UNKNOWN_SIZE = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class WavHeader:
    """The content of a header.

    Args:
        channels: 1, or 2 where the parties were recorded apart (or a mix was written twice).
        sample_rate: In hertz.
        seconds: The length.
    """

    channels: int
    sample_rate: int
    seconds: float


def read_header(beginning: bytes, size: int) -> WavHeader | None:
    """Read the header, or ``None`` where it is none.

    Args:
        beginning: The file's first bytes.
        size: The size of the whole file in bytes, which bounds what the header claims.
    """
    if beginning[:4] != b"RIFF" or beginning[8:12] != b"WAVE":
        return None
    offset, form = 12, None
    while offset + 8 <= len(beginning):
        name, length = struct.unpack_from("<4sI", beginning, offset)
        offset += 8
        if name == b"fmt " and offset + _FORMAT.size <= len(beginning):
            form = _FORMAT.unpack_from(beginning, offset)
        elif name == b"data":
            return _header(form, min(length, size - offset) if length != _UNKNOWN_SIZE else size - offset)
        offset += length + length % 2  # chunks are padded to an even length
    return None


def _header(form: tuple[int, ...] | None, sound: int) -> WavHeader | None:
    if form is None or not form[1] or not form[3]:
        return None
    _, channels, sample_rate, bytes_per_second, _, _ = form
    return WavHeader(channels=channels, sample_rate=sample_rate, seconds=round(sound / bytes_per_second, 3))
