"""The people of a controller's years with what their letters say, and the result of the years."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from proofs.years.promises import Promises
from rightsflow.domain.identifiers import IdentifierKind, Identifiers

Held: TypeAlias = Counter[str]
"""How many records each system has of a person."""


@dataclass(slots=True)
class Person:
    """A person, their case, and what their letters say.

    Args:
        known: What identifies them.
        case_id: Their case.
        promised: What their letters promise.
        advertising_case: The case of their objection to direct marketing, or of the consent that they withdrew, if any.
        advertising_promised: What the letters of that case promise.
        restriction_case: The case of the restriction that they asked for, if any.
        restriction_promised: What the letters of that case promise.
        holds: The holds that cover them.
        freed_on: The day on which the last of these was released.
        held: How many records each system had when the first of these was placed.
    """

    known: Identifiers
    case_id: str = ""
    promised: Promises = field(default_factory=Promises)
    advertising_case: str = ""
    advertising_promised: Promises = field(default_factory=Promises)
    restriction_case: str = ""
    restriction_promised: Promises = field(default_factory=Promises)
    holds: set[int] = field(default_factory=set)
    freed_on: date = date.min
    held: Held = field(default_factory=Counter)

    @property
    def email(self) -> str:
        """Their address."""
        return next(one.value for one in self.known if one.kind is IdentifierKind.EMAIL)

    @property
    def promised_by_case(self) -> dict[str, Promises]:
        """What the letters of each of their cases promise."""
        cases = {
            self.case_id: self.promised,
            self.advertising_case: self.advertising_promised,
            self.restriction_case: self.restriction_promised,
        }
        return {case_id: promised for case_id, promised in cases.items() if case_id}


@dataclass(slots=True)
class Years:
    """The result of the years of one controller.

    Args:
        country: The controller's country.
        cases: How many erasures were answered.
        objections: How many objected to direct marketing before, or withdrew their consent.
        restrictions: How many had the use of their data restricted before, until they were told that this ends.
        kept: How many records their letters say are kept.
        looks: On how many days the systems were compared with the letters.
        holds: How many holds were placed.
        restores: How many times a system was restored from a snapshot.
        purged: How many cases were purged.
        findings: What was not as the letters say.
    """

    country: str
    cases: int = 0
    objections: int = 0
    restrictions: int = 0
    kept: int = 0
    looks: int = 0
    holds: int = 0
    restores: int = 0
    purged: int = 0
    findings: list[str] = field(default_factory=list)
