"""Changes of what a case knows of its person: identifiers and the postal address. Pure.

An identifier that is added widens the search, and an address leads the answer elsewhere. Once identity is confirmed,
nothing proves that the addition is this person's, so a second person approves it (Art. 5(1)(f), 32 GDPR).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.identifiers import Identifier
from rightsflow.domain.people import same_person
from rightsflow.domain.vocabulary.states import CaseState

POSTAL_ADDRESS = "postal address"
"""The kind of a change of the postal address, by which no one is searched for."""


class ChangeAct(StrEnum):
    """The sort of a change."""

    ADD = "add"
    CORRECT = "correct"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChange:
    """A change of one identifier, or of the postal address.

    Args:
        old: The identifier that goes; ``None`` if one is only added.
        new: The identifier that comes; ``None`` if one is only removed.
        address: The new postal address, empty for none; ``None`` if the change is about an identifier.
    """

    old: Identifier | None = None
    new: Identifier | None = None
    address: str | None = field(default=None, repr=False)

    @property
    def act(self) -> ChangeAct:
        """The sort of the change."""
        if self.address is not None:
            return ChangeAct.CORRECT if self.address else ChangeAct.REMOVE
        return ChangeAct.CORRECT if self.old and self.new else ChangeAct.ADD if self.new else ChangeAct.REMOVE

    @property
    def kind(self) -> str:
        """The kind of what is changed."""
        concerned = self.new or self.old
        return concerned.kind.value if concerned else POSTAL_ADDRESS

    @property
    def is_about_identifiers(self) -> bool:
        """True if an identifier is changed, by which records are found or told apart."""
        return self.address is None

    @property
    def widens(self) -> bool:
        """True if more records may be found, or the answer may go elsewhere."""
        return bool(self.address) or (self.new is not None and self.new.is_searchable)


def needs_second_person(change: PersonChange, *, identity_is_clear: bool) -> bool:
    """Return whether a second person has to approve a change.

    Args:
        change: The change.
        identity_is_clear: Whether identity was confirmed, by what was known before.
    """
    return identity_is_clear and change.widens


def refuse_late_change(case_id: str, state: CaseState) -> None:
    """Refuse to change what is known of a person whose case is decided.

    Args:
        case_id: The case.
        state: Its state.

    Raises:
        Conflict: The case is settled, or its decision is being carried out.
    """
    if state.is_settled or state is CaseState.EXECUTING:
        raise Conflict(
            f"{case_id} is {state.value}, so what is known of the person cannot change any more; open a further "
            "request for what it leaves out."
        )


def refuse_during_search(state: CaseState, change: PersonChange) -> None:
    """Refuse that an identifier changes while the systems are searched by the old ones.

    Args:
        state: The state of the case.
        change: The change.

    Raises:
        Conflict: They are being searched.
    """
    if state is CaseState.IN_PROGRESS and change.is_about_identifiers:
        raise Conflict("The systems are being searched; do this once the case waits for the approval.")


def refuse_own_change(by: str, *, proposed_by: str) -> None:
    """Refuse that a change is approved by the person who proposed it.

    Args:
        by: The person who approves.
        proposed_by: The person who proposed it.

    Raises:
        Conflict: It is the same person.
    """
    if same_person(by, proposed_by):
        raise Conflict("The person who proposed the change cannot approve it; another person has to (four eyes).")


def checked_change(
    change: PersonChange, present: Iterable[Identifier], removable: Iterable[Identifier], address: str
) -> PersonChange:
    """Return a change if it changes something and leaves the person findable.

    Args:
        change: The change.
        present: The identifiers that the case knows.
        removable: Those of them that the request or a colleague gave.
        address: The present postal address; empty for none.

    Raises:
        BadInput: It changes nothing, removes what a system names, or leaves nothing to search by.
    """
    if change.address is not None:
        if change.address == address:
            raise BadInput("That is the postal address already; nothing has changed.")
        return change
    known = frozenset(present)
    if change.new in known:
        raise BadInput("The case knows this already; nothing has changed.")
    if change.old is not None and change.old not in frozenset(removable):
        raise BadInput("A system names this; correct it there, then have the systems searched again.")
    left = (known - {change.old}) | ({change.new} if change.new else set())
    if not any(item.is_searchable for item in left):
        raise BadInput("Nothing would be left to search by; correct the identifier instead of removing it.")
    return change
