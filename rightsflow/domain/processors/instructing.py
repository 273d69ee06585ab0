"""Instructions of a case: their recipients, due days and exclusions. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from rightsflow.domain.identifiers import Identifier, IdentifierKind
from rightsflow.domain.processors.terms import Action, ProcessorChannel, ProcessorRole

MARGIN: Final = timedelta(days=7)
"""Time between a processor's due day and the target date, so that a reminder still helps."""
NOTICE_DAYS: Final = 5
"""Within how many days a recipient is told of an erasure (Art. 19 GDPR, without delay; good practice)."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Records that a processor has to keep, since the controller has to.

    Args:
        category: In the words of the record of processing.
        provision: The provision that demands it.
        until: The last day; ``None`` where another event ends it.
        ends_when: That event, in words.
    """

    category: str
    provision: str
    until: date | None = None
    ends_when: str = ""


CALLED_OFF: Final = -1
"""Task number of an instruction that notifies of the request's withdrawal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInstruction:
    """An instruction to a processor, before it has a number.

    Args:
        processor: Its key in the register.
        name: Its name.
        role: What it is to the controller.
        channel: How it is reached.
        action: What it is asked to do.
        identifiers: What it is told of the person; empty where nothing is known by which it finds records.
        systems: The systems in which it works and the person's records were found.
        expected: How many of the person's records were found there.
        exclusions: What it has to keep.
        due_on: The day by which it has to prove it, in the controller's zone.
        task: The number of the task after which it is written, such as one to lift a restriction; 0 for what the
            request asks, and :data:`CALLED_OFF` where the request was taken back.
    """

    processor: str
    name: str
    role: ProcessorRole
    channel: ProcessorChannel
    action: Action
    identifiers: tuple[Identifier, ...] = field(repr=False)
    systems: tuple[str, ...]
    expected: int
    exclusions: tuple[Exclusion, ...]
    due_on: date
    task: int = 0

    @property
    def kinds(self) -> tuple[IdentifierKind, ...]:
        """Kinds of the identifiers in the instruction."""
        return tuple(dict.fromkeys(identifier.kind for identifier in self.identifiers))

    @property
    def has_text(self) -> bool:
        """True if there is a text to send: a call-off names no one, every other instruction has to name the person."""
        return bool(self.kinds) or self.action is Action.CALL_OFF


def fewest_identifiers(
    known: Collection[Identifier], kinds: Iterable[IdentifierKind], systems: Collection[str]
) -> tuple[Identifier, ...]:
    """Return the identifiers for a processor: the known ones of the first kind that it can search by.

    Args:
        known: What is known of the person, and of no other: the processor erases what it finds by it.
        kinds: The kinds that it can search by, the best one first.
        systems: The systems in which it works: account ids of others say nothing to it.
    """
    for kind in kinds:
        if found := sorted(
            identifier
            for identifier in known
            if identifier.kind is kind and (not identifier.issuer or identifier.issuer in systems)
        ):
            return tuple(found)
    return ()


def due_day(today: date, answers_within_days: int, work_to_on: date) -> date:
    """Return the day by which a processor has to prove its work.

    What was agreed, but a margin before the date to work to; where that is over, tomorrow, and in any case before the
    date to work to while that has not come.

    Args:
        today: The day on which it is asked, in the controller's zone.
        answers_within_days: What was agreed with it.
        work_to_on: The case's date to work to.
    """
    agreed = today + timedelta(days=answers_within_days)
    wanted = min(agreed, work_to_on - MARGIN)
    return wanted if wanted > today else max(today, min(today + _DAY, work_to_on - _DAY))


def involved(systems: Sequence[str], found: Mapping[str, int]) -> dict[str, int]:
    """The systems in which a processor works and the person's records were found, each with their number.

    Args:
        systems: The systems in which it works.
        found: How many of the person's records each system holds.
    """
    return {system: found[system] for system in systems if found.get(system)}
