"""Recordings for tests."""

from __future__ import annotations

import io
import wave as waves


def wave(*, seconds=1, channels=2, width=2, rate=8000):
    """A WAV file in which no sample is silent."""
    file = io.BytesIO()
    with waves.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(width)
        writer.setframerate(rate)
        count = int(seconds * rate) * channels * width
        writer.writeframes(bytes(1 + at % 126 for at in range(count)))
    return file.getvalue()
