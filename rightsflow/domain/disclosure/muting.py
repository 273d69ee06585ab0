"""Silences an interval of a recording: a WAV file with plain samples, as a stream, and every other byte as it was.

The format is that of Microsoft's "New Multimedia Data Types and Data Techniques" (1994) with WAVEFORMATEXTENSIBLE:
integers, floating point, and the two encodings of telephony (ITU-T G.711). Others hold no samples by themselves, so
that nothing of them can be silenced without writing the recording anew.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from rightsflow.domain.disclosure.mask_choices import Interval
from rightsflow.domain.errors import BadInput

_MOST_HEAD_BYTES: Final = 1 << 20
_PCM, _FLOAT, _A_LAW, _MU_LAW, _EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
_SUBFORMAT_TAIL: Final = bytes.fromhex("000000001000800000aa00389b71")
_UNKNOWN_LENGTHS: Final = frozenset({0, 0xFFFFFFFF})
"""Lengths written by programs that did not know the length when they began."""
_LEAVE_OUT: Final = "give a copy edited by hand, or leave the record out with its ground"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """The format of a recording.

    Args:
        channels: How many it has.
        rate: How many frames a second has; a frame is one sample of each channel.
        width: How many bytes a sample has.
        silence: The byte of which the samples of silence are made.
        begins: Where its first frame is, in bytes.
        length: How many bytes its frames have; ``None`` where they go on to the end of the file.
    """

    channels: int
    rate: int
    width: int
    silence: int
    begins: int
    length: int | None

    @property
    def frame(self) -> int:
        """Bytes in a frame."""
        return self.channels * self.width

    def milliseconds(self, size: int) -> int:
        """Return the length of the recording in milliseconds.

        Args:
            size: How many bytes the file has.
        """
        there = max(size - self.begins, 0)
        return (there if self.length is None else min(there, self.length)) // self.frame * 1000 // self.rate


def read_wave(chunks: Iterable[bytes]) -> Wave:
    """Read the format of a recording from its beginning.

    Args:
        chunks: The file; no more is read than is needed.

    Raises:
        BadInput: It cannot be muted.
    """
    head = bytearray()
    for chunk in chunks:
        head += chunk
        if (found := _wave_in(bytes(head[:_MOST_HEAD_BYTES]))) is not None:
            return found
        if len(head) > _MOST_HEAD_BYTES:
            break
    raise BadInput(f"The recording is no whole WAV file, and nothing else can be muted here; {_LEAVE_OUT}.")


def refuse_interval(interval: Interval, wave: Wave, size: int) -> None:
    """Refuse an interval that the recording does not have.

    Args:
        interval: The interval.
        wave: How the recording is made.
        size: How many bytes the file has.

    Raises:
        BadInput: It does not.
    """
    length = wave.milliseconds(size)
    if not 0 <= interval.start < interval.end:
        raise BadInput("The interval ends before it begins; give where it begins and where it ends, in seconds.")
    if interval.start >= length or interval.end > length + 1000:
        raise BadInput(f"The recording is {length / 1000:.1f} seconds long; give an interval within it.")
    if not 0 <= interval.channel <= wave.channels:
        raise BadInput(f"The recording has {wave.channels} channels; choose one of them, or all.")


def muted(chunks: Iterable[bytes], intervals: Sequence[Interval]) -> Iterator[bytes]:
    """A recording with intervals of it silenced.

    Args:
        chunks: The file.
        intervals: What is silenced.

    Raises:
        BadInput: It cannot be muted.
    """
    stream = iter(chunks)
    head = list[bytes]()

    def kept() -> Iterator[bytes]:
        for chunk in stream:
            head.append(chunk)
            yield chunk

    wave = read_wave(kept())
    spans = [_span(interval, wave) for interval in intervals]
    at = 0
    for chunk in chain(head, stream):
        yield _silenced(chunk, at, spans, wave)
        at += len(chunk)


@dataclass(frozen=True, slots=True)
class _Span:
    """Bytes of the file, and which bytes of each frame."""

    start: int
    end: int
    first: int
    last: int


def _span(interval: Interval, wave: Wave) -> _Span:
    start = interval.start * wave.rate // 1000
    end = -(-interval.end * wave.rate // 1000)
    whole = wave.begins + (wave.length // wave.frame * wave.frame if wave.length is not None else 1 << 62)
    first = (interval.channel - 1) * wave.width if interval.channel else 0
    return _Span(
        min(wave.begins + start * wave.frame, whole),
        min(wave.begins + end * wave.frame, whole),
        first,
        first + wave.width if interval.channel else wave.frame,
    )


def _silenced(chunk: bytes, at: int, spans: Sequence[_Span], wave: Wave) -> bytes:
    """A piece of the file that begins at a byte of it."""
    these = [item for item in spans if item.start < at + len(chunk) and at < item.end]
    if not these:
        return chunk
    changed = bytearray(chunk)
    for span in these:
        start, end = max(span.start, at), min(span.end, at + len(chunk))
        if span.last - span.first == wave.frame:
            changed[start - at : end - at] = bytes([wave.silence]) * (end - start)
            continue
        for within in range(span.first, span.last):
            # The byte of each frame that stands there, from the first one in this piece.
            begin = start + (within - (start - wave.begins)) % wave.frame
            count = len(range(begin, end, wave.frame))
            changed[begin - at : end - at : wave.frame] = bytes([wave.silence]) * count
    return bytes(changed)


def _wave_in(head: bytes) -> Wave | None:
    """Return the format of the recording; ``None`` while too little of the file is read."""
    if len(head) < 12:
        return None
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise BadInput(f"The recording is no WAV file, and nothing else can be muted here; {_LEAVE_OUT}.")
    at, form = 12, b""
    while at + 8 <= len(head):
        name, length = head[at : at + 4], struct.unpack_from("<I", head, at + 4)[0]
        if name == b"data":
            return _of(form, at + 8, None if length in _UNKNOWN_LENGTHS else length)
        if name == b"fmt ":
            form = head[at + 8 : at + 8 + length]
            if len(form) < length:
                return None
        at += 8 + length + length % 2
    return None


def _of(form: bytes, begins: int, length: int | None) -> Wave:
    if len(form) < 16:
        raise BadInput(f"The WAV file does not say how it is made, so it cannot be muted; {_LEAVE_OUT}.")
    encoding, channels, rate, _, frame, bits = struct.unpack_from("<HHIIHH", form)
    if encoding == _EXTENSIBLE and form[26:40] == _SUBFORMAT_TAIL:
        encoding = struct.unpack_from("<H", form, 24)[0]
    width, rest = divmod(frame, channels) if channels else (0, 1)
    silence = _silence(encoding, bits, width)
    if rest or not rate or silence is None:
        raise BadInput(f"The WAV file is compressed, or made in a way that cannot be muted here; {_LEAVE_OUT}.")
    return Wave(channels=channels, rate=rate, width=width, silence=silence, begins=begins, length=length)


def _silence(encoding: int, bits: int, width: int) -> int | None:
    """The byte of silence; ``None`` where the samples are not plain."""
    if encoding in {_A_LAW, _MU_LAW} and (bits, width) == (8, 1):
        return 0xD5 if encoding == _A_LAW else 0xFF
    if encoding == _FLOAT and bits in {32, 64} and width * 8 == bits:
        return 0
    if encoding != _PCM or not 1 <= bits <= 32 or width != -(-bits // 8):
        return None
    return 0x80 if width == 1 else 0  # eight bits have no sign
