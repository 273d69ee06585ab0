"""The people and policies that act, the proof of each, and their deputies. Pure.

An :class:`Actor` is a name that also says what proves it. It goes wherever a name goes; a plain name proves nothing,
and counts as typed. An absent owner is replaced by the deputy, at once and in every alert.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Self

from rightsflow.domain.errors import BadInput

_NO_NAME: Final = re.compile(r"@|\d(?:\D{0,3}\d){4}")


def folded(name: str) -> str:
    """Return a name as names are compared: an accented letter may be written as one or as two characters.

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
        key = first
        while key in people and key not in passed:
            if key not in in_place_of:
                return key
            passed.add(key)
            key = in_place_of[key]
    return next_up[-1] if next_up else person


class Proof(StrEnum):
    """The proof that an actor is who they say, in the words of ledger and evidence."""

    TYPED = "name typed, not signed in"
    PASSWORD_AND_CODE = "signed in by password and code"  # noqa: S105 - words, and no password
    PASSKEY = "signed in by passkey"
    OIDC = "signed in by OIDC"
    POLICY = "decided by a policy of the configuration"
    LINK = "answered by a one-time link"
    SIGNATURE = "answered with a signature that was checked"
    ORDER = "known by its token as a registered controller"
    SIGNED_ORDER = "known by its token and a signature that was checked"


class Actor(str):
    """The name of the person who acts, with its proof.

    Args:
        name: The person's name as lists and evidence show it.
        role: The role in which they act, such as ``approver``; empty where the name was typed.
        proof: What proves who it is.
    """

    __slots__ = ("proof", "role")

    role: str
    proof: Proof

    def __new__(cls, name: str, *, role: str = "", proof: Proof = Proof.TYPED) -> Self:
        """Create a name with its proof."""
        made = super().__new__(cls, name)
        made.role = role
        made.proof = proof
        return made

    @property
    def is_proved(self) -> bool:
        """True if the person was signed in."""
        return self.proof is not Proof.TYPED

    def named(self, name: str) -> Actor:
        """Return the person under the name as it is stored, such as without double spaces.

        Args:
            name: The name.
        """
        return Actor(name, role=self.role, proof=self.proof)


NO_ONE_SIGNED_IN: Final = "no one signed in"
"""Name of the opener of a case that was opened in Prefect, which has no session."""
_NOT_PROVED: Final = ("", Proof.TYPED)


def proof_of(name: str) -> tuple[str, Proof]:
    """Return the role and the proof of a name; a plain name has no role and counts as typed.

    Args:
        name: Who acts.
    """
    return (name.role, name.proof) if isinstance(name, Actor) else _NOT_PROVED


def kept(name: str, as_kept: str) -> str:
    """Return a name as stored, without losing its proof.

    Args:
        name: Who acts, as given.
        as_kept: The same name, normalised.
    """
    return name.named(as_kept) if isinstance(name, Actor) else as_kept
