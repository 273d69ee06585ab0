"""The time in which an identifier that people have in turn, such as a device's, is one person's. Pure.

A refurbished phone has two owners, one after the other. Dated records that name a person by something stronger show
whose it was on their day. Between two such days of one person, with none of another's between them, it was theirs; a
record that bears nothing else is then judged by its date. The days that a request states count like such records, and
another person's record among them contradicts the request. Outside, and of a record without a date, no one can tell.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from rightsflow.domain.identifiers import Identifier

_FIRST_OF_CLOCKS: Final = frozenset({date(1980, 1, 1), date(1999, 9, 9), date(2000, 1, 1)})
_LATEST_UNKNOWN: Final = date(1970, 1, 1)
"""No record of a thing is older; systems and devices write the first day of their clock where they know none."""


def told_day(day: date | None, today: date) -> date | None:
    """Return the day of a record as a sign of a time; ``None`` where it means an unknown one, or is yet to come.

    Args:
        day: As its system dates it.
        today: The present day; a day more is allowed for other zones.
    """
    if day is None or day <= _LATEST_UNKNOWN or day in _FIRST_OF_CLOCKS or day > today + timedelta(days=1):
        return None
    return day


class Turn(StrEnum):
    """Whose turn a day is in."""

    SUBJECTS = "the subject's"
    OTHERS = "another person's"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TurnMark:
    """A sign of whose an identifier was.

    Args:
        identifier: The identifier.
        on: The day; ``None`` where the record has no date.
        is_subjects: Whether it was the subject's.
        is_lasting: Whether it shows whose it was and not when, as a profile in which it stands.
    """

    identifier: Identifier
    on: date | None
    is_subjects: bool
    is_lasting: bool = False


def stated_marks(stated: Iterable[Identifier]) -> Iterator[TurnMark]:
    """Yield the days that a request states, as signs at both of their ends.

    Args:
        stated: What it states of the subject.
    """
    for item in stated:
        if item.had_since or item.had_until:
            yield TurnMark(item, item.had_since or date.min, is_subjects=True)
            yield TurnMark(item, item.had_until or date.max, is_subjects=True)


@dataclass(frozen=True, slots=True)
class Turns:
    """The turns of some identifiers.

    Args:
        marks: All signs of whose they were.
    """

    marks: Iterable[TurnMark]
    _days: Mapping[Identifier, Sequence[tuple[date, bool]]] = field(init=False)
    _others: frozenset[Identifier] = field(init=False)
    _undated: frozenset[Identifier] = field(init=False)

    def __post_init__(self) -> None:
        """Sort the signs by day; of a day with signs of both it is another person's."""
        days: dict[Identifier, dict[date, bool]] = {}
        others, undated = set(), set()
        for mark in self.marks:
            if not mark.is_subjects:
                others.add(mark.identifier)
            if mark.is_lasting:
                continue
            if mark.on is not None:
                of = days.setdefault(mark.identifier, {})
                of[mark.on] = of.get(mark.on, True) and mark.is_subjects
            elif not mark.is_subjects:
                undated.add(mark.identifier)
        object.__setattr__(self, "_days", {key: sorted(of.items()) for key, of in days.items()})
        object.__setattr__(self, "_others", frozenset(others))
        object.__setattr__(self, "_undated", frozenset(undated))

    @property
    def contested(self) -> frozenset[Identifier]:
        """The identifiers that another person had at some time."""
        return self._others

    def on(self, identifier: Identifier, day: date | None) -> Turn:
        """Return whose turn a day is in: the nearest signs on both sides of it agree.

        Args:
            identifier: The identifier.
            day: The day; ``None`` where it is not known.
        """
        signs = self._days.get(identifier, ())
        if day is None or not signs or identifier in self._undated:
            return Turn.UNKNOWN
        before = bisect_right(signs, day, key=_day) - 1
        after = bisect_left(signs, day, key=_day)
        if before < 0 or after == len(signs):
            return Turn.UNKNOWN
        owned = {signs[before][1], signs[after][1]}
        if owned == {True}:
            return Turn.SUBJECTS
        return Turn.OTHERS if owned == {False} else Turn.UNKNOWN


def _day(sign: tuple[date, bool]) -> date:
    return sign[0]
