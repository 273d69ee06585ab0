"""Length of a recording from its bytes: WAV of any encoding, and MP3 frame by frame. Pure, and without decoding.

WAV as in "New Multimedia Data Types and Data Techniques" (Microsoft, 1994); MP3 as in ISO/IEC 11172-3 and 13818-3, with
the tags before it as in ID3v2.4. Of other formats the length is not known here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Final

_UNKNOWN_LENGTHS: Final = frozenset({0, 0xFFFFFFFF})
_KBITS_1: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
"""Layer III of MPEG-1, by the four bits of the header."""
_KBITS_2: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
"""Layer III of MPEG-2 and 2.5."""
_RATES: Final = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
"""Samples in a second, by the version's two bits."""
_LAYER_III: Final = 1
_MOST_BYTES: Final = 64 * 1024 * 1024
"""Largest part of a recording held in memory, in bytes."""
_HEAD: Final = 4
_TAG: Final = 10
_FEWEST_FRAMES: Final = 2
"""A single header may stand in any file by chance."""


def seconds_of(chunks: Iterable[bytes]) -> float | None:
    """Return the length of a recording in seconds; ``None`` if it cannot be determined.

    Args:
        chunks: Its bytes; of an MP3 file all of them are read, and of one that is too large nothing is told.
    """
    read, is_cut = bytearray(), False
    for chunk in chunks:
        read += chunk
        if is_cut := len(read) > _MOST_BYTES:
            break
    content = bytes(read)
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return _of_wave(content, is_cut=is_cut)
    return None if is_cut else _of_mp3(content)


def _of_wave(content: bytes, *, is_cut: bool) -> float | None:
    at, a_second = 12, 0
    while at + 8 <= len(content):
        name, length = content[at : at + 4], struct.unpack_from("<I", content, at + 4)[0]
        if name == b"fmt " and at + 20 <= len(content):
            a_second = struct.unpack_from("<I", content, at + 16)[0]
        if name == b"data":
            there = len(content) - at - 8
            if not a_second or (is_cut and length in _UNKNOWN_LENGTHS):
                return None
            return (length if is_cut else there if length in _UNKNOWN_LENGTHS else min(there, length)) / a_second
        at += 8 + length + length % 2
    return None


def _of_mp3(content: bytes) -> float | None:
    at, seconds, frames = _behind_tag(content), 0.0, 0
    while at + _HEAD <= len(content):
        found = _frame(content[at : at + _HEAD])
        if found is None:
            # Padding, a tag at the end, or a piece that was lost: the next frame begins at the next sign of one.
            at = content.find(b"\xff", at + 1)
            if at < 0:
                break
            continue
        length, lasts = found
        seconds, frames, at = seconds + lasts, frames + 1, at + length
    return seconds if frames >= _FEWEST_FRAMES else None


def _behind_tag(content: bytes) -> int:
    """Return the offset at which the sound begins; the length of a tag has seven bits in each byte."""
    if content[:3] != b"ID3" or len(content) < _TAG:
        return 0
    length = 0
    for byte in content[6:_TAG]:
        length = length << 7 | byte & 0x7F
    return _TAG + length


def _frame(head: bytes) -> tuple[int, float] | None:
    """Return the size of a frame in bytes and its duration in seconds; ``None`` if no frame begins here."""
    bits = int.from_bytes(head, "big")
    version, layer, kbits, rate = bits >> 19 & 3, bits >> 17 & 3, bits >> 12 & 15, bits >> 10 & 3
    is_none = bits >> 21 != 0x7FF or layer != _LAYER_III or version not in _RATES
    if is_none or not 0 < kbits < len(_KBITS_1) or rate == len(_RATES):
        return None
    samples, a_second = (1152, _RATES[version][rate]) if version == 3 else (576, _RATES[version][rate])
    speed = (_KBITS_1 if version == 3 else _KBITS_2)[kbits] * 1000
    return samples // 8 * speed // a_second + (bits >> 9 & 1), samples / a_second
