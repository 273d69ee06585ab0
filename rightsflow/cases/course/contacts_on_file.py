"""E-mail addresses and telephone numbers that a system had on file before the request. None of them is stored."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import acting
from rightsflow.cases.step.limits import one_of_few
from rightsflow.domain.attribution import Candidate
from rightsflow.domain.connector import Connector
from rightsflow.domain.errors import BadInput, Conflict, ConnectorError
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.gates.identity import (
    masked,
    proves_all,
)
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.records import Fact, Located
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.store import CaseFile

_MOST_LOOKED_AT: Final = 500
"""The largest number of records read per system: profiles first, so that a page need not wait for all calls."""
_LONGEST_WAIT: Final = 20.0
_NOT_OWN: Final = frozenset({Fact.MENTION, Fact.SHARED})


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressOnFile:
    """An e-mail address that a system had on file before the request.

    Args:
        system: The system.
        since: The day of the record that names it; ``None`` where the system gives none.
        address: The address.
        choice: What stands for it on a page.
    """

    system: str
    since: date | None
    address: str = field(repr=False)
    choice: str

    @property
    def masked(self) -> str:
        """The address, of which only the beginnings are seen."""
        return masked(self.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnFileAnswer:
    """The systems' answer.

    Args:
        addresses: The addresses a code can be sent to.
        too_new: How many are left out since they came on file on the day of the request or after it.
        of_others: How many are left out since the request names what does not hang together with them.
        silent: The systems that did not answer.
    """

    addresses: tuple[AddressOnFile, ...] = ()
    too_new: int = 0
    of_others: int = 0
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """The request's identifiers, and the day it was received in the controller's zone."""

    case_id: str
    identifiers: Identifiers
    received_on: date


def addresses_on_file(app: App, case_id: str, *, by: str) -> OnFileAnswer:
    """Ask the systems which e-mail addresses they have on file for who asks; that they were asked is noted.

    Args:
        app: What it works with.
        case_id: The case.
        by: Who asks.

    Raises:
        BadInput: There is no such case.
        Conflict: Identity was decided already, or the case is closed.
    """
    asker = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        asked = _asked(file, app)
    located, silent = _located(app, asked)
    answer = _answer(app, asked, located, silent)
    with app.store.case_file(case_id) as file:
        file.ledger.append(
            CaseEvent.ADDRESSES_LOOKED_UP,
            actor=asker,
            systems=[connector for connector in app.connectors if connector not in silent],
            addresses=len(answer.addresses),
        )
    return answer


def refuse_unknown_there(app: App, case_id: str, held_by: str) -> None:
    """Refuse a check against something on file in a system that knows no one of the request's identifiers.

    A system that does not answer, or cannot search by them, says nothing.

    Args:
        app: What it works with.
        case_id: The case.
        held_by: The system, or the word for another place.

    Raises:
        BadInput: There is no such case, or the system holds nothing of who asks.
        Conflict: Identity was decided already, or the case is closed.
    """
    connector = app.connectors.get(held_by)
    with app.store.case_file(read_case_id(case_id)) as file:
        asked = _asked(file, app)
    if connector is None or not {item.kind.value for item in asked.identifiers} & connector.capabilities.searches:
        return
    with suppress(ConnectorError, TimeoutError):
        if not _found(app, connector, asked):
            raise BadInput(
                f"{held_by} holds nothing of the person by what the request names, so nothing on file there proves who "
                "they are; correct the identifiers, or say where else it is on file.",
                about="held_by",
            )


def reveal_address(app: App, case_id: str, choice: str, *, by: str, reason: str) -> str:
    """Show an address on file in clear, which is noted as every look at personal data is.

    Args:
        app: What it works with.
        case_id: The case.
        choice: What stands for the address.
        by: Who looks.
        reason: Why; kept encrypted.

    Raises:
        BadInput: There is no such case.
        Conflict: It is not on file any more.
    """
    address = chosen_address(addresses_on_file(app, case_id, by=by), choice)
    with app.store.case_file(case_id) as file:
        file.note_reveal(by=by, reason=reason)
    return address.address


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactOnFile:
    """A telephone number or e-mail address that a system had on file before the request, in clear.

    Args:
        system: The system.
        kind: What it is.
        value: It itself.
        since: The day of the record that names it; ``None`` where the system gives none.
    """

    system: str
    kind: IdentifierKind
    value: str = field(repr=False)
    since: date | None


def contacts_on_file(app: App, case_id: str, *, by: str) -> tuple[list[ContactOnFile], tuple[str, ...]]:
    """Return the numbers to call back and the addresses on file, and the systems that did not answer.

    Only those that hang together with everything the request names, and were on file before it. The caller notes the
    look, since the values are shown in clear.

    Args:
        app: What it works with.
        case_id: The case.
        by: Who asks.

    Raises:
        BadInput: There is no such case.
        Conflict: Identity was decided already, or the case is closed.
    """
    asker = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        asked = _asked(file, app)
    located, silent = _located(app, asked)
    found: dict[tuple[str, Identifier], date | None] = {}
    for kind in (IdentifierKind.PHONE, IdentifierKind.EMAIL):
        found |= _provable(located, asked, kind).on_file
    with app.store.case_file(case_id) as file:
        file.ledger.append(
            CaseEvent.ADDRESSES_LOOKED_UP,
            actor=asker,
            systems=[connector for connector in app.connectors if connector not in silent],
            addresses=len(found),
        )
    contacts = [
        ContactOnFile(system=system, kind=item.kind, value=item.value, since=since)
        for (system, item), since in found.items()
    ]
    return contacts, silent


def chosen_address(answer: OnFileAnswer, choice: str) -> AddressOnFile:
    """Return the address that was chosen."""
    chosen = next((address for address in answer.addresses if address.choice == choice), None)
    if chosen is None:
        raise Conflict("The address is not on file any more, or its system does not answer; look it up again.")
    return chosen


def refuse_decided(file: CaseFile) -> None:
    """Refuse to check the identity of a case that is past that.

    Args:
        file: The case file, open.

    Raises:
        Conflict: It is.
    """
    if file.state.is_settled or file.decisions.at(Gate.IDENTITY) is not None:
        raise Conflict(f"Identity was decided already, or {file.case_id} is closed; there is nothing to check.")


def _asked(file: CaseFile, app: App) -> _Asked:
    refuse_decided(file)
    given = frozenset(identifier for identifier in file.identifiers.asked_with() if identifier.is_searchable)
    received_on = file.received_at.astimezone(app.settings.controller.zone).date()
    return _Asked(file.case_id, given, received_on)


def _located(app: App, asked: _Asked) -> tuple[list[Located], tuple[str, ...]]:
    located: list[Located] = []
    silent: list[str] = []
    kinds = {identifier.kind.value for identifier in asked.identifiers}
    for system, connector in app.connectors.items():
        if not kinds & connector.capabilities.searches:
            continue
        try:
            located += _found(app, connector, asked)
        except (ConnectorError, TimeoutError):
            silent.append(system)
    return located, tuple(silent)


def _found(app: App, connector: Connector, asked: _Asked) -> list[Located]:
    with one_of_few(app, connector.system, asked.case_id, _LONGEST_WAIT):
        located = islice(connector.locate(asked.identifiers), _MOST_LOOKED_AT)
        # Whose a record is that belongs to another one, it does not say alone.
        return [identifier for identifier in located if not identifier.belongs_to and not identifier.is_context]


@dataclass(frozen=True, slots=True)
class _Provable:
    """Contacts on file by system, with the first day; those filed too late, and those of others."""

    on_file: dict[tuple[str, Identifier], date | None]
    too_new: set[Identifier]
    of_others: set[Identifier]


def _provable(located: Sequence[Located], asked: _Asked, kind: IdentifierKind) -> _Provable:
    candidates = [Candidate(key=str(number), owner=element.owner) for number, element in enumerate(located)]
    provable = _Provable({}, set(), set())
    for entry in located:
        for contact in _contacts(entry, kind):
            if not _is_proved(contact, entry, asked, candidates):
                provable.of_others.add(contact)
            elif entry.occurred_on is not None and entry.occurred_on >= asked.received_on:
                provable.too_new.add(contact)
            else:
                key = (entry.record.system, contact)
                provable.on_file[key] = _earlier(provable.on_file.get(key), entry.occurred_on)
    return provable


def _is_proved(contact: Identifier, entry: Located, asked: _Asked, candidates: Sequence[Candidate]) -> bool:
    """Return whether a contact hangs together with all that the request names; a number by what stands beside it."""
    by = [contact] if contact.is_strong else sorted(item for item in entry.owner if item.is_strong)
    return bool(by) and all(proves_all(item, asked.identifiers, candidates) for item in by)


def _answer(app: App, asked: _Asked, located: Sequence[Located], silent: tuple[str, ...]) -> OnFileAnswer:
    provable = _provable(located, asked, IdentifierKind.EMAIL)
    with app.store.case_file(asked.case_id) as file:
        choice = file.identity_codes.choice
        addresses = tuple(
            AddressOnFile(system=system, since=since, address=element.value, choice=choice(system, element.value))
            for (system, element), since in sorted(provable.on_file.items(), key=lambda item: item[0])
        )
    new = provable.too_new - {element for _, element in provable.on_file}
    return OnFileAnswer(addresses=addresses, too_new=len(new), of_others=len(provable.of_others), silent=silent)


def _contacts(located: Located, kind: IdentifierKind) -> list[Identifier]:
    """Return the contacts by which a record names its person; a mention in another person's record does not count."""
    return [] if located.facts & _NOT_OWN else [each for each in sorted(located.owner) if each.kind is kind]


def _earlier(value: date | None, other: date | None) -> date | None:
    return min(filter(None, (value, other)), default=None)
