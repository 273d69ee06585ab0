"""Recordings: their length, and silence over an interval, every other byte unchanged. Pure, without decoding.

WAV as in Microsoft's "New Multimedia Data Types and Data Techniques" (1994) with WAVEFORMATEXTENSIBLE: integers,
floating point, and the two encodings of telephony (ITU-T G.711) can be silenced; others hold no samples by themselves.
MP3 (length only) as in ISO/IEC 11172-3 and 13818-3, with the tags before it as in ID3v2.4.
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
        if (wave := _wave_in(bytes(head[:_MOST_HEAD_BYTES]))) is not None:
            return wave
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
    """Yield a recording with intervals of it silenced.

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
    """Silence a piece of the file that begins at a byte of it."""
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
    """Return the byte of silence; ``None`` where the samples are not plain."""
    if encoding in {_A_LAW, _MU_LAW} and (bits, width) == (8, 1):
        return 0xD5 if encoding == _A_LAW else 0xFF
    if encoding == _FLOAT and bits in {32, 64} and width * 8 == bits:
        return 0
    if encoding != _PCM or not 1 <= bits <= 32 or width != -(-bits // 8):
        return None
    return 0x80 if width == 1 else 0  # eight bits have no sign


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
        frame = _frame(content[at : at + _HEAD])
        if frame is None:
            # Padding, a tag at the end, or a piece that was lost: the next frame begins at the next sign of one.
            at = content.find(b"\xff", at + 1)
            if at < 0:
                break
            continue
        length, lasts = frame
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
