"""A fee for a manifestly unfounded or excessive request, or for a further copy (Art. 12(5), 15(3) GDPR). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.rights import Right

ANSWER_DAYS: Final = 14
"""Within how many days the person is asked to choose."""
_SHORTEST: Final = 3
_AMOUNT: Final = re.compile(r"(?!0+(\.00)? )[0-9]{1,4}(\.[0-9]{2})? [A-Z]{3}")


class FeeGround(StrEnum):
    """The ground for charging a fee."""

    UNFOUNDED = "unfounded"
    EXCESSIVE = "excessive"
    FURTHER_COPY = "further copy"

    @property
    def words(self) -> str:
        """The ground, in words for the person."""
        return _WORDS[self]

    @property
    def article(self) -> str:
        """The provision, without the law's name."""
        return "Art. 15(3)" if self is FeeGround.FURTHER_COPY else "Art. 12(5)(a)"


_WORDS: Final = MappingProxyType(
    {
        FeeGround.UNFOUNDED: "it is manifestly unfounded",
        FeeGround.EXCESSIVE: "it is manifestly excessive",
        FeeGround.FURTHER_COPY: "you ask for a further copy of data of which you have one",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A fee that is to be announced.

    Args:
        ground: Why it may be charged.
        amount: How much, such as ``12.50 EUR``.
        facts: What shows the ground, in words for the person; the controller has to prove it.
        costs: Which administrative costs it covers.
    """

    ground: FeeGround
    amount: str
    facts: str
    costs: str


def read_fee(ground: str, amount: str, facts: str, costs: str, right: Right) -> Fee:
    """Read a fee as it was typed.

    Args:
        ground: Why it may be charged.
        amount: How much.
        facts: What shows the ground.
        costs: Which administrative costs it covers.
        right: What was asked for.

    Raises:
        BadInput: Something is missing or not readable.
    """
    word = ground.strip().casefold()
    if word not in set(FeeGround):
        raise BadInput(f"The ground of the fee is not known; use one of {', '.join(FeeGround)}.")
    if word == FeeGround.FURTHER_COPY and right is not Right.ACCESS:
        raise BadInput("A further copy is a matter of access requests alone (Art. 15(3) GDPR); use another ground.")
    typed = " ".join(amount.split())
    if not _AMOUNT.fullmatch(typed):
        raise BadInput("The amount is not readable; give it with its currency, such as 12.50 EUR.")
    why, what = " ".join(facts.split()), " ".join(costs.split())
    if not (why and what):
        raise BadInput("Say what shows the ground, and which administrative costs the fee covers (Art. 12(5) GDPR).")
    return Fee(ground=FeeGround(word), amount=typed, facts=why, costs=what)


def answer_by(today: date, due_on: date) -> date:
    """Return until when the person is asked to choose: in time to decide within the time limit, which goes on.

    Args:
        today: The present day in the controller's zone.
        due_on: The last day for the answer.

    Raises:
        Conflict: Too little time is left.
    """
    last = min(today + timedelta(days=ANSWER_DAYS), due_on - timedelta(days=_SHORTEST))
    if last < today + timedelta(days=_SHORTEST):
        raise Conflict(
            "It is too late to announce a fee: the person would have no time to choose before the last day; answer, or "
            "refuse with R2."
        )
    return last
