"""Which copies can stand for which file, what they are called, and how long recordings are."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.disclosure.mask_choices import (
    MOST_EDITED_BYTES,
    EditedFile,
    Sort,
    copies_in_words,
    kind_of_copy,
    refuse_longer,
    sort_of,
)
from rightsflow.domain.disclosure.recordings import seconds_of
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.file_kinds import ProofFile
from tests.support.waves import mp3, wave

PDF, PNG, JPEG = b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"


def seconds(content: bytes) -> float | None:
    return seconds_of([content[:5], content[5:]])


def test_a_copy_of_the_same_sort_and_size_is_taken() -> None:
    # What sort a file is.
    for media_type, name, sort in (
        ("audio/mpeg", "a", Sort.SOUND),
        ("AUDIO/wav; rate=8000", "a", Sort.SOUND),
        ("application/octet-stream", "call.mp3", Sort.SOUND),
        ("", "photo.JPG", Sort.PICTURE),
        ("image/heic", "a", Sort.PICTURE),
        ("video/mp4", "a", Sort.NONE),
        ("application/pdf", "a.mp3", Sort.PAPER),
        ("", "letter", Sort.PAPER),
    ):
        assert sort_of(media_type, name) is sort
    # A copy of the same sort is taken.
    for content, sort, kind in (
        (wave(), Sort.SOUND, ProofFile.WAV),
        (mp3(), Sort.SOUND, ProofFile.MP3),
        (PNG, Sort.PICTURE, ProofFile.PNG),
        (JPEG, Sort.PAPER, ProofFile.JPEG),
        (PDF, Sort.PAPER, ProofFile.PDF),
    ):
        assert kind_of_copy(content, sort) is kind
        assert copies_in_words(sort)
    # Another sort and another size are refused.
    for content, sort in (
        (PDF, Sort.PICTURE),
        (PNG, Sort.SOUND),
        (wave(), Sort.PAPER),
        (b"text", Sort.PAPER),
        (b"<html>", Sort.PICTURE),
        (PDF, Sort.NONE),
        (b"", Sort.PAPER),
        (PDF + bytes(MOST_EDITED_BYTES), Sort.PAPER),
    ):
        with pytest.raises(BadInput):
            kind_of_copy(content, sort)
    # A copy is called as the original with its own ending.
    for name, kind, called in (
        ("call.m4a", ProofFile.MP3, "call.mp3"),
        ("CALL.MP3", ProofFile.MP3, "CALL.MP3"),
        ("photo.jpeg", ProofFile.JPEG, "photo.jpeg"),
        ("letter", ProofFile.PDF, "letter.pdf"),
        (".hidden", ProofFile.PDF, ".hidden.pdf"),
        ("a.b.docx", ProofFile.PDF, "a.b.pdf"),
    ):
        assert EditedFile(kind=kind, size=1, sha256="", original_sha256="").named(name) == called


def test_how_long_recordings_are() -> None:
    # How long recordings are.
    for length in (0.5, 1, 4, 61):
        assert seconds(wave(seconds=length)) == pytest.approx(length)
        assert seconds(mp3(seconds=length)) == pytest.approx(length, abs=0.03)
    # What stands around the frames of an MP3 does not count.
    tag = b"ID3\x04\x00\x00\x00\x00\x02\x01" + bytes(257)
    last = b"TAG" + bytes(125)
    assert seconds(tag + mp3(seconds=2) + last) == pytest.approx(2, abs=0.03)
    assert seconds(b"\xff\xfb" + bytes(50) + mp3(seconds=2)) == pytest.approx(2, abs=0.03)
    mpeg_2 = b"\xff\xf3\x28\xc4" + bytes(68)  # 16 kbit/s, 16 kHz, mono: 72 bytes each
    assert seconds(mpeg_2 * 100) == pytest.approx(100 * 576 / 16000)
    # A compressed wav file is measured by what its head says.
    head = struct.pack("<HHIIHHH", 0x31, 1, 8000, 1625, 65, 0, 0)  # GSM 6.10
    body = b"WAVE" + b"fmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", 16250) + bytes(16250)
    assert seconds(b"RIFF" + struct.pack("<I", len(body)) + body) == pytest.approx(10)

    # Of a recording that is too large no more is read than its head needs.
    def chunks(head: bytes) -> Iterator[bytes]:
        yield head
        for _ in range(64):
            yield bytes(1 << 20)
        raise AssertionError("more was read than is held")

    long = wave(seconds=1)[:40] + struct.pack("<I", 32000 * 3600) + bytes(100)
    assert seconds_of(chunks(long)) == pytest.approx(3600)
    assert seconds_of(chunks(mp3())) is None


@given(st.binary(max_size=400))
def test_other_bytes_have_no_length_or_one_and_never_fail(content: bytes) -> None:
    found = seconds(content)
    assert found is None or found >= 0


def test_a_copy_is_shorter_and_has_sound() -> None:
    # A longer copy and one without sound are refused.
    for copy, original in ((0, 4), (None, 4), (5.5, 4), (None, None)):
        with pytest.raises(BadInput):
            refuse_longer(copy, original)
    for copy, original in ((4.5, 4), (1, 4), (60, None)):
        refuse_longer(copy, original)
