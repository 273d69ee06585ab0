"""A zip whose directory and files disagree is named as that: it is one file to its checker, another to its reader."""

from __future__ import annotations

import io
import struct
import zipfile
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.audit.evidence.archive import MOST_MEMBERS, Faults, check_directory, pack, read_directory, unpack
from rightsflow.audit.evidence.verification import check_bundle
from rightsflow.domain.errors import BadInput
from tests.support.story import bundle

BUNDLE = bundle()
FILES = {one.name: one.content for one in unpack(BUNDLE)}
SMALL = [("a.txt", b"hello"), ("b.txt", b"world"), ("c.txt", b"!")]
PACKED = pack(SMALL)
FLAGS, METHOD, TIME, CHECK, SIZE, WHOLE, LABEL, EXTRA = 8, 10, 12, 16, 20, 24, 28, 30
"""Where the fields of a line of the directory lie in it; those of a file's own header two bytes earlier."""
PLACE = 42
ZIP_END, LINE = 22, 46


def texts(data):
    """What is said of a zip's directory beside its files."""
    faults = Faults()
    check_directory(data, list(unpack(data)), faults)
    return [one.text for one in faults]


def line_of(data, number):
    """Where the line of a member begins in the directory."""
    place = read_directory(data).begins
    for _ in range(number):
        place += LINE + struct.unpack_from("<H", data, place + LABEL)[0]
    return place


def patched(data, place, form, *values):
    changed = bytearray(data)
    struct.pack_into(form, changed, place, *values)
    return bytes(changed)


def ended(body, listing, count, comment=b""):
    """A zip of some bytes and some lines of a directory."""
    return (
        body
        + listing
        + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(listing), len(body), 0)
        + (comment)
    )


def body_and_listing(data=PACKED):
    begins = read_directory(data).begins
    return data[:begins], data[begins:-ZIP_END]


def test_what_we_pack_agrees_with_itself():
    assert texts(PACKED) == texts(BUNDLE) == texts(pack([])) == []


def test_what_other_programs_pack_agrees_with_itself(tmp_path):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in SMALL:
            made.writestr(name, content)
    assert texts(held.getvalue()) == []


class Stream(io.BytesIO):
    """A file to which no program can go back, so that sizes stand behind the members."""

    def seekable(self):
        return False

    def tell(self):
        raise OSError


def test_sizes_behind_the_members_are_no_disagreement():
    held = Stream()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in SMALL:
            made.writestr(name, content)
    assert texts(held.getvalue()) == []


def test_a_file_that_the_directory_has_otherwise_is_named():
    # A field that the directory has otherwise is named.
    for place, form, called in (
        (FLAGS, "<H", "flags"),
        (METHOD, "<H", "method"),
        (TIME, "<H", "date"),
        (CHECK, "<I", "check sum"),
        (SIZE, "<I", "size"),
        (WHOLE, "<I", "size when decompressed"),
    ):
        at = line_of(PACKED, 1)
        (value,) = struct.unpack_from(form, PACKED, at + place)
        found = texts(patched(PACKED, at + place, form, value ^ 1))
        assert found == [f"b.txt has another {called} in the zip's directory than in its own header."]
    # A name that the directory has otherwise is named and others read that one.
    forged = PACKED.replace(b"b.txt", b"x.txt")
    forged = forged[: forged.index(b"x.txt")] + b"b.txt" + forged[forged.index(b"x.txt") + 5 :]
    with zipfile.ZipFile(io.BytesIO(forged)) as opened:
        assert "x.txt" in opened.namelist()
    assert texts(forged) == ["b.txt is called x.txt in the zip's directory."]
    # A file that the directory does not list is named.
    body, listing = body_and_listing()
    first, second = line_of(PACKED, 1) - len(body), line_of(PACKED, 2) - len(body)
    assert texts(ended(body, listing[:first] + listing[second:], 2)) == ["b.txt is not in the zip's directory."]
    # A file that is listed where none lies is named.
    forged = patched(PACKED, line_of(PACKED, 2) + PLACE, "<I", 3)
    assert texts(forged) == [
        "c.txt overlaps another file by what the zip's directory says.",
        "c.txt is not in the zip's directory.",
    ]
    beyond = patched(PACKED, line_of(PACKED, 2) + PLACE, "<I", 1 << 30)
    assert texts(beyond)[0] == "c.txt does not lie where the zip's directory says."
    # Two names of one file are named.
    forged = patched(PACKED, line_of(PACKED, 2) + PLACE, "<I", 0)
    assert texts(forged) == [
        "c.txt shares its place with a.txt in the zip's directory.",
        "c.txt is not in the zip's directory.",
    ]
    # The hidden file lies in the content of the first, where only the directory leads.
    inner = pack([("b.txt", b"hidden")])[: 30 + 5 + 6]
    outer = pack([("a.txt", inner), ("b.txt", b"seen")])
    forged = patched(outer, line_of(outer, 1) + PLACE, "<I", 35)
    forged = patched(forged, line_of(outer, 1) + CHECK, "<III", *struct.unpack_from("<III", inner, 14))
    with zipfile.ZipFile(io.BytesIO(forged)) as opened:
        assert opened.read("b.txt") == b"hidden"
    assert texts(forged)[0] == "b.txt overlaps another file by what the zip's directory says."


def test_bytes_that_belong_to_no_file_are_named():
    # Before, such a file was said to be no bundle at all.
    for count in (1, 2, 3000):
        found = check_bundle(b"#" * count + BUNDLE)
        plural = "byte" if count == 1 else "bytes"
        assert [one.text for one in found.faults] == [
            f"The file holds {count:,} {plural} before index.html, its first file."
        ]
        assert found.notes == ("What is in it is as it was signed.",)
    # Before, everything behind them was said to be missing.
    begins = list(unpack(BUNDLE))[3].header.place
    body, listing = body_and_listing(BUNDLE)
    changed = bytearray(listing)
    for number in range(3, len(FILES)):
        at = line_of(BUNDLE, number) - len(body) + PLACE
        struct.pack_into("<I", changed, at, struct.unpack_from("<I", changed, at)[0] + 7)
    forged = ended(body[:begins] + b"between" + body[begins:], bytes(changed), len(FILES))
    with zipfile.ZipFile(io.BytesIO(forged)) as opened:
        assert opened.testzip() is None
    found = check_bundle(forged)
    assert [one.text for one in found.faults] == [
        "The file holds 7 bytes between dpv.jsonld and entries.jsonl that belong to neither."
    ]
    # Bytes before the directory and behind the end are named.
    body, listing = body_and_listing(BUNDLE)
    assert texts(ended(body + b"more", listing, len(FILES))) == [
        "The file holds 4 bytes between manifest.sig and its directory that belong to neither."
    ]
    assert texts(BUNDLE + b"!") == ["The file goes on for 1 byte behind the end of its zip."]
    # A comment is named.
    held = io.BytesIO(BUNDLE)
    with zipfile.ZipFile(held, "a") as opened:
        opened.comment = b"look here"
    assert texts(held.getvalue()) == ["The file carries a comment of 9 bytes."]
    # Programs that look for the first directory and such that look for the last show two different files.
    evil = pack([("index.html", b"<h1>Everything was erased.</h1>")])
    found = check_bundle(BUNDLE + evil)
    assert not found.is_whole
    assert "index.html is not in the zip's directory." in [one.text for one in found.faults]


def test_an_end_that_does_not_fit_and_too_many_files_are_one_sentence():
    # An end whose numbers do not fit is named.
    for place in (4, 6, 8, 10, 12):
        end = len(PACKED) - ZIP_END
        (value,) = struct.unpack_from("<H", PACKED, end + place)
        assert texts(patched(PACKED, end + place, "<H", value ^ 1))
    # A directory longer than the file is none.
    end = len(PACKED) - ZIP_END
    forged = patched(PACKED, end + 12, "<I", len(PACKED))
    assert texts(forged) == ["The file has no directory that can be read."]
    data = pack([*FILES.items(), *((f"{number}", b"") for number in range(5000))])
    assert texts(data) == [f"The file holds more files than are read ({MOST_MEMBERS})."]


@cache
def outside():
    """The places of the bytes that belong to no file's content."""
    inside = {place for one in unpack(BUNDLE) for place in range(one.ends - len(one.content), one.ends)}
    return sorted(set(range(len(BUNDLE))) - inside)


@given(st.data())
@pytest.mark.long
def test_no_byte_outside_of_the_contents_can_be_changed_unseen(data):
    """Headers, directory, end: any other byte there, and the bundle is not whole."""
    place = data.draw(st.sampled_from(outside()))
    value = data.draw(st.integers(0, 255).filter(lambda byte: byte != BUNDLE[place]))
    changed = bytearray(BUNDLE)
    changed[place] = value
    try:
        found = check_bundle(bytes(changed))
    except BadInput:
        return  # Refused as a whole: nothing in it is taken for evidence.
    assert found.faults
