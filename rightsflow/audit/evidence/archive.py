"""A zip of which there is exactly one for the same members: nothing compressed, no dates, nothing beside them.

So a reader can make it again and compare every byte. Reading goes from member to member; the directory at the
end, by which other programs go and which anybody can make say something else, only tells where the next member begins
when something else lies before it (:mod:`rightsflow.audit.evidence.archive` compares the two). What another program
compressed is read all the same, so that it can be said what it holds, but never more of it than :data:`MOST_INFLATED`
and :data:`MOST_TIMES` allow.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from rightsflow.audit.ledger import Fault, FaultKind

THE_FILE = "the file"
"""The name of the whole file in faults."""
_LONGEST_SHOWN = 80
_LONGEST_SENTENCE = 400


class Faults(list[Fault]):
    """The faults found so far."""

    def note(self, kind: FaultKind, place: str, what: str) -> None:
        """Add a fault.

        Args:
            kind: What was done.
            place: To what, a name of the file's own or out of it.
            what: The rest of the sentence that begins with the place.
        """
        named = shown(place)
        begun = named if "." in named.split(" ", maxsplit=1)[0] else f"{named[:1].upper()}{named[1:]}"
        self.append(Fault(kind, named, f"{begun} {what}."))


def printable(fault: Fault) -> Fault:
    """Return a fault whose place and text may hold names from the file, fit to be printed."""
    return Fault(fault.kind, shown(fault.place), shown(fault.text, _LONGEST_SENTENCE))


def shown(text: str, longest: int = _LONGEST_SHOWN) -> str:
    """Return a name from a file, or a sentence with such names, fit to be printed.

    Args:
        text: The text, whatever it holds.
        longest: After how many letters it breaks off.
    """
    known = text.replace("…", "")
    plain = text if known.isascii() and known.isprintable() else ascii(text)[1:-1]
    return plain if len(plain) <= longest else f"{plain[:longest]}…"


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
"""The largest total size, in bytes, of all compressed members of a file once decompressed."""
MOST_TIMES = 200
"""The largest ratio of a member's size to its compressed size; text stays far below, zip bombs do not."""
CUT_OFF = "is cut off"
_AT_ONCE = 1 << 16
_OTHER_SUM = "does not have the check sum that was kept of it"
MOST_MEMBERS = 64
"""The largest number of members, and of lines of a directory, that are read."""


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a zip's member, which occurs twice: before the member and in the zip's directory.

    Args:
        name: The member's name; bytes that are no text are shown by their numbers.
        place: Where the member's own header begins.
        flags: How it is stored: encrypted, with its sizes behind it, with a name in UTF-8.
        method: How it is compressed; 0 for not at all.
        written: When it was last changed, in the format's own two numbers.
        check: Its check sum (CRC-32).
        size: How many bytes it takes in the zip.
        whole: How many it has.
    """

    name: str
    place: int
    flags: int
    method: int
    written: tuple[int, int]
    check: int
    size: int
    whole: int

    @property
    def is_described_behind(self) -> bool:
        """True if the member's check sum and sizes may follow it instead."""
        return bool(self.flags & _DESCRIBED_BEHIND)


@dataclass(frozen=True, slots=True)
class Directory:
    """The directory at the end of a zip.

    Args:
        lines: What it says of each member, in the order in which it does; at most :data:`MOST_MEMBERS`.
        counted: How many members it says that there are.
        begins: Where it begins.
        ends: Where the zip ends, its comment not included.
        comment: How many bytes of comment it says that there are.
        is_whole: Whether the lines fill it, on one disk.
    """

    lines: tuple[Header, ...]
    counted: int
    begins: int
    ends: int
    comment: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class ZipMember:
    """A file in a zip.

    Args:
        name: Its name.
        content: Its bytes.
        fault: What is wrong with how it lies there, such as "is cut off"; empty if nothing is.
        is_compressed: Whether another program compressed it; its bytes are here as they come out.
        is_readable: Whether all its bytes are here.
        header: What it says of itself.
        ends: Where it ends in the zip.
    """

    name: str
    content: bytes
    fault: str = ""
    is_compressed: bool = False
    is_readable: bool = True
    header: Header | None = field(default=None, compare=False)
    ends: int = field(default=0, compare=False)


def pack(members: Iterable[tuple[str, bytes]]) -> bytes:
    """Pack members into a zip.

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


def unpack(data: bytes, *, most: int = MOST_INFLATED) -> Iterator[ZipMember]:
    """Yield the members of a zip in their physical order, as far as they can be read; the first 64 at most.

    Args:
        data: The file, whatever it holds.
        most: How many bytes of compressed members are read, decompressed.
    """
    directory = read_directory(data)
    listed = sorted({line.place for line in directory.lines}, reverse=True) if directory else []
    place, left = 0, most
    for _ in range(MOST_MEMBERS):
        while listed and not _is_header(data, place):
            place = max(place, listed.pop())
        if not _is_header(data, place):
            return
        member = _member(data, place, left)
        left -= len(member.content) if member.is_compressed else 0
        place = member.ends
        yield member


def read_directory(data: bytes) -> Directory | None:
    """Read the directory at the end of a zip; ``None`` if it cannot be found, or belongs to a zip over 4 GiB.

    Args:
        data: The file, whatever it holds.
    """
    if is_cut_off(data):
        return None
    ends = data.rfind(_END_SIGN)
    _, disk, first_disk, here, counted, size, offset, comment = _END.unpack_from(data, ends)
    begins = ends - size
    if begins < 0:
        return None
    # Other programs take what is too much before the directory for something that stands before the whole zip.
    lines: list[Header] = []
    place = begins
    while len(lines) < MOST_MEMBERS and place + _CENTRAL.size <= ends and data.startswith(_CENTRAL_SIGN, place):
        line, place = _listed(data, place, begins - offset)
        lines.append(line)
    is_whole = (place == ends or len(lines) == MOST_MEMBERS) and (disk, first_disk, here) == (0, 0, counted)
    return Directory(tuple(lines), counted, begins, ends + _END.size, comment, is_whole)


def is_cut_off(data: bytes) -> bool:
    """Return whether the end of a zip is missing.

    Args:
        data: The file, whatever it holds.
    """
    place = data.rfind(_END_SIGN)
    return place < 0 or len(data) - place < _END.size


def _is_header(data: bytes, place: int) -> bool:
    return place >= 0 and data.startswith(_LOCAL_SIGN, place) and len(data) - place >= _LOCAL.size


def _member(data: bytes, place: int, left: int) -> ZipMember:
    """Return the member whose header begins at a place, decompressed up to the remaining limit."""
    _, _, flags, method, time, day, check, size, whole, label, extra = _LOCAL.unpack_from(data, place)
    begins = place + _LOCAL.size + label + extra
    name = _text(data[place + _LOCAL.size : place + _LOCAL.size + label])
    header = Header(name, place, flags, method, (time, day), check, size, whole)
    if method == _DEFLATED:
        member, ends = _inflated(data, name, begins, None if header.is_described_behind else check, left)
    else:
        member, ends = _stored(name, data[begins : begins + size], method, check, size, whole), begins + size
    return replace(member, header=header, ends=ends)


def _listed(data: bytes, place: int, shift: int) -> tuple[Header, int]:
    """Return the header in a line of the directory, and the place of the next line."""
    entry = _CENTRAL.unpack_from(data, place)
    flags, method, time, day, check, size, whole, label, extra, comment = entry[3:13]
    begins = place + _CENTRAL.size
    name = _text(data[begins : begins + label])
    header = Header(name, entry[16] + shift, flags, method, (time, day), check, size, whole)
    return header, begins + label + extra + comment


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")


def _stored(name: str, content: bytes, method: int, check: int, size: int, whole: int) -> ZipMember:
    if len(content) < size:
        return ZipMember(name, content, CUT_OFF, is_readable=False)
    if method != _STORED or whole != size:
        return ZipMember(name, content, "is compressed or encrypted in a way that is not read", is_readable=False)
    return ZipMember(name, content, "" if zlib.crc32(content) == check else _OTHER_SUM)


def _inflated(data: bytes, name: str, begins: int, check: int | None, left: int) -> tuple[ZipMember, int]:
    """Inflate a compressed member; returns it, and where the next one begins.

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
    return ZipMember(name, bytes(content), fault, is_compressed=True), ends


def _unreadable(name: str, fault: str) -> ZipMember:
    return ZipMember(name, b"", fault, is_compressed=True, is_readable=False)


_COMPARED = {
    "flags": "flags",
    "method": "method",
    "written": "date",
    "check": "check sum",
    "size": "size",
    "whole": "size when decompressed",
}
_BEHIND = frozenset({"check", "size", "whole"})
"""The fields that a member written as a stream may leave open in its own header."""


def check_directory(data: bytes, members: Sequence[ZipMember], faults: Faults) -> None:
    """Note where a zip's directory and its files disagree, and data that belong to neither.

    Args:
        data: The zip, which is not cut off.
        members: Its members in the order in which they lie.
        faults: Where what is found is noted.
    """
    directory = read_directory(data)
    if directory is None:
        faults.note(FaultKind.ALTERED, THE_FILE, "has no directory that can be read")
        return
    _check_ends(data, directory, faults)
    if max(len(directory.lines), len(members)) >= MOST_MEMBERS:
        faults.note(FaultKind.ADDED, THE_FILE, f"holds more files than are read ({MOST_MEMBERS})")
        return
    _check_lines(directory, members, faults)
    _check_gaps(directory, members, faults)


def _check_ends(data: bytes, directory: Directory, faults: Faults) -> None:
    behind = len(data) - directory.ends
    if directory.comment and behind >= directory.comment:
        faults.note(FaultKind.ADDED, THE_FILE, f"carries a comment of {_bytes(directory.comment)}")
    if behind != directory.comment:
        faults.note(FaultKind.ADDED, THE_FILE, f"goes on for {_bytes(behind)} behind the end of its zip")
    if not directory.is_whole or directory.counted < len(directory.lines):
        faults.note(FaultKind.ALTERED, THE_FILE, "has a directory that does not hold together")


def _check_lines(directory: Directory, members: Sequence[ZipMember], faults: Faults) -> None:
    own = {member.header.place: member.header for member in members if member.header}
    taken: dict[int, Header] = {}
    for line in directory.lines:
        if line.place in taken:
            what = f"shares its place with {taken[line.place].name} in the zip's directory"
            faults.note(FaultKind.ADDED, line.name, what)
        elif line.place in own:
            _compare(own[line.place], line, faults)
        elif any(member.header and member.header.place < line.place < member.ends for member in members):
            faults.note(FaultKind.ALTERED, line.name, "overlaps another file by what the zip's directory says")
        else:
            faults.note(FaultKind.ALTERED, line.name, "does not lie where the zip's directory says")
        taken.setdefault(line.place, line)
    for place, header in own.items():
        if place not in taken:
            faults.note(FaultKind.ADDED, header.name, "is not in the zip's directory")


def _compare(own: Header, listed: Header, faults: Faults) -> None:
    if own.name != listed.name:
        faults.note(FaultKind.ALTERED, own.name, f"is called {listed.name} in the zip's directory")
    if others := " and ".join(_differences(own, listed)):
        what = f"has another {others} in the zip's directory than in its own header"
        faults.note(FaultKind.ALTERED, own.name, what)


def _differences(own: Header, listed: Header) -> Iterator[str]:
    for name, called in _COMPARED.items():
        value = getattr(own, name)
        is_open = own.is_described_behind and name in _BEHIND and not value
        if value != getattr(listed, name) and not is_open:
            yield called


def _check_gaps(directory: Directory, members: Sequence[ZipMember], faults: Faults) -> None:
    placed = [(member.header.place, member.ends, member.name) for member in members if member.header]
    if placed and placed[0][0]:
        faults.note(FaultKind.ADDED, THE_FILE, f"holds {_bytes(placed[0][0])} before {placed[0][2]}, its first file")
    places = [*placed, (directory.begins, directory.ends, "its directory")]
    for (_, ends, name), (begins, _, following) in pairwise(places):
        if begins > ends:
            what = f"holds {_bytes(begins - ends)} between {name} and {following} that belong to neither"
            faults.note(FaultKind.ADDED, THE_FILE, what)


def _bytes(count: int) -> str:
    return f"{count:,} byte{'' if count == 1 else 's'}"
