"""Instructions of a case: their recipients, due days and exclusions, under a legal hold too. Pure.

A hold stops an erasure wherever the records are (Art. 17(3)(e) GDPR): processors are told to keep them and to use them
for nothing else. Each recipient to whom data were disclosed is told of an erasure, a restriction and a rectification
(Art. 19 GDPR): one with a section in the register by the software, any other by a person, as a task of the case.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from rightsflow.domain.case.holds import RELEASED, HoldScope
from rightsflow.domain.identifiers import Identifier, IdentifierKind
from rightsflow.domain.law import Law
from rightsflow.domain.people import folded
from rightsflow.domain.processors.terms import Action, ProcessorChannel, ProcessorRole
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.rights import ERASING, Right

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

    What was agreed, but a margin before the target date; where that is over, tomorrow, and in any case before the
    target date while that has not come.

    Args:
        today: The day on which it is asked, in the controller's zone.
        answers_within_days: What was agreed with it.
        work_to_on: The case's target date.
    """
    agreed = today + timedelta(days=answers_within_days)
    wanted = min(agreed, work_to_on - MARGIN)
    return wanted if wanted > today else max(today, min(today + _DAY, work_to_on - _DAY))


def involved(systems: Sequence[str], found: Mapping[str, int]) -> dict[str, int]:
    """Return the systems where a processor works and the person's records were found, each with their number.

    Args:
        systems: The systems in which it works.
        found: How many of the person's records each system holds.
    """
    return {system: found[system] for system in systems if found.get(system)}


EVERYTHING: Final = "every record that you find under these"
"""Records to keep under a hold that names no category, in the words of an instruction."""
_REMOVES: Final = frozenset({Action.ERASE, Action.STOP_MARKETING, Action.END_CONSENT})
GONE: Final = frozenset(
    {OutcomeKind.ERASED, OutcomeKind.REDACTED, OutcomeKind.RESIDUE, OutcomeKind.PSEUDONYMISED, OutcomeKind.DELEGATED}
)
"""Outcomes of which recipients are told as an erasure, wholly or in part."""


def action_under_hold(
    action: Action, scopes: Sequence[HoldScope], systems: Collection[str], categories: Collection[str]
) -> Action:
    """Return the action for a recipient: a restriction instead of an erasure if holds cover all its data.

    Args:
        action: What the request asks of them.
        scopes: The scopes of the holds in force that cover the case.
        systems: The systems in which they work; none for a colleague, who looks in a system of their own.
        categories: Which data they have, in the words of the record of processing.
    """
    is_whole = bool(scopes) and _covers_all(scopes, systems, categories)
    return Action.RESTRICT if action is Action.ERASE and is_whole else action


def kept_under_hold(
    action: Action, scopes: Sequence[HoldScope], systems: Collection[str], law: Law
) -> tuple[Exclusion, ...]:
    """Return the exclusions for a recipient under the holds, without repetition.

    Args:
        action: What they are asked to do.
        scopes: The scopes of the holds in force that cover the case.
        systems: The systems in which they work.
        law: The law that the case comes under.
    """
    if action not in _REMOVES:
        return ()
    provision = f"Art. 17(3)(e) {law.name}"
    named = dict.fromkeys(_words(scopes, systems))
    return tuple(Exclusion(category=word, provision=provision, ends_when=RELEASED) for word in named)


def _covers_all(scopes: Sequence[HoldScope], systems: Collection[str], categories: Collection[str]) -> bool:
    """Return whether the holds cover everything that the processor has."""
    whole = [scope for scope in scopes if not scope.system or set(systems) == {scope.system}]
    named = {scope.category.casefold() for scope in whole}
    return "" in named or {category.casefold() for category in categories} <= named


def _words(scopes: Sequence[HoldScope], systems: Collection[str]) -> Iterator[str]:
    for scope in scopes:
        if scope.system and scope.system not in systems:
            continue
        where = f" in {scope.system}" if scope.system and len(systems) > 1 else ""
        yield f"{scope.category or EVERYTHING}{where}"


_TASK: Final = re.compile(r"Tell (.+) of the (?:erasure|restriction|rectification), or note why that is impossible ")
_MATTERS: Final = {Right.RESTRICTION: "restriction", Right.RECTIFICATION: "rectification"}


def is_named(recipient: str, name: str) -> bool:
    """Return whether a recipient is a company, with or without its role in brackets.

    Args:
        recipient: The recipient, in the words of the record of processing.
        name: The company's name.
    """
    plain, other = folded(name), folded(recipient)
    return other == plain or other.startswith(f"{plain} (")


def without_section(recipients: Iterable[str], told: Collection[str]) -> tuple[str, ...]:
    """Return the independent recipients that no section covers.

    One that is named as a processor, such as ``"Zendesk (processor)"``, runs the system in which the software erases,
    or has a section by which it is instructed.

    Args:
        recipients: The recipients of a system.
        told: The names of the companies with a section that names the system, and of their sub-processors.
    """
    own = (recipient for recipient in recipients if not _is_processor(recipient))
    return tuple(recipient for recipient in own if not any(is_named(recipient, name) for name in told))


def _is_processor(recipient: str) -> bool:
    """Return whether a recipient is named as a processor, and as nothing else."""
    what = folded(recipient).partition("(")[2]
    return "processor" in what and "controller" not in what


def _matter_of(right: Right) -> str:
    """Return the subject of the notices: the erasure, the restriction or the rectification."""
    return _MATTERS.get(right, "erasure")


def is_told_of(right: Right, outcome: OutcomeKind | None, *, is_stored_only: bool) -> bool:
    """Return whether recipients are notified of a record's outcome.

    Args:
        right: What the person asked for.
        outcome: What became of the record.
        is_stored_only: Whether it is stored and used for nothing else, by a mark or by a person.
    """
    if right in ERASING:
        return outcome in GONE
    if right is Right.RESTRICTION:
        return is_stored_only
    return right is Right.RECTIFICATION and outcome is OutcomeKind.RECTIFIED


@dataclass(frozen=True, slots=True, kw_only=True)
class ToTell:
    """A recipient that a person has to notify.

    Args:
        name: The recipient, in the words of the record of processing.
        system: The system whose data it got.
        categories: What it is told of: each category with its number of records.
    """

    name: str
    system: str
    categories: Mapping[str, int]

    def task(self, right: Right, law: str) -> str:
        """Return the task in words without personal data.

        Args:
            right: What the person asked for.
            law: The law, as it is cited.
        """
        of = ", ".join(f"{category} ({count:,})" for category, count in sorted(self.categories.items()))
        return f"Tell {self.name} of the {_matter_of(right)}, or note why that is impossible (Art. 19 {law}): {of}."


def told_by_task(what: str) -> str:
    """Return the recipient that a task asks a person to notify; empty for any other task.

    Args:
        what: What there is to do, in the words of the task.
    """
    match = _TASK.match(what)
    return match[1] if match else ""


def to_tell(done: Iterable[tuple[str, str]], recipients: Mapping[str, Collection[str]]) -> Iterator[ToTell]:
    """Yield the recipients that a person has to notify, once for each system.

    Args:
        done: System and category of each record of which recipients are told.
        recipients: The recipients without a section, by system.
    """
    by_system: dict[str, Counter[str]] = {}
    for system, category in done:
        by_system.setdefault(system, Counter())[category] += 1
    for system, categories in sorted(by_system.items()):
        for name in recipients.get(system, ()):
            yield ToTell(name=name, system=system, categories=categories)
