"""Agreement of a zip's directory with its files: some programs read by the one, some by the other.

A zip in which they disagree is two files at once: one for the check, another for the reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rightsflow.audit.evidence.archive import MOST_MEMBERS, Directory, Header, ZipMember, read_directory
from rightsflow.audit.evidence.faults import THE_FILE, Faults
from rightsflow.audit.ledger import FaultKind

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
        said = getattr(own, name)
        is_open = own.is_described_behind and name in _BEHIND and not said
        if said != getattr(listed, name) and not is_open:
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
