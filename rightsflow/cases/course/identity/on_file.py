"""The requester's e-mail addresses that systems had on file before the request; none of them is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import acting
from rightsflow.cases.step.limits import one_of_few
from rightsflow.domain.attribution import Candidate
from rightsflow.domain.connector import Connector
from rightsflow.domain.errors import Conflict, ConnectorError
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.gates.identity import masked, proves_all
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
    found = chosen(addresses_on_file(app, case_id, by=by), choice)
    with app.store.case_file(case_id) as file:
        file.note_reveal(by=by, reason=reason)
    return found.address


def chosen(answer: OnFileAnswer, choice: str) -> AddressOnFile:
    """The address that was chosen.

    Args:
        answer: What the systems say now.
        choice: What stands for it.

    Raises:
        Conflict: It is not on file any more.
    """
    found = next((address for address in answer.addresses if address.choice == choice), None)
    if found is None:
        raise Conflict("The address is not on file any more, or its system does not answer; look it up again.")
    return found


def refuse_decided(file: CaseFile) -> None:
    """Refuse to check the identity of a case that is past that.

    Args:
        file: The case file, open.

    Raises:
        Conflict: Identity was decided, or the case is closed.
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


def _answer(app: App, asked: _Asked, located: Sequence[Located], silent: tuple[str, ...]) -> OnFileAnswer:
    candidates = [Candidate(key=str(number), owner=element.owner) for number, element in enumerate(located)]
    given = asked.identifiers
    found: dict[tuple[str, Identifier], date | None] = {}
    too_new, of_others = set[Identifier](), set[Identifier]()
    for entry in located:
        for address in _addresses(entry):
            if not proves_all(address, given, candidates):
                of_others.add(address)
            elif entry.occurred_on is not None and entry.occurred_on >= asked.received_on:
                too_new.add(address)
            else:
                key = (entry.record.system, address)
                found[key] = _earlier(found.get(key), entry.occurred_on)
    with app.store.case_file(asked.case_id) as file:
        choice = file.identity_codes.choice
        addresses = tuple(
            AddressOnFile(system=system, since=since, address=element.value, choice=choice(system, element.value))
            for (system, element), since in sorted(found.items(), key=lambda item: item[0])
        )
    new = too_new - {element for _, element in found}
    return OnFileAnswer(addresses=addresses, too_new=len(new), of_others=len(of_others), silent=silent)


def _addresses(located: Located) -> list[Identifier]:
    """The addresses by which a record names the person it belongs to; a mention in another's says nothing."""
    return (
        []
        if located.facts & _NOT_OWN
        else [each for each in sorted(located.owner) if each.kind is IdentifierKind.EMAIL]
    )


def _numbers(identifiers: Identifiers) -> Identifiers:
    return frozenset(identifier for identifier in identifiers if identifier.kind is IdentifierKind.PHONE)


def _earlier(value: date | None, other: date | None) -> date | None:
    return min(filter(None, (value, other)), default=None)
