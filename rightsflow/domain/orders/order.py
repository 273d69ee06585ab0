"""An order: what a controller asks of us, its processor, for one of its data subjects, and where that stands. Pure.

Source: https://github.com/opengdpr/OpenDSR, ``specification.md``, version 2.0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.processors.instructing import Exclusion
from rightsflow.domain.processors.opendsr import OpenDsrStatus
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedOrder:
    """An order as it was read from a controller's request.

    Args:
        request_id: By which both sides know it, a UUID of version 4.
        right: What is asked for.
        identifiers: What we are told of the person.
        submitted_at: When the controller says that it asked (aware).
        callbacks: Where it wants to be told of changes.
        exclusions: What we have to keep, since the controller has to.
        wanted_on: The day by which the controller wants it proved; ``None`` where it names none.
        processor_domain: Whom the controller says that it asks; empty where it does not say.
        digest: The SHA-256 of what is asked, without when: the same request sent again has the same.
    """

    request_id: str
    right: Right
    identifiers: Identifiers = field(repr=False)
    submitted_at: datetime
    callbacks: tuple[str, ...]
    exclusions: tuple[Exclusion, ...]
    wanted_on: date | None
    processor_domain: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order that is to be stored with its case.

    Args:
        asked: The order.
        controller: The controller's key in the configuration.
        name: Its name.
        controller_id: What both sides call it.
        systems: The systems that hold data for it; no other is searched.
        due_on: The day by which it is to be proved, in our zone.
    """

    asked: AskedOrder
    controller: str
    name: str
    controller_id: str
    systems: tuple[str, ...]
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order that the case file holds, without what it says of the person.

    Args:
        case_id: Its case.
        controller: The controller's key in the configuration.
        name: Its name.
        controller_id: What both sides call it.
        request_id: By which both sides know it.
        digest: The SHA-256 of what was asked.
        received_at: When it arrived (aware).
        systems: The systems that hold data for the controller.
        callbacks: Where the controller wants to be told of changes.
        exclusions: What we have to keep, since the controller has to.
        due_on: The day by which it is to be proved, in our zone.
        status: Where it stands.
        results: How many records its certificate speaks of; ``None`` while there is none.
        completed_at: When its certificate was made (aware), or ``None``.
        told: What the controller was told last by a callback; empty for nothing.
    """

    case_id: str
    controller: str
    name: str
    controller_id: str
    request_id: str
    digest: str
    received_at: datetime
    systems: tuple[str, ...]
    callbacks: tuple[str, ...]
    exclusions: tuple[Exclusion, ...]
    due_on: date
    status: OpenDsrStatus
    results: int | None
    completed_at: datetime | None
    told: str = ""

    @property
    def is_completed(self) -> bool:
        """True if the certificate of the order can be fetched."""
        return self.completed_at is not None

    @property
    def is_to_be_told(self) -> bool:
        """True if the controller wants notices of changes, and was not notified of the last one."""
        return bool(self.callbacks) and self.told != self.status.value


def status_of(state: CaseState, *, has_begun: bool, is_completed: bool) -> OpenDsrStatus:
    """Return the status of an order, in the words of the specification; a refusal is *cancelled* there.

    Args:
        state: Where its case stands.
        has_begun: Whether anything was done for it.
        is_completed: Whether its certificate was made.
    """
    if is_completed:
        return OpenDsrStatus.COMPLETED
    if state is CaseState.REFUSED or state.ends_unanswered:
        return OpenDsrStatus.CANCELLED
    return OpenDsrStatus.IN_PROGRESS if has_begun else OpenDsrStatus.PENDING
