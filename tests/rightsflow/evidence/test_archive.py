"""The zip: read by every program, one for the same members, and safe to read whatever it holds."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsflow.evidence.archive import Member, pack, unpack

MEMBERS = [("a.txt", b"hello"), ("b.json", b"{}" * 100), ("empty", b"")]
PACKED = pack(MEMBERS)
NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=8)
LISTS = st.lists(st.tuples(NAMES, st.binary(max_size=40)), max_size=5)


def zipped(data, **options):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", **options) as made:
        made.writestr("a.txt", data)
    return held.getvalue()


def test_other_programs_read_it():
    with zipfile.ZipFile(io.BytesIO(PACKED)) as opened:
        assert opened.testzip() is None
        assert [(one, opened.read(one)) for one in opened.namelist()] == MEMBERS
        assert {one.compress_type for one in opened.infolist()} == {zipfile.ZIP_STORED}
        assert {one.external_attr >> 16 for one in opened.infolist()} == {0o100600}, "for its owner's eyes"


@given(LISTS)
def test_what_was_packed_comes_out(members):
    assert [(one.name, one.content, one.fault) for one in unpack(pack(members))] == [(*one, "") for one in members]


@settings(max_examples=300)
@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda rest: PACKED[:40] + rest))
def test_whatever_it_is_given_it_ends_and_never_gives_more_than_there_is(data):
    found = list(unpack(data))
    assert sum(len(one.content) for one in found) <= len(data)


@given(LISTS.filter(bool), st.data())
def test_no_flipped_bit_comes_out_the_same(members, data):
    packed = pack(members)
    at = data.draw(st.integers(0, len(packed) * 8 - 1))
    flipped = bytearray(packed)
    flipped[at // 8] ^= 1 << at % 8
    found = list(unpack(bytes(flipped)))
    try:
        again = pack((one.name, one.content) for one in found)
    except (UnicodeEncodeError, OverflowError):
        return
    assert again != bytes(flipped) or any(one.fault for one in found)


def test_a_member_that_is_cut_off_says_so():
    assert list(unpack(PACKED[:37])) == [Member("a.txt", b"he", "is cut off")]


def test_a_member_that_is_packed_is_not_unpacked():
    bomb = zipped(b"0" * 5_000_000, compression=zipfile.ZIP_DEFLATED)
    (found,) = unpack(bomb)
    assert found.fault == "is packed, which nothing in a bundle is"
    assert len(found.content) < len(bomb)


def test_a_member_whose_check_sum_does_not_fit_says_so():
    altered = PACKED.replace(b"hello", b"jello")
    assert [one.fault for one in unpack(altered)] == ["does not have the check sum that was kept of it", "", ""]


def test_names_that_are_no_text_are_shown_by_their_bytes():
    altered = PACKED.replace(b"a.txt", b"\xff.txt")
    assert next(unpack(altered)).name == "\\xff.txt"


def test_only_ascii_names_are_packed():
    with pytest.raises(UnicodeEncodeError):
        pack([("ä", b"")])
