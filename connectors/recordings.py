"""Facts of recordings and content of transcripts, whatever store has them.

The standard library's ``wave`` reads plain PCM only; telephone systems write A-law and µ-law too. Format: RIFF,
Microsoft/IBM "Multimedia Programming Interface and Data Specifications 1.0", chapter 3.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

HEADER_SIZE: Final = 4096
"""Bytes to read: the chunks before the sound seldom take more."""
LARGEST_TRANSCRIPT: Final = 16 * 1024 * 1024
"""A transcript is taken whole, since the redaction has to see whole sentences; a bigger file is given as it is."""
_FORMAT: Final = struct.Struct("<HHIIHH")
# Recorders that do not know the length yet write this.
_UNKNOWN_SIZE: Final = 0xFFFFFFFF
# Addresses and numbers of the controller's own cloud account in Contact Lens files; they are no person's personal data.
_OURS: Final = frozenset({"InputS3Uri", "AccountId", "InstanceId", "ParticipantId"})


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


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript or an analysis as data.

    Args:
        content: What it says, without the addresses of the controller's own account.
        others: The names of the people in it other than the customer, which the redaction masks.
    """

    content: dict[str, Any] = field(repr=False)
    others: frozenset[str] = field(repr=False)


def read_transcript(text: bytes) -> Transcript | None:
    """Read a transcript in JSON, or ``None`` where it is none.

    Args:
        text: The whole file.
    """
    try:
        content = json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    others = frozenset(_other_speakers(content))
    content = _without_ours(content)
    return Transcript(content if isinstance(content, dict) else {"transcript": content}, others)


def _other_speakers(content: object) -> Iterator[str]:
    """Return the display names of all people in a chat transcript other than the customer."""
    if isinstance(content, list):
        for item in content:
            yield from _other_speakers(item)
    elif isinstance(content, dict):
        name = content.get("DisplayName")
        if isinstance(name, str) and name.strip() and content.get("ParticipantRole") != "CUSTOMER":
            yield name.strip()
        for value in content.values():
            yield from _other_speakers(value)


def _without_ours(content: object) -> object:
    if isinstance(content, list):
        return [_without_ours(item) for item in content]
    if isinstance(content, dict):
        return {key: _without_ours(value) for key, value in content.items() if not _is_ours(key, value)}
    return content


def _is_ours(key: str, value: object) -> bool:
    # The participants of a call are named by their role; those of a chat by an id of Amazon's.
    return key in _OURS and not (key == "ParticipantId" and value in {"CUSTOMER", "AGENT"})
