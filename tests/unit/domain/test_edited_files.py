"""Which copies can stand for which file, how long recordings are, and what is left of lists and recordings."""

from __future__ import annotations

import csv
import io
import json
import struct
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.disclosure.mask_choices import (
    MOST_EDITED_BYTES,
    EditedFile,
    Interval,
    Sort,
    copies_in_words,
    kind_of_copy,
    refuse_longer,
    sort_of,
)
from rightsflow.domain.disclosure.recordings import seconds_of
from rightsflow.domain.erasure.partial_erasure import read_intervals
from rightsflow.domain.errors import BadInput
from rightsflow.domain.processors.files import LEFT_OUT, own_entries, read_entries
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


@pytest.mark.apart
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


ANNA, BERTA = "C-10001", "C-20002"
OWN = {"customer": ANNA, "note": "rang"}
HERS = {"customer": BERTA, "name": "Berta Nachbar", "note": "her own matter", "phone": "+491715551234"}


def sorted_out(text):
    found = own_entries(text, lambda one: ANNA in one, lambda one: "+4917155" in one or "berta@" in one)
    return found.content, found.left_out, found.others


def table(*rows, delimiter=","):
    made = io.StringIO()
    writer = csv.DictWriter(made, sorted({key for row in rows for key in row}), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return made.getvalue()


LISTS = {
    "a list": json.dumps([OWN, HERS]),
    "JSON lines": f"{json.dumps(OWN)}\n{json.dumps(HERS)}\n",
    "a list in an object": json.dumps({"of": ANNA, "calls": [OWN, HERS]}),
    "a list of hers alone": json.dumps({"customer": ANNA, "household": [HERS]}),
    "an object": json.dumps({"customer": ANNA, "neighbour": HERS}),
    "a table": table(OWN | {"name": "Anna"}, {"customer": BERTA, "name": "Berta Nachbar", "note": "her own matter"}),
    "a table with semicolons": table(
        OWN | {"name": "A"}, {key: HERS[key] for key in ("customer", "name", "note")}, delimiter=";"
    ),
}


def test_an_entry_of_another_is_left_out_and_the_persons_own_stays():
    # An entry of another is left out wherever it stands.
    for text in LISTS.values():
        content, left_out, others = sorted_out(text)
        assert left_out == 1
        assert others == {"Berta Nachbar"}
        left = json.dumps(content)
        assert ANNA in left
        assert LEFT_OUT in left
        assert not any(word in left for word in (BERTA, "Berta", "her own matter", "+49171"))
    # What hangs on the person's own entry stays.
    own = OWN | {
        "calls": [{"at": "09:00", "seconds": 30}, {"at": "10:00", "seconds": 60}],
        "address": {"city": "Fulda"},
    }
    assert sorted_out(json.dumps(own)) == (own, 0, frozenset())
    _, left_out, others = sorted_out(json.dumps(OWN | {"contact": "Berta Nachbar", "contact phone": "+491715551234"}))
    assert (left_out, others) == (0, {"Berta Nachbar"})
    # A text in sentences stays whole.
    text = f"{ANNA} rang.\nBerta Nachbar, who lives next door, complained.\n"
    assert read_entries(text) is None
    assert sorted_out(text) == ({"text": text}, 0, frozenset())
    # Odd files are read without a fault.
    for text in ("", "[]", "{}", "null", "3", '"x"', "a,b\n1\n", "a,b\n", "a,a\n1,2\n", '{"a": [[[1]]]}'):
        content, left_out, _ = sorted_out(text)
        assert isinstance(content, dict)
        assert left_out == 0


@given(st.lists(st.booleans(), min_size=1, max_size=8))
def test_of_any_list_the_persons_entries_are_left_and_no_other(whose):
    entries = [OWN | {"number": number} if is_own else HERS for number, is_own in enumerate(whose)]
    content, left_out, _ = sorted_out(json.dumps(entries))
    assert left_out == whose.count(False) if any(whose) else left_out == len(whose)
    assert [one for one in content["records"] if one != LEFT_OUT] == [one for one in entries if one != HERS]


_SECONDS = st.integers(0, 999_999_999)


@given(st.lists(st.tuples(_SECONDS, _SECONDS, st.integers(0, 99)), min_size=1, max_size=20))
def test_what_is_marked_is_read_to_the_millisecond(marked):
    text = " ".join(
        f"{start // 1000}.{start % 1000:03}-{end // 1000}.{end % 1000:03}" + (f"@{channel}" if channel else "")
        for start, end, channel in marked
    )
    assert read_intervals(text) == tuple(Interval(start=one, end=two, channel=three) for one, two, three in marked)


def test_what_is_marked_is_read_or_refused_without_being_quoted():
    assert read_intervals("12.5-18.25 40-43@1") == (Interval(12_500, 18_250), Interval(40_000, 43_000, 1))
    # What cannot be read is refused without being quoted.
    for text in ("", "yes", "12.5", "12,5-18", "1-2;3-4", "1-2@", "-1-2", "1.0001-2", "1-2 " * 21):
        with pytest.raises(BadInput, match="The marked seconds are not readable") as refused:
            read_intervals(text)
        assert "1-2;3-4" not in str(refused.value)
