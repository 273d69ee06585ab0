"""A zip of which there is exactly one for the same members: nothing compressed, no dates, nothing beside them.

So whoever reads one can make it again and compare every byte. Reading goes from member to member and not by the list at
the end, which anybody can make say something else. What another program compressed is read all the same, so that it can
be said what it holds, but never more of it than :data:`MOST_INFLATED` and :data:`MOST_TIMES` allow.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_LOCAL_SIGN, _CENTRAL_SIGN, _END_SIGN = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_DESCRIPTION_SIGN, _DESCRIPTION = b"PK\x07\x08", struct.Struct("<III")
_VERSION, _UNIX, _STORED, _DEFLATED, _DESCRIBED_BEHIND = 20, 3 << 8, 0, 8, 1 << 3
_TIME, _DAY = 0, 33
"""The first of January 1980: the format has no "none"."""
_OWNER_ONLY = 0o100600 << 16
MOST_INFLATED = 1 << 26
"""How many bytes come out of everything compressed in a file together."""
MOST_TIMES = 200
"""How many times its size a compressed member may come out; what people write stays far below, and bombs do not."""
CUT_OFF = "is cut off"
_AT_ONCE = 1 << 16
_OTHER_SUM = "does not have the check sum that was kept of it"


@dataclass(frozen=True, slots=True)
class Member:
    """One file in a zip.

    Args:
        name: Its name.
        content: Its bytes.
        fault: What is wrong with how it lies there, such as "is cut off"; empty if nothing is.
        is_compressed: Whether another program compressed it; its bytes are here as they come out.
        is_readable: Whether all its bytes are here.
    """

    name: str
    content: bytes
    fault: str = ""
    is_compressed: bool = False
    is_readable: bool = True


def pack(members: Iterable[tuple[str, bytes]]) -> bytes:
    """The zip of some members.

    Args:
        members: Their names, in ASCII, and their bytes, in the order in which they are to lie.
    """
    body, listing, count = bytearray(), bytearray(), 0
    for name, content in members:
        label, check, place = name.encode("ascii"), zlib.crc32(content), len(body)
        common = (0, _STORED, _TIME, _DAY, check, len(content), len(content), len(label), 0)
        body += _LOCAL.pack(_LOCAL_SIGN, _VERSION, *common) + label + content
        listing += _CENTRAL.pack(_CENTRAL_SIGN, _UNIX | _VERSION, _VERSION, *common, 0, 0, 0, _OWNER_ONLY, place)
        listing += label
        count += 1
    end = _END.pack(_END_SIGN, 0, 0, count, count, len(listing), len(body), 0)
    return bytes(body + listing + end)


def unpack(data: bytes) -> Iterator[Member]:
    """The members of a zip in the order in which they lie, as far as they can be followed.

    Args:
        data: The file, whatever it holds.
    """
    place, left = 0, MOST_INFLATED
    while data[place : place + len(_LOCAL_SIGN)] == _LOCAL_SIGN and len(data) - place >= _LOCAL.size:
        _, _, flags, method, _, _, check, size, whole, label, extra = _LOCAL.unpack_from(data, place)
        begins = place + _LOCAL.size + label + extra
        name = data[place + _LOCAL.size : place + _LOCAL.size + label].decode("utf-8", "backslashreplace")
        if method == _DEFLATED:
            member, place = _inflated(data, name, begins, None if flags & _DESCRIBED_BEHIND else check, left)
            left -= len(member.content)
        else:
            member, place = _stored(name, data[begins : begins + size], method, check, size, whole), begins + size
        yield member


def is_cut_off(data: bytes) -> bool:
    """Whether what a zip ends with is not there.

    Args:
        data: The file, whatever it holds.
    """
    place = data.rfind(_END_SIGN)
    return place < 0 or len(data) - place < _END.size


def _stored(name: str, content: bytes, method: int, check: int, size: int, whole: int) -> Member:
    if len(content) < size:
        return Member(name, content, CUT_OFF, is_readable=False)
    if method != _STORED or whole != size:
        return Member(name, content, "is compressed or encrypted in a way that is not read", is_readable=False)
    return Member(name, content, "" if zlib.crc32(content) == check else _OTHER_SUM)


def _inflated(data: bytes, name: str, begins: int, check: int | None, left: int) -> tuple[Member, int]:
    """A compressed member, and where the next one begins.

    Where it ends is taken from itself: some programs name no size before it.
    """
    inflater, content, ends = zlib.decompressobj(-zlib.MAX_WBITS), bytearray(), begins
    try:
        while ends < len(data) and not inflater.eof and len(content) <= left:
            taken = data[ends : ends + _AT_ONCE]
            content += inflater.decompress(taken, left + 1 - len(content))
            ends += len(taken) - len(inflater.unused_data)
    except zlib.error:
        return _unreadable(name, "is compressed and cannot be decompressed"), len(data)
    if len(content) > min(left, MOST_TIMES * (ends - begins)):
        what = f"comes out larger than is read ({MOST_INFLATED >> 20} MiB in all, {MOST_TIMES} times its size)"
        return _unreadable(name, what), len(data)
    if not inflater.eof:
        return _unreadable(name, CUT_OFF), len(data)
    if check is None:
        ends += len(_DESCRIPTION_SIGN) if data.startswith(_DESCRIPTION_SIGN, ends) else 0
        check = int.from_bytes(data[ends : ends + 4], "little")
        ends += _DESCRIPTION.size
    fault = "" if zlib.crc32(content) == check else _OTHER_SUM
    return Member(name, bytes(content), fault, is_compressed=True), ends


def _unreadable(name: str, fault: str) -> Member:
    return Member(name, b"", fault, is_compressed=True, is_readable=False)
