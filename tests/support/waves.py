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


def mp3(*, seconds=1, fill=0):
    """An MP3 file of whole frames (MPEG-1, layer III, 128 kbit/s, 44.1 kHz)."""
    frame = b"\xff\xfb\x90\x00" + bytes([fill]) * 413
    return frame * round(seconds * 44100 / 1152)
