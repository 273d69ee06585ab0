"""Bytes of a fake system, given as a stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Chunks:
    """Opens bytes as a stream of small chunks, as often as wanted."""

    data: bytes

    def __call__(self) -> Iterator[bytes]:
        """Start a stream."""
        for start in range(0, len(self.data), _BYTES):
            yield self.data[start : start + _BYTES]
