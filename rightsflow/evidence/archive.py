"""A zip of which there is exactly one for the same members: nothing packed, no dates, nothing beside them.

So whoever reads one can make it again and compare every byte. Reading goes from member to member and not by the list at
the end, which anybody can make say something else; since nothing is packed, what comes out is never more than the file.
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
_VERSION, _UNIX, _STORED = 20, 3 << 8, 0
_TIME, _DAY = 0, 33
"""The first of January 1980: the format has no "none"."""
_OWNER_ONLY = 0o100600 << 16


@dataclass(frozen=True, slots=True)
class Member:
    """One file in a zip.

    Args:
        name: Its name.
        content: Its bytes.
        fault: What is wrong with how it lies there, such as "is cut off"; empty if nothing is.
    """

    name: str
    content: bytes
    fault: str = ""


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
    place = 0
    while data[place : place + len(_LOCAL_SIGN)] == _LOCAL_SIGN and len(data) - place >= _LOCAL.size:
        _, _, _, method, _, _, check, size, whole, label, extra = _LOCAL.unpack_from(data, place)
        begins = place + _LOCAL.size + label + extra
        name = data[place + _LOCAL.size : place + _LOCAL.size + label].decode("utf-8", "backslashreplace")
        content = data[begins : begins + size]
        yield Member(name, content, _fault(method, check, size, whole, content))
        place = begins + size


def _fault(method: int, check: int, size: int, whole: int, content: bytes) -> str:
    if len(content) < size:
        return "is cut off"
    if method != _STORED or whole != size:
        return "is packed, which nothing in a bundle is"
    return "" if zlib.crc32(content) == check else "does not have the check sum that was kept of it"
