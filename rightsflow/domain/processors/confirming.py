"""Confirmation by a processor through a one-time link: its validity, and the checks of the answer. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from rightsflow.domain.processors.answering import StatedAnswer
from rightsflow.domain.processors.terms import Doubt, ProcessorAnswer

LINK_TOKEN_BYTES: Final = 32
"""Length of a link's token: 256 random bits."""
LINK_LASTS: Final = timedelta(days=14)
"""Shortest validity of a link, and its validity after the processor's deadline for proof."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationLink:
    """A link that was made for an instruction.

    Args:
        number: The instruction's number within the case.
        digest: The keyed hash of its token.
        ends_at: Until when it can be used (aware).
        is_used: Whether it was.
    """

    number: int
    digest: str
    ends_at: datetime
    is_used: bool = False

    def is_live(self, now: datetime) -> bool:
        """Return whether the link can still be used.

        Args:
            now: The present instant (aware).
        """
        return not self.is_used and now < self.ends_at


def link_ends_at(due_on: date, now: datetime) -> datetime:
    """Return the end of a new link's validity: some weeks after the processor's day, unless that is past.

    Args:
        due_on: The day by which the processor has to prove what it did.
        now: The present instant (aware).
    """
    return now + max(due_on - now.date(), timedelta()) + LINK_LASTS


def doubts_of_own_words(stated: StatedAnswer) -> tuple[Doubt, ...]:
    """Return the doubts of an answer that none of our people has read: words that a letter would quote.

    Args:
        stated: The answer.
    """
    return (Doubt.OWN_WORDS,) if stated.answer is ProcessorAnswer.CANNOT else ()
