"""The suppression list: who is put on it and taken off, and the answer to programs that ask: yes or no."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import acting
from rightsflow.cases.facts.persons import Sought, other_cases
from rightsflow.domain.erasure.suppression import (
    Suppression,
    SuppressionReason,
    listable,
    listed_until,
    read_contact,
)
from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifiers import Identifier, IdentifierKind
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.wording import counted
from rightsflow.store import CaseFile
from rightsflow.store.core.case_ledger import MACHINE

_GONE = frozenset({OutcomeKind.ERASED, OutcomeKind.REDACTED, OutcomeKind.RESIDUE, OutcomeKind.PSEUDONYMISED})
_AT_ONCE = 500


class Listed(StrEnum):
    """The answer to a program that asks about an address."""

    YES = "yes"
    NO = "no"
    INVALID = "invalid"
    """It is no e-mail address and no telephone number, so that no one can be reached by it."""


def are_suppressed(app: App, texts: Iterable[str]) -> Iterator[Listed]:
    """Yield the answer for each address or number, in order: on the suppression list, not on it, or invalid.

    Args:
        app: What it works with.
        texts: E-mail addresses and telephone numbers as they are written elsewhere; national numbers are read as those
            of the controller's country.
    """
    batch: list[Identifier | None] = []
    for text in texts:
        batch.append(_read(text, app))
        if len(batch) == _AT_ONCE:
            yield from _told(app, batch)
            batch = []
    yield from _told(app, batch)


def _read(text: str, app: App) -> Identifier | None:
    try:
        return read_contact(text, app.settings.controller.country)
    except BadInput:
        return None


def _told(app: App, batch: list[Identifier | None]) -> Iterator[Listed]:
    known = [item for item in batch if item is not None]
    listed = iter(app.store.suppressions.are_listed(known, app.today))
    for identifier in batch:
        if identifier is None:
            yield Listed.INVALID
        else:
            yield Listed.YES if next(listed) else Listed.NO


def suppress(app: App, person: Sought, *, by: str) -> str:
    """Put a person who objected to direct marketing on the list (Art. 21(3) GDPR); returns that in a sentence.

    Args:
        app: What it works with.
        person: The person's e-mail address and telephone number, as typed.
        by: Who records it.

    Raises:
        BadInput: Nothing is given, or something is not valid.
    """
    wanted, who = _contacts(app, person), acting(app, by)
    entry = _entry(app, SuppressionReason.OBJECTION)
    added = app.store.suppressions.add(wanted, entry, by=who)
    if not added:
        return "They are on the suppression list already."
    return f"On the suppression list from now on, without an end: {counted(added, 'address', 'addresses')}."


def unsuppress(app: App, person: Sought, *, reason: str, by: str) -> str:
    """Take a person off the list who wants that, after the warning what it means; returns that in a sentence.

    Args:
        app: What it works with.
        person: The person's e-mail address and telephone number, as typed.
        reason: How and when the person asked for it; only its keyed hash is kept.
        by: Who does it.

    Raises:
        BadInput: Nothing or no reason is given, or something is not valid.
    """
    if not reason.strip():
        raise BadInput("The reason is missing; say how and when the person asked for it.")
    wanted, who = _contacts(app, person), acting(app, by)
    (hashed,) = app.store.keyed_names("suppression/reason", [" ".join(reason.split())])
    removed = app.store.suppressions.remove(wanted, hashed, by=who)
    if not removed:
        return "They were not on the suppression list."
    return f"Off the suppression list: {counted(removed, 'entry', 'entries')}. A new import can reach the person again."


def suppress_erased(app: App, case_id: str) -> None:
    """Put the person of an erasure on the list, where the controller wants that and something was erased.

    Numbers that other people use too are left out: they would be kept from being called as well.

    Args:
        app: What it works with.
        case_id: The case.
    """
    if not app.settings.suppression.after_erasure:
        return
    with app.store.case_file(case_id) as file:
        # Whom a controller has erased stays out of that controller's imports, which are not ours.
        is_own = file.right is Right.ERASURE and not file.orders.is_one
        is_erased = is_own and any(finding.outcome in _GONE for finding in file.findings.all())
        own = listable(file.identifiers.of_no_other()) if is_erased else ()
    if own:
        app.store.suppressions.add(own, _entry(app, SuppressionReason.ERASURE, case_id), by=MACHINE)


def keep_from_advertising(app: App, case_id: str) -> int:
    """Put who objects or withdraws consent on the list as soon as the request is in; returns how many addresses.

    Nothing is weighed and no identity is checked for it (Art. 21(3) GDPR): who is put on it by mistake gets less
    advertising, and is taken off on a word. Numbers that other people use too are left out. Done again, it adds what
    was learnt since.

    Args:
        app: What it works with.
        case_id: The case.
    """
    with app.store.case_file(case_id) as file:
        is_own = file.right.keeps_from_advertising and not file.orders.is_one
        own = listable(file.identifiers.of_no_other()) if is_own else ()
        reason = SuppressionReason.CONSENT if file.right is Right.CONSENT else SuppressionReason.OBJECTION
    if not own:
        return 0
    added = app.store.suppressions.add(own, _entry(app, reason, case_id), by=MACHINE)
    with app.store.case_file(case_id) as file:
        # Also where a run was cut short between the list and the ledger.
        if added or not any(file.ledger.entries(CaseEvent.KEPT_FROM_ADVERTISING)):
            file.ledger.append(CaseEvent.KEPT_FROM_ADVERTISING, addresses=len(own), added=added)
    return added


def listed_of(file: CaseFile, app: App) -> list[Suppression]:
    """Return the suppression entries of a case's person that the person is told of.

    Not that a telephone number is on it where it was put there in another's case, or by itself: who shares the number
    would learn that another person objected.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    held = [] if file.orders.is_one else file.suppressions.held(app.today)
    if all(item.kind is IdentifierKind.EMAIL for item in held):
        return held
    own = {file.case_id, *other_cases(file).same}
    # Who put both on the list together, as one person's, has said that they are.
    beside = {(item.reason, item.added_on) for item in held if item.kind is IdentifierKind.EMAIL}
    return [
        item
        for item in held
        if item.kind is IdentifierKind.EMAIL or item.case_id in own or (item.reason, item.added_on) in beside
    ]


def _contacts(app: App, person: Sought) -> tuple[Identifier, ...]:
    wanted = listable(person.read(app))
    if not wanted:
        raise BadInput(
            "The list holds e-mail addresses, telephone numbers and declared identifiers of one person; give one."
        )
    return wanted


def _entry(app: App, reason: SuppressionReason, case_id: str = "") -> Suppression:
    # The kind is that of each address which is put on the list.
    until = listed_until(reason, app.today, app.settings.suppression.months)
    return Suppression(kind=IdentifierKind.EMAIL, reason=reason, added_on=app.today, until=until, case_id=case_id)
