"""Holds: on records that a claim needs, and on the evidence of a case. Pure.

Establishment, exercise or defence of legal claims (Art. 17(3)(e) GDPR). A legal hold covers what its scope names and
nothing else: one person, one case, one system, one category of data, or several of these together. Evidence under a
hold is kept beyond its period and only stored meanwhile (Art. 18(2) GDPR).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from rightsflow.domain.deadlines.periods import add_months
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.identifiers import IdentifierKind, kind_words
from rightsflow.domain.wording import counted

REVIEW_MONTHS: Final = 6
"""After how many months at the latest a hold is reviewed: one that is never looked at would keep data for ever."""
RELEASED: Final = "the legal matter is over"
"""End of the retention of a record under a hold; the record is recognised by these words."""
REASON: Final = "The record is needed for a legal claim that is pending or to be expected."


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldScope:
    """The records that a hold covers; an empty field sets no limit, and at least one field is not empty.

    Args:
        persons: The keyed hashes of a person's identifiers.
        kinds: Of which kinds they are; empty where that is not known.
        case_id: A case.
        system: A system, by its name in the configuration.
        category: A category of data, in the words of the record of processing.
    """

    persons: tuple[str, ...] = ()
    kinds: tuple[IdentifierKind, ...] = ()
    case_id: str = ""
    system: str = ""
    category: str = ""

    def covers(self, system: str, category: str) -> bool:
        """Return whether the hold covers a record of a case within its scope.

        Args:
            system: Where it lies.
            category: Its category.
        """
        return self.system in {"", system} and self.category.casefold() in {"", category.casefold()}

    @property
    def is_shared(self) -> bool:
        """True if the hold covers everyone who shares a number: it names one, and no case that shows the person.

        A number may be a household's, a switchboard's or a former holder's. An address is taken for one person's.
        """
        return not self.case_id and any(kind is not IdentifierKind.EMAIL for kind in self.kinds)

    @property
    def _whose(self) -> str:
        if not self.is_shared:
            return "one person"
        return f"all who share {' or '.join(f'the {kind_words(kind)[0]}' for kind in sorted(self.kinds))}"

    @property
    def words(self) -> str:
        """The scope for people, without personal data."""
        parts = (
            self._whose if self.persons else "",
            f"case {self.case_id}" if self.case_id else "",
            self.system,
            self.category,
        )
        return ", ".join(filter(None, parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHold:
    """A hold; its matter may name people and is kept encrypted.

    Args:
        number: What it is called by.
        scope: Which records it covers.
        owner: The key of the person or role responsible for it.
        placed_by: Who placed it.
        placed_at: When (aware).
        review_on: The day by which it has to be reviewed, in the controller's zone.
        approved_by: Who approved it as a second person; empty while no one has.
        released_at: When it was released (aware); ``None`` while it is in force.
        released_by: Who released it.
    """

    number: int
    scope: HoldScope
    owner: str
    placed_by: str
    placed_at: datetime
    review_on: date
    approved_by: str = ""
    released_at: datetime | None = None
    released_by: str = ""

    @property
    def is_in_force(self) -> bool:
        """True if the hold keeps records from being erased; it applies before a second person approves it."""
        return self.released_at is None

    def stands(self, today: date) -> str:
        """Return the hold's status on a day, in words.

        Args:
            today: The present day in the controller's zone.
        """
        if not self.is_in_force:
            return "released"
        if self.review_on < today:
            return "review overdue"
        return "in force" if self.approved_by else "in force, not approved"


def check_review(review_on: date, today: date) -> None:
    """Refuse a day of review that is over or too far ahead.

    Args:
        review_on: The day.
        today: The present day in the same zone.

    Raises:
        BadInput: It is.
    """
    last = add_months(today, REVIEW_MONTHS)
    if not today <= review_on <= last:
        raise BadInput(f"A hold is reviewed within {REVIEW_MONTHS} months; give a day from {today} to {last}.")


def refuse_unconfirmed(scope: HoldScope, covered: int, confirmed: int | None) -> None:
    """Refuse a hold on a number until who places it has confirmed how many cases it covers.

    Args:
        scope: Which records it covers.
        covered: How many cases share an identifier of it at present, closed ones too.
        confirmed: How many the person said; ``None`` where they said nothing.

    Raises:
        Conflict: They did not confirm the number.
    """
    if scope.is_shared and confirmed != covered:
        doubt = "" if covered else " No case has it, so check how it is written."
        raise Conflict(
            f"The hold would cover {scope.words}: {counted(covered, 'case')} at present, and each that comes. Others' "
            f"records would be kept too.{doubt} Name the case that it is about, or confirm that it covers {covered}."
        )


@dataclass(frozen=True, slots=True)
class EvidenceHold:
    """A hold that was placed and not lifted.

    Args:
        until: The last day of it; ``None``: until it is lifted.
    """

    until: date | None

    def is_in_force(self, today: date) -> bool:
        """Return whether the hold is in force on a day in the controller's zone."""
        return self.until is None or self.until >= today


def refuse_hold(until: date | None, *, today: date) -> None:
    """Refuse a hold that would be over.

    Args:
        until: Its last day; ``None``: until it is lifted.
        today: The present day in the controller's zone.

    Raises:
        BadInput: That day is over.
    """
    if until is not None and until < today:
        raise BadInput("The last day of the hold is over already; give a later day, or none to hold it until lifted.")


def refuse_release(hold: EvidenceHold | None, case_id: str) -> None:
    """Refuse to lift a hold that does not exist.

    Args:
        hold: The hold, in force or over.
        case_id: The case.

    Raises:
        Conflict: There is none.
    """
    if hold is None:
        raise Conflict(f"The evidence of {case_id} is not held; there is nothing to lift.")


def hold_reason(typed: str) -> str:
    """Return the reason for holding evidence, or for ending the hold.

    Raises:
        BadInput: It is missing.
    """
    if not typed.strip():
        raise BadInput("The reason is missing; name the complaint or the claim, or how it ended.")
    return typed
