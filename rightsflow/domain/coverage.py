"""Coverage: places of a system that may hold personal data and that its configuration does not know. Pure.

A place is a table, a column, a ticket field, a prefix of keys: something that its programs made, never a value. Its
name may all the same hold one (a prefix with an address), so that only names spelt like those of programs are told;
the others are shown at the desk alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.spellings.field_names import PERSONAL, FieldSort, sort_of
from rightsflow.domain.spellings.fields import readings
from rightsflow.domain.wording import counted

LONGEST_NAME: Final = 200
_PLAIN_NAME: Final = re.compile(r"[\w .,:*/{}()?&'#+-]{1,120}")
_LONG_NUMBER: Final = re.compile(r"\d{5}|%40")
_MOST_TOLD: Final = 12
_WORDS: Final = 5
"""A value of so many words is free text."""


class PlaceKind(StrEnum):
    """A kind of place; the value is the word for people."""

    TABLE = "table"
    COLUMN = "column"
    FIELD = "field"
    TICKET_FIELD = "ticket field"
    USER_FIELD = "user field"
    BRAND = "brand"
    CHANNEL = "channel"
    PREFIX = "prefix"
    METADATA_KEY = "metadata key"

    @property
    def is_sampled(self) -> bool:
        """True if places of the kind are seen in samples alone, so that one that was not seen may be there."""
        return self in {PlaceKind.METADATA_KEY, PlaceKind.FIELD, PlaceKind.CHANNEL}


_NUMBERED: Final = frozenset({PlaceKind.TICKET_FIELD, PlaceKind.USER_FIELD, PlaceKind.BRAND})
"""Kinds of place whose names begin with the system's own number."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class SystemPlace:
    """A place that the configuration does not know.

    Args:
        kind: What it is.
        name: Its name in the system; shortened where it is long.
        looks_like: What it seems to hold: ``e-mail address``, ``free text``.
        lines: The lines of ``rightsflow.toml`` that add it; empty where a person has to find them.
    """

    kind: PlaceKind
    name: str
    looks_like: str
    lines: str = field(default="", compare=False)

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from the other places of its system."""
        return self.kind.value, self.name[:LONGEST_NAME]

    @property
    def words(self) -> str:
        """The place in words, for an alert: its name only where that is a program's."""
        return place_words(self.kind, self.name, self.looks_like)


def looks_like(key: str, values: Iterable[str]) -> str:
    """Return what a metadata key seems to hold, by its name and else by its values; empty if nothing personal.

    Args:
        key: The key.
        values: Some of its values.
    """
    sort = sort_of(key)
    if sort in PERSONAL:
        return sort.value
    found = list(values)
    if any(readings(IdentifierKind.EMAIL, value) for value in found):
        return FieldSort.EMAIL.value
    return FieldSort.FREE_TEXT.value if any(len(value.split()) >= _WORDS for value in found) else ""


def place_words(kind: PlaceKind, name: str, looks_like: str) -> str:
    """Return a place in words: its name only where it is spelt like a program's.

    Args:
        kind: What it is.
        name: Its name.
        looks_like: What it seems to hold.
    """
    is_plain = bool(_PLAIN_NAME.fullmatch(name)) and (kind in _NUMBERED or not _LONG_NUMBER.search(name))
    return f"{kind.value} {name if is_plain else 'whose name is shown at the desk only'} ({looks_like})"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedPlace:
    """A place as it was noted.

    Args:
        number: Its number.
        system: The system, by its name in the configuration.
        place: The place.
        since: When it was seen first (aware).
        accepted_by: Who accepted that it is not configured; empty while it is open.
        accepted_at: When.
    """

    number: int
    system: str
    place: SystemPlace
    since: datetime
    accepted_by: str = ""
    accepted_at: datetime | None = None


def unnoted(seen: Iterable[SystemPlace], noted: Collection[tuple[str, str]]) -> Iterator[SystemPlace]:
    """Yield the places that are not noted yet, each once.

    Args:
        seen: The places that a system now has.
        noted: The keys of those that are noted and still there.
    """
    known = set(noted)
    for place in seen:
        if place.key not in known:
            known.add(place.key)
            yield place


def alert_text(places: Collection[NotedPlace]) -> str:
    """Return the text of one alert on new places, without any value.

    Args:
        places: The places; at least one.
    """
    by_system = sorted(places, key=lambda noted: (noted.system, noted.place))
    lines = [f"{noted.system}: {noted.place.words}" for noted in by_system[:_MOST_TOLD]]
    more = [f"and {len(places) - _MOST_TOLD} more"] if len(places) > _MOST_TOLD else []
    listed = "; ".join([*lines, *more])
    return (
        f"{counted(len(places), 'place')} may hold personal data and are not in the configuration: {listed}. "
        "Add each to rightsflow.toml, or accept it at the desk on the page Coverage."
    )
