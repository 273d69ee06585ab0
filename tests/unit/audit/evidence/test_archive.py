"""The zip: read by every program, one for the same members, and safe to read whatever it holds."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.audit.evidence.archive import MOST_TIMES, ZipMember, is_cut_off, pack, unpack

MEMBERS = [("a.txt", b"hello"), ("b.json", b"{}" * 100), ("empty", b"")]
PACKED = pack(MEMBERS)
NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=8)
LISTS = st.lists(st.tuples(NAMES, st.binary(max_size=40)), max_size=5)


def zipped(data, **options):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", **options) as made:
        made.writestr("a.txt", data)
    return held.getvalue()


def test_what_is_packed_is_read_by_others_and_only_under_ascii_names():
    # Other programs read it.
    with zipfile.ZipFile(io.BytesIO(PACKED)) as opened:
        assert opened.testzip() is None
        assert [(one, opened.read(one)) for one in opened.namelist()] == MEMBERS
        assert {one.compress_type for one in opened.infolist()} == {zipfile.ZIP_STORED}
        assert {one.external_attr >> 16 for one in opened.infolist()} == {0o100600}, "for its owner's eyes"
    altered = PACKED.replace(b"a.txt", b"\xff.txt")
    assert next(unpack(altered)).name == "\\xff.txt"
    with pytest.raises(UnicodeEncodeError):
        pack([("ä", b"")])


@given(LISTS)
def test_what_was_packed_comes_out(members):
    assert [(one.name, one.content, one.fault) for one in unpack(pack(members))] == [(*one, "") for one in members]


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda rest: PACKED[:40] + rest))
def test_whatever_it_is_given_it_ends_and_never_gives_more_than_it_may(data):
    found = list(unpack(data))
    assert sum(len(one.content) for one in found) <= len(data) * MOST_TIMES
    assert sum(len(one.content) for one in found if not one.is_compressed) <= len(data)


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


def test_a_member_that_is_cut_off_or_does_not_fit_its_check_sum_says_so():
    # A member that is cut off says so.
    assert list(unpack(PACKED[:37])) == [ZipMember("a.txt", b"he", "is cut off", is_readable=False)]
    compressed = zipped(bytes(range(256)) * 9, compression=zipfile.ZIP_DEFLATED)
    assert next(unpack(compressed[:100])) == ZipMember("a.txt", b"", "is cut off", True, False)
    # A file is cut off where its end is not there.
    assert not is_cut_off(PACKED)
    assert not is_cut_off(PACKED + b"more")
    assert all(is_cut_off(PACKED[:length]) for length in range(len(PACKED)))
    # What is no compressed stream says so.
    compressed = bytearray(zipped(b"0" * 500, compression=zipfile.ZIP_DEFLATED))
    compressed[35:38] = b"\xff\xff\xff"
    assert next(unpack(bytes(compressed))).fault == "is compressed and cannot be decompressed"
    # A compressed member whose check sum does not fit says so.
    compressed = bytearray(zipped(b"hello", compression=zipfile.ZIP_DEFLATED))
    compressed[14] ^= 1
    (found,) = unpack(bytes(compressed))
    assert (found.content, found.fault) == (b"hello", "does not have the check sum that was kept of it")
    altered = PACKED.replace(b"hello", b"jello")
    assert [one.fault for one in unpack(altered)] == ["does not have the check sum that was kept of it", "", ""]


class Stream(io.BytesIO):
    """A file to which no program can go back, so that sizes stand behind the members."""

    def seekable(self):
        return False

    def tell(self):
        raise OSError


def test_what_is_compressed_comes_out_within_one_bound():
    # What another program compressed comes out wherever it put the sizes.
    for held in (io.BytesIO(), Stream()):
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
            for name, content in MEMBERS:
                made.writestr(name, content)
        found = list(unpack(held.getvalue()))
        assert [(one.name, one.content, one.fault) for one in found] == [(*one, "") for one in MEMBERS]
        assert all(one.is_compressed and one.is_readable for one in found)
    # A bomb does not go off.
    bomb = zipped(b"0" * 5_000_000, compression=zipfile.ZIP_DEFLATED)
    (found,) = unpack(bomb)
    assert found.fault == "comes out larger than is read (64 MiB in all, 200 times its size)"
    assert (found.content, found.is_readable) == (b"", False)
    # All that is compressed comes out within one bound.
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for number in range(5):
            made.writestr(str(number), bytes(range(256)) * 10)
    found = list(unpack(held.getvalue(), most=7000))
    assert [len(one.content) for one in found] == [2560, 2560, 0]
    # Other ways to compress are not read.
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        (found,) = unpack(zipped(b"0" * 500, compression=method))
        assert found.fault == "is compressed or encrypted in a way that is not read"
        assert not found.is_readable
