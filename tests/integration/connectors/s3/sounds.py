"""Sound files for the tests."""

from __future__ import annotations

import struct


def wav(*, seconds: float = 0.5, channels: int = 2, rate: int = 8000, form: int = 7, fill: bytes = b"\x7f") -> bytes:
    """A WAV file; form 7 is µ-law with a byte per sample, as telephone systems record, form 1 is PCM."""
    width = 1 if form == 7 else 2
    sound = fill * int(seconds * rate * channels * width)
    head = struct.pack("<HHIIHH", form, channels, rate, rate * channels * width, channels * width, 8 * width)
    chunks = b"fmt " + struct.pack("<I", len(head)) + head + b"LIST" + struct.pack("<I", 3) + b"abc\0"
    chunks += b"data" + struct.pack("<I", len(sound)) + sound
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks
