"""Deputies: an absent owner is replaced by the deputy, at once and in every alert. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from rightsflow.domain.errors import BadInput

_NO_NAME: Final = re.compile(r"@|\d(?:\D{0,3}\d){4}")


def folded(name: str) -> str:
    """A name as names are compared: one accented letter may be written as one or as two characters.

    Args:
        name: The name.
    """
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def same_person(text: str, other: str) -> bool:
    """Return whether two names are one person's, however they are written; four eyes are two people."""
    return folded(text) == folded(other)


def refuse_no_colleague(name: str, subject: Iterable[str] = ()) -> None:
    """Refuse an address, a number or the data subject's name as the name of a colleague.

    It would stand in the ledger, in the evidence and in lists, where nothing of the subject may stand.

    Args:
        name: What was given as the own name.
        subject: The names of the data subject, as far as they are known.

    Raises:
        BadInput: It is no name, or the data subject's.
    """
    if _NO_NAME.search(name):
        raise BadInput("Your name holds an address or a number; give your own name and nothing of the data subject.")
    if folded(name) in {folded(text) for text in subject}:
        raise BadInput("That is the name of the data subject; give your own.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A person's absence, with the deputy.

    Args:
        person: The key of the absent person or role.
        deputy: The key of the deputy.
        first_on: The first day, in the controller's zone.
        last_on: The last day, which counts.

    Raises:
        BadInput: The end lies before the start, or a person stands in for themself.
    """

    person: str
    deputy: str
    first_on: date
    last_on: date

    def __post_init__(self) -> None:
        """Refuse an absence that is none."""
        if self.last_on < self.first_on:
            raise BadInput("The absence ends before it begins; check the two days.")
        if self.person == self.deputy:
            raise BadInput("No person can stand in for themself; name another person as deputy.")

    def covers(self, day: date) -> bool:
        """Return whether the person is absent on a day."""
        return self.first_on <= day <= self.last_on


def answering(
    person: str, on: date, absences: Iterable[Absence], people: Collection[str], next_up: Sequence[str]
) -> str:
    """Return the person who answers for a person on a day: themself, or the deputy, or the deputy's deputy.

    Args:
        person: The key of the person or role.
        on: The day, in the controller's zone.
        absences: All recorded absences; of several that overlap the one recorded last counts.
        people: The keys of everybody there is. A deputy who is not among them is none.
        next_up: Who answers, or whose deputy, where all deputies are absent too: the next one up, and those above. If
            all of them are absent, the highest hears of it all the same.
    """
    in_place_of = {absence.person: absence.deputy for absence in absences if absence.covers(on)}
    passed: set[str] = set()
    for first in (person, *next_up):
        found = first
        while found in people and found not in passed:
            if found not in in_place_of:
                return found
            passed.add(found)
            found = in_place_of[found]
    return next_up[-1] if next_up else person
