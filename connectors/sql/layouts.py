"""Layouts of the files of one call: patterns over the id that a vendor gave it and the day on which it was.

A vendor names files after an id of its own (a recording's SID, a contact's or a conversation's id), in folders of
days, with endings and further words of its own, and keeps transcripts and analyses elsewhere. Several patterns describe
all files of a call, which are one family and one record. Pure: no module but the file store looks at files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Annotated, Final, Protocol

from pydantic import AfterValidator

ID: Final = "{id}"
EVERYTHING: Final = "**"
"""The last part of a pattern that stands for all files below a folder."""
WINDOW: Final = timedelta(days=1)
"""Files of a call may be in the folder of the day before or after: midnight, other zones, an analysis made later."""
_DATE_CODES: Final = {"%Y": r"\d{4}", "%m": r"\d\d", "%d": r"\d\d"}
_CODE: Final = re.compile(r"%.?")
_LONGEST_ID: Final = 200
_SIGN: Final = re.compile(r"[^0-9A-Za-z]")
_NO_ID: Final = re.compile(r"[/\\\x00-\x1f\x7f]")


def is_id(value: str) -> bool:
    """Return True if a value can be part of a file's name, and leads to no other folder."""
    return 0 < len(value) <= _LONGEST_ID and not _NO_ID.search(value) and bool(value.strip("."))


def checked_pattern(text: str) -> str:
    """Return a pattern that can be used.

    Args:
        text: Such as ``CallRecordings/%Y/%m/%d/{id}_*.wav``.

    Raises:
        ValueError: It leads out of the location, or the id in it could be a part of another id.
    """
    parts = text.split("/")
    if not all(parts) or "\\" in text or {".", ".."} & {*parts}:
        raise ValueError("write the patterns of layout relative to files, without empty parts, . or ..")
    if text.count(ID) != 1 or re.search(r"[{}]", text.replace(ID, "")):
        raise ValueError("write {id} once in each pattern of layout, and no other field")
    if EVERYTHING in parts[:-1] or any(EVERYTHING in part for part in parts if part != EVERYTHING):
        raise ValueError("write ** as the last part of a pattern only, as in {id}/**")
    if unknown := [code for code in _CODE.findall(text) if code not in _DATE_CODES]:
        raise ValueError(f"write %Y, %m and %d for the day in a pattern of layout, not {unknown[0]}")
    before, _, after = text.partition(ID)
    if any(sign and (sign.isalnum() or sign in "*%") for sign in (before[-1:], after[:1])):
        raise ValueError("put a sign such as / _ - or . beside {id}, or CA1 could not be told from CA12")
    return text


def checked_path(text: str) -> str:
    """Return a path with wildcards that can be used.

    Args:
        text: Such as ``exports/calls-*.csv``.

    Raises:
        ValueError: It leads out of the location.
    """
    parts = text.split("/")
    if not all(parts) or "\\" in text or {".", "..", EVERYTHING} & {*parts} or re.search(r"[{}%]", text):
        raise ValueError("write a path relative to files, with * for anything within a name, without empty parts or ..")
    return text


PatternText = Annotated[str, AfterValidator(checked_pattern)]
"""A pattern of the files of one call."""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """What is under a path.

    Args:
        name: The last part of the path.
        is_folder: True for a folder.
        is_link: True for a link, which is not followed: it may lead out of the location.
        size: Bytes.
    """

    name: str = field(repr=False)
    is_folder: bool = False
    is_link: bool = False
    size: int = 0


class Folders(Protocol):
    """What has the files."""

    def entry(self, path: str) -> StoredEntry | None:
        """Return what is under a path; ``None`` if nothing is."""
        ...

    @property
    def has_links(self) -> bool:
        """True if folders may be links."""
        ...

    def listing(self, folder: str, beginning: str = "") -> list[StoredEntry]:
        """Return what is in a folder, by the beginning of its names; nothing if there is no such folder."""
        ...


@dataclass(frozen=True, slots=True)
class PathPart:
    """A part of a path that is looked for.

    Args:
        text: Its name; empty if several names fit.
        beginning: What the names that fit begin with.
        form: The names that fit.
        is_everything: True for all files below.
    """

    text: str = field(default="", repr=False)
    beginning: str = field(default="", repr=False)
    form: re.Pattern[str] | None = field(default=None, repr=False)
    is_everything: bool = False


@dataclass(frozen=True)
class Layout:
    """The patterns of one kind of file.

    Args:
        patterns: As :func:`checked_pattern` accepts them.
    """

    patterns: tuple[str, ...]

    @cached_property
    def is_dated(self) -> bool:
        """True if folders or names have the day."""
        return any("%" in pattern for pattern in self.patterns)

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The fixed folders in which each pattern begins, without those inside others; empty for the location."""
        fixed = sorted({_fixed_folder(pattern) for pattern in self.patterns})
        return tuple(
            folder for folder in fixed if not any(other != folder and is_inside(folder, other) for other in fixed)
        )

    def days(self, occurred_on: date | None) -> Sequence[date | None]:
        """Return the days whose folders may have a call's files; one ``None`` if folders have no days."""
        if not self.is_dated:
            return (None,)
        return () if occurred_on is None else around(occurred_on, WINDOW)

    def searched(self, value: str, days: Iterable[date | None]) -> Iterator[tuple[PathPart, ...]]:
        """Yield the paths to look for, part by part, for a call's id."""
        seen = set()
        for pattern in self.patterns:
            for day in days:
                filled = day.strftime(pattern) if day else pattern
                if filled not in seen:
                    seen.add(filled)
                    yield tuple(_part(part, value) for part in filled.split("/"))

    def ids_in(self, path: str) -> set[str]:
        """Return every id by which a file may be found: its name may be read in several ways."""
        return {found for pattern in self.patterns for found in _ids_by(pattern, path.split("/"))}


def fitting(parts: Sequence[PathPart], folders: Folders, folder: str = "") -> Iterator[str]:
    """Yield the files that fit the parts of a pattern, below a folder; links are not followed.

    Args:
        parts: The parts, in their order.
        folders: What has the files.
        folder: The folder; empty for the location.
    """
    part, *rest = parts
    if part.text and rest and not folders.has_links:
        # Such a store has no folders by themselves.
        yield from fitting(rest, folders, _joined(folder, part.text))
        return
    if part.form is None and not part.is_everything:
        entry = folders.entry(_joined(folder, part.text))
        found = [entry] if entry else []
    else:
        listed = folders.listing(folder, part.beginning)
        found = [item for item in listed if part.form is None or part.form.fullmatch(item.name)]
    for entry in (item for item in found if not item.is_link):
        path = _joined(folder, part.text or entry.name)
        if entry.is_folder and (rest or part.is_everything):
            yield from fitting(rest or parts, folders, path)
        elif not entry.is_folder and not rest:
            yield path


def matching(path: str, folders: Folders) -> Iterator[str]:
    """Yield the files that fit a path with wildcards, as :func:`checked_path` accepts it."""
    return fitting([_part(part, "") for part in path.split("/")], folders)


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def around(day: date, window: timedelta) -> list[date]:
    """Return the days around a day; none beyond the calendar's ends."""
    reach = range(-window.days, window.days + 1)
    return [date.fromordinal(number) for shift in reach if 1 <= (number := day.toordinal() + shift) <= _LAST]


_LAST: Final = date.max.toordinal()


def is_inside(path: str, folder: str) -> bool:
    """Return True if a path is a folder or below it; everything is in the folder without a name."""
    return not folder or path == folder or path.startswith(f"{folder}/")


def _fixed_folder(pattern: str) -> str:
    fixed: list[str] = []
    for part in pattern.split("/")[:-1]:
        if ID in part or "%" in part or "*" in part:
            break
        fixed.append(part)
    return "/".join(fixed)


def _part(part: str, value: str) -> PathPart:
    if part == EVERYTHING:
        return PathPart(is_everything=True)
    if "*" not in part:
        return PathPart(part.replace(ID, value))
    beginning = part.partition("*")[0].replace(ID, value)
    return PathPart(beginning=beginning, form=re.compile(_form(part, re.escape(value)), re.DOTALL))


def _form(part: str, value: str) -> str:
    """A part as a regular expression, with one for the id."""
    pieces = re.split(r"(\{id\}|\*|%[Ymd])", part)
    known = {ID: value, "*": "[^/]*", **_DATE_CODES}
    return "".join(known.get(piece, re.escape(piece)) for piece in pieces)


def _ids_by(pattern: str, names: Sequence[str]) -> Iterator[str]:
    parts = pattern.split("/")
    if parts[-1] == EVERYTHING:
        parts, names = parts[:-1], names[: len(parts) - 1]
    if len(parts) != len(names):
        return
    for part, name in zip(parts, names, strict=True):
        if ID not in part and not re.fullmatch(_form(part, ""), name, re.DOTALL):
            return
    part, name = next((part, name) for part, name in zip(parts, names, strict=True) if ID in part)
    edges = sorted({0, len(name), *(edge for sign in _SIGN.finditer(name) for edge in sign.span())})
    for value in (name[begin:end] for begin in edges for end in edges if begin < end):
        if is_id(value) and re.fullmatch(_form(part, re.escape(value)), name, re.DOTALL):
            yield value
