"""A request that is about a part of the data alone: the kinds and the period that the person named. Pure.

The person decides how far a request goes ("my calls of May"; recital 63 GDPR, Art. 12A UK GDPR). What lies outside is
neither given nor erased, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from rightsflow.domain.days import read_day
from rightsflow.domain.errors import BadInput
from rightsflow.domain.wording import day, listed

NOT_ASKED_FOR: Final = "not asked for"
"""The ground of what is left out because it lies outside; no officer can give it."""
OUTSIDE: Final = "Your request is not about these data."
"""Reason for leaving a record unchanged or out of the package, in a sentence for the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """The scope of a request.

    Args:
        categories: The categories, in the words of the record of processing; empty for all.
        since: The first day; ``None`` for no limit.
        until: The last day; ``None`` for no limit.
    """

    categories: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    def covers(self, category: str, occurred_on: date | None, *, if_undated: bool) -> bool:
        """Return whether a record lies within.

        Args:
            category: Its category.
            occurred_on: Its date in its system.
            if_undated: What is returned of a record without a date where a period is named.
        """
        if self.categories and category.casefold() not in {item.casefold() for item in self.categories}:
            return False
        if self.since is None and self.until is None:
            return True
        if occurred_on is None:
            return if_undated
        return (self.since or occurred_on) <= occurred_on <= (self.until or occurred_on)

    @property
    def words(self) -> str:
        """Scope in words for the person, to follow "about"."""
        what = listed(list(self.categories)) if self.categories else "personal data"
        since = f" from {day(self.since)}" if self.since else ""
        until = f" until {day(self.until)}" if self.until else ""
        return f"{what}{since}{until}"


def read_narrowing(categories: Iterable[str], since: str, until: str, known: Collection[str]) -> Narrowing | None:
    """Read what a request is about as it was typed; ``None`` where nothing narrows it.

    Args:
        categories: The categories; empty ones are passed over.
        since: The first day, like ``2026-05-01``, or empty.
        until: The last day, or empty.
        known: The categories of the record of processing.

    Raises:
        BadInput: A category is not known, or the days are not valid.
    """
    by_word = {text.casefold(): text for text in known}
    typed = [word for category in categories if (word := " ".join(category.split()).casefold())]
    if [category for category in typed if category not in by_word]:
        raise BadInput(f"A category is not known; use one of {', '.join(sorted(known))}.")
    first = read_day(since, "The first day of the period") if since.strip() else None
    last = read_day(until, "The last day of the period") if until.strip() else None
    if first and last and last < first:
        raise BadInput("The period ends before it begins; correct one of its days.")
    if not (typed or first or last):
        return None
    return Narrowing(categories=tuple(dict.fromkeys(by_word[category] for category in typed)), since=first, until=last)
